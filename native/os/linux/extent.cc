#include "os/extent.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "os/memory.h"

namespace nprocs::os {

namespace {

// Opens for the time of one call: a shared object's file is held by its mapping, not by a descriptor.
class Opened {
 public:
  explicit Opened(const char* path) : fd_(OpenRegular(path, O_RDWR, Owner::kThisUser)) {}
  ~Opened() {
    const int saved = errno;
    if (fd_ >= 0) close(fd_);
    errno = saved;
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

int Allocate(int fd, int mode, int64_t offset, int64_t size) {
  int result;
  do result = fallocate(fd, mode, offset, size);
  while (result < 0 && errno == EINTR);
  return result;
}

}  // namespace

int ReserveExtent(const char* path, int64_t offset, int64_t size) {
  const Opened file(path);
  return file.fd() < 0 ? -1 : Allocate(file.fd(), 0, offset, size);
}

int MapExtent(const char* path, int64_t offset, size_t size, void** address) {
  const Opened file(path);
  if (file.fd() < 0) return -1;
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd(), offset);
  if (mapped == MAP_FAILED) return -1;
  *address = mapped;
  return 0;
}

void UnmapExtent(void* address, size_t size) { munmap(address, size); }

int ReleaseExtent(const char* path, int64_t offset, int64_t size) {
  const Opened file(path);
  return file.fd() < 0 ? -1 : Allocate(file.fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size);
}

}  // namespace nprocs::os
