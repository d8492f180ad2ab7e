// os/memory.h on Linux: files in /dev/shm, prepared without a name (O_TMPFILE) and held by a shared flock.
#include "os/memory.h"

#include <algorithm>
#include <cstdio>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "os/linux/call.h"

namespace nprocs::os {
namespace {

constexpr long kRemovalPollNs = 200 * 1000;
constexpr int kOpenPolls = 10000;  // 2 s: a remover holds its exclusive lock for microseconds, a sweep for milliseconds
constexpr int kRemovalPolls = 500;  // 0.1 s: what is not removed now, the next sweep removes

int Map(int fd, size_t size, Mapping* out) {
  void* address = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return -errno;
  out->address = address;
  out->size = size;
  return 0;
}

// Not a blocking flock: a remover that was stopped half-way must not stop us for ever.
int LockShared(int fd, int polls) {
  for (int i = 0; i < polls; i++) {
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) return 0;
    if (errno != EWOULDBLOCK && errno != EINTR) return -errno;
    timespec pause = {0, kRemovalPollNs};
    nanosleep(&pause, nullptr);
  }
  return -ETIMEDOUT;
}

// With its status, once it is locked and while it has its name: -ENOENT when it has been removed between open and lock.
int LockNamed(int fd, int polls, struct stat* status) {
  const int error = LockShared(fd, polls);
  if (error < 0) return error;
  if (fstat(fd, status) != 0) return -errno;
  return status->st_nlink == 0 ? -ENOENT : 0;
}

// Who has the file alone is waited for, so that EWOULDBLOCK means a holder, and never another one who is only looking
// whether it can be removed. Of several who try at once the last has let go of its shared lock when it asks for the
// exclusive one, so one of them gets it.
int LockExclusive(int fd, int polls) {
  struct stat status;
  const int error = LockNamed(fd, polls, &status);
  return error < 0 ? error : OrErrno(flock(fd, LOCK_EX | LOCK_NB));
}

int WriteAll(int fd, const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = Repeat([&] { return write(fd, at, size); });
    if (written < 0) return static_cast<int>(written);
    at += written;
    size -= static_cast<size_t>(written);
  }
  return 0;
}

// The last step of making a file.
int HoldAndMap(int fd, size_t size, Mapping* out) {
  int error = OrErrno(flock(fd, LOCK_SH | LOCK_NB));
  if (error == 0) error = Map(fd, size, out);
  if (error < 0) return CloseWith(error, fd);
  out->fd = fd;
  return 0;
}

}  // namespace

int CreateUnnamed(const char* directory, size_t size, Mapping* out) {
  int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  const int error = Repeat([&] { return fallocate(fd, 0, 0, static_cast<off_t>(size)); });
  return error < 0 ? CloseWith(error, fd) : HoldAndMap(fd, size, out);
}

int CreateFilled(const char* directory, const void* head, size_t head_size, const void* data, size_t data_size, Mapping* out) {
  int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  int error = WriteAll(fd, head, head_size);
  if (error == 0) error = WriteAll(fd, data, data_size);
  return error < 0 ? CloseWith(error, fd) : HoldAndMap(fd, head_size + data_size, out);
}

int LinkDescriptor(int fd, const char* path) {
  char self[40];
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  return OrErrno(linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
}

int LinkAs(Mapping* mapping, const char* path) {
  if (const int error = LinkDescriptor(mapping->fd, path); error < 0) return error;
  close(mapping->fd);
  mapping->fd = -1;
  return 0;
}

int Adopt(int fd, size_t max_size, Mapping* out) {
  struct stat status;
  if (fstat(fd, &status) != 0) return -errno;
  const size_t size = static_cast<size_t>(status.st_size);
  return Map(fd, max_size > 0 && max_size < size ? max_size : size, out);
}

int OpenRegular(const char* path, int access, Owner owner) {
  struct stat before, status;
  // Opening is an act of its own for what is no regular file.
  if (lstat(path, &before) != 0) return -errno;
  if (!S_ISREG(before.st_mode)) return -EINVAL;
  if (owner == Owner::kThisUser && before.st_uid != geteuid()) return -EACCES;
  const int fd = open(path, access | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return errno == ELOOP || errno == EISDIR || errno == ENXIO ? -EINVAL : -errno;
  if (fstat(fd, &status) != 0) return CloseFailed(fd);
  // Somebody may have put something else there meanwhile.
  return S_ISREG(status.st_mode) && status.st_uid == before.st_uid ? fd : CloseWith(-EINVAL, fd);
}

int OpenHeld(const char* path, size_t max_size, Owner owner, Mapping* out) {
  int fd = OpenRegular(path, O_RDWR, owner);
  if (fd < 0) return fd;
  struct stat status;
  int error = LockNamed(fd, kOpenPolls, &status);
  if (error == 0 && status.st_size == 0) error = -EINVAL;
  const size_t size = error < 0 ? 0 : static_cast<size_t>(status.st_size);
  if (error == 0) error = Map(fd, max_size > 0 && max_size < size ? max_size : size, out);
  return CloseWith(error, fd);
}

void Unmap(Mapping* mapping) {
  if (mapping->fd >= 0) close(mapping->fd);
  mapping->fd = -1;
  if (mapping->address != nullptr) munmap(mapping->address, mapping->size);
  mapping->address = nullptr;
}

int OpenShared(const char* path) {
  int fd = OpenRegular(path, O_RDWR, Owner::kThisUser);
  if (fd < 0) return fd;
  struct stat status;
  const int error = LockNamed(fd, kOpenPolls, &status);
  return error < 0 ? CloseWith(error, fd) : fd;
}

int OpenExclusive(const char* path) {
  int fd = OpenRegular(path, O_RDWR, Owner::kThisUser);
  if (fd < 0) return fd;
  const int error = LockExclusive(fd, kOpenPolls);
  return error < 0 ? CloseWith(error, fd) : fd;
}

int RemoveIfUnused(const char* path, size_t offset, size_t words) {
  int fd = OpenRegular(path, O_RDWR, Owner::kThisUser);
  if (fd < 0) return fd == -ENOENT ? 1 : fd;
  const int error = LockExclusive(fd, kRemovalPolls);
  if (error < 0) return CloseWith(error == -ENOENT ? 1 : error == -EWOULDBLOCK || error == -ETIMEDOUT ? 0 : error, fd);
  bool needed = false;
  uint64_t chunk[128];
  for (size_t i = 0; i < words && !needed; i += 128) {
    size_t wanted = std::min<size_t>(words - i, 128);
    ssize_t got = pread(fd, chunk, wanted * sizeof *chunk, static_cast<off_t>(offset + i * sizeof *chunk));
    for (size_t k = 0; got > 0 && k < static_cast<size_t>(got) / sizeof *chunk; k++) needed = needed || chunk[k] != 0;
  }
  return CloseWith(needed ? 0 : unlink(path) == 0 || errno == ENOENT ? 1 : -errno, fd);
}

bool Exists(const char* path) { return access(path, F_OK) == 0; }

int ForkGuardPage(void** out) {
  size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return -errno;
  const int error = OrErrno(madvise(page, size, MADV_WIPEONFORK));
  if (error < 0) munmap(page, size);
  *out = page;
  return error;
}

void FreeForkGuardPage(void* page) { munmap(page, static_cast<size_t>(sysconf(_SC_PAGESIZE))); }

uint64_t Random64() {
  uint64_t value = 0;
  while (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) {
  }
  return value;
}

}  // namespace nprocs::os
