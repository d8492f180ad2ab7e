// os/extent.h on Linux: fallocate reserves a part of a file, and punches a hole to give it back.
#include "os/extent.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "os/linux/call.h"
#include "os/memory.h"

namespace nprocs::os {

namespace {

// Opens for the time of one call: a shared object's file is held by its mapping, not by a descriptor.
class Opened {
 public:
  explicit Opened(const char* path) : fd_(OpenRegular(path, O_RDWR, Owner::kThisUser)) {}
  ~Opened() {
    if (fd_ >= 0) close(fd_);
  }
  // -errno when it could not be opened.
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

int ReserveExtent(const char* path, int64_t offset, int64_t size) {
  const Opened file(path);
  return file.fd() < 0 ? file.fd() : ReserveExtent(file.fd(), offset, size);
}

int ReserveExtent(int fd, int64_t offset, int64_t size) {
  return Repeat([&] { return fallocate(fd, 0, offset, size); });
}

int MapExtent(const char* path, int64_t offset, size_t size, void** address) {
  const Opened file(path);
  return file.fd() < 0 ? file.fd() : MapExtent(file.fd(), offset, size, address);
}

int MapExtent(int fd, int64_t offset, size_t size, void** address) {
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
  if (mapped == MAP_FAILED) return -errno;
  *address = mapped;
  return 0;
}

void UnmapExtent(void* address, size_t size) { munmap(address, size); }

int ReleaseExtent(const char* path, int64_t offset, int64_t size) {
  const Opened file(path);
  return file.fd() < 0 ? file.fd() : ReleaseExtent(file.fd(), offset, size);
}

int ReleaseExtent(int fd, int64_t offset, int64_t size) {
  return Repeat([&] { return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size); });
}

}  // namespace nprocs::os
