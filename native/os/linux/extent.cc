#include "os/extent.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace nprocs::os {

namespace {

// Opens for the time of one call: a shared object's file is held by its mapping, not by a descriptor.
class Opened {
 public:
  explicit Opened(const char* path) : fd_(open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)) {}
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

int WriteAll(int fd, const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(fd, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -1;
    at += written;
    size -= static_cast<size_t>(written);
  }
  return 0;
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

int WriteFile(const char* directory, const char* path, const void* head, size_t head_size, const void* data, size_t size) {
  const int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return -1;
  char link_to[32];
  std::snprintf(link_to, sizeof link_to, "/proc/self/fd/%d", fd);
  int result = WriteAll(fd, head, head_size);
  if (result == 0) result = WriteAll(fd, data, size);
  if (result == 0) result = linkat(AT_FDCWD, link_to, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
  const int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

}  // namespace nprocs::os
