#include "os/memory.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nprocs::os {
namespace {

constexpr long kRemovalPollNs = 200 * 1000;
constexpr int kOpenPolls = 10000;  // 2 s: a remover holds its exclusive lock for microseconds, a sweep for milliseconds
constexpr int kRemovalPolls = 500;  // 0.1 s: what is not removed now, the next sweep removes

int CloseKeepingErrno(int fd) {
  int saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

int Map(int fd, size_t size, Mapping* out) {
  void* address = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return -1;
  out->address = address;
  out->size = size;
  return 0;
}

// Not a blocking flock: a remover that was stopped half-way must not stop us for ever.
int LockShared(int fd, int polls) {
  for (int i = 0; i < polls; i++) {
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) return 0;
    if (errno != EWOULDBLOCK && errno != EINTR) return -1;
    timespec pause = {0, kRemovalPollNs};
    nanosleep(&pause, nullptr);
  }
  errno = ETIMEDOUT;
  return -1;
}

// Who has the file alone is waited for, so that EWOULDBLOCK means a holder, and never another one who is only looking
// whether it can be removed. Of several who try at once the last has let go of its shared lock when it asks for the
// exclusive one, so one of them gets it.
int LockExclusive(int fd, int polls) {
  struct stat status;
  if (LockShared(fd, polls) != 0 || fstat(fd, &status) != 0) return -1;
  if (status.st_nlink == 0) {
    errno = ENOENT;
    return -1;
  }
  return flock(fd, LOCK_EX | LOCK_NB);
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

int CreateUnnamed(const char* directory, size_t size, Mapping* out) {
  int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return -1;
  int reserved;
  do {
    reserved = fallocate(fd, 0, 0, static_cast<off_t>(size));
  } while (reserved != 0 && errno == EINTR);
  if (reserved != 0 || flock(fd, LOCK_SH | LOCK_NB) != 0 || Map(fd, size, out) != 0) return CloseKeepingErrno(fd);
  out->fd = fd;
  return 0;
}

int CreateFilled(const char* directory, const void* head, size_t head_size, const void* data, size_t data_size, Mapping* out) {
  int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return -1;
  if (WriteAll(fd, head, head_size) != 0 || WriteAll(fd, data, data_size) != 0) return CloseKeepingErrno(fd);
  if (flock(fd, LOCK_SH | LOCK_NB) != 0 || Map(fd, head_size + data_size, out) != 0) return CloseKeepingErrno(fd);
  out->fd = fd;
  return 0;
}

int LinkAs(Mapping* mapping, const char* path) {
  char self[40];
  snprintf(self, sizeof self, "/proc/self/fd/%d", mapping->fd);
  if (linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0) return -1;
  close(mapping->fd);
  mapping->fd = -1;
  return 0;
}

int OpenRegular(const char* path, int access, Owner owner) {
  struct stat before, status;
  // Opening is an act of its own for what is no regular file.
  if (lstat(path, &before) != 0) return -1;
  if (!S_ISREG(before.st_mode)) {
    errno = EINVAL;
    return -1;
  }
  if (owner == Owner::kThisUser && before.st_uid != geteuid()) {
    errno = EACCES;
    return -1;
  }
  const int fd = open(path, access | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ELOOP || errno == EISDIR || errno == ENXIO) errno = EINVAL;
    return -1;
  }
  if (fstat(fd, &status) != 0) return CloseKeepingErrno(fd);
  if (S_ISREG(status.st_mode) && status.st_uid == before.st_uid) return fd;
  errno = EINVAL;  // somebody has put something else there meanwhile
  return CloseKeepingErrno(fd);
}

int OpenHeld(const char* path, size_t max_size, Owner owner, Mapping* out) {
  int fd = OpenRegular(path, O_RDWR, owner);
  if (fd < 0) return -1;
  struct stat status;
  if (LockShared(fd, kOpenPolls) != 0 || fstat(fd, &status) != 0) return CloseKeepingErrno(fd);
  if (status.st_nlink == 0) {  // removed between open and lock
    errno = ENOENT;
    return CloseKeepingErrno(fd);
  }
  if (status.st_size == 0) {
    errno = EINVAL;
    return CloseKeepingErrno(fd);
  }
  size_t size = static_cast<size_t>(status.st_size);
  if (Map(fd, max_size > 0 && max_size < size ? max_size : size, out) != 0) return CloseKeepingErrno(fd);
  close(fd);
  return 0;
}

void Unmap(Mapping* mapping) {
  if (mapping->fd >= 0) close(mapping->fd);
  mapping->fd = -1;
  if (mapping->address != nullptr) munmap(mapping->address, mapping->size);
  mapping->address = nullptr;
}

int OpenShared(const char* path) {
  int fd = OpenRegular(path, O_RDWR, Owner::kThisUser);
  if (fd < 0) return -1;
  struct stat status;
  if (LockShared(fd, kOpenPolls) != 0 || fstat(fd, &status) != 0) return CloseKeepingErrno(fd);
  if (status.st_nlink == 0) {
    errno = ENOENT;
    return CloseKeepingErrno(fd);
  }
  return fd;
}

int OpenExclusive(const char* path) {
  int fd = OpenRegular(path, O_RDWR, Owner::kThisUser);
  if (fd < 0) return -1;
  return LockExclusive(fd, kOpenPolls) == 0 ? fd : CloseKeepingErrno(fd);
}

int RemoveIfUnused(const char* path, size_t offset, size_t words) {
  int fd = OpenRegular(path, O_RDWR, Owner::kThisUser);
  if (fd < 0) return errno == ENOENT ? 1 : -1;
  if (LockExclusive(fd, kRemovalPolls) != 0) {
    CloseKeepingErrno(fd);
    return errno == ENOENT ? 1 : errno == EWOULDBLOCK || errno == ETIMEDOUT ? 0 : -1;
  }
  bool needed = false;
  uint64_t chunk[128];
  for (size_t i = 0; i < words && !needed; i += 128) {
    size_t wanted = std::min<size_t>(words - i, 128);
    ssize_t got = pread(fd, chunk, wanted * sizeof *chunk, static_cast<off_t>(offset + i * sizeof *chunk));
    for (size_t k = 0; got > 0 && k < static_cast<size_t>(got) / sizeof *chunk; k++) needed = needed || chunk[k] != 0;
  }
  int result = needed ? 0 : unlink(path) == 0 || errno == ENOENT ? 1 : -1;
  if (result < 0) return CloseKeepingErrno(fd);
  close(fd);
  return result;
}

bool Exists(const char* path) { return access(path, F_OK) == 0; }

void* ForkGuardPage() {
  size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (madvise(page, size, MADV_WIPEONFORK) != 0) {
    munmap(page, size);
    return nullptr;
  }
  return page;
}

void FreeForkGuardPage(void* page) { munmap(page, static_cast<size_t>(sysconf(_SC_PAGESIZE))); }

uint64_t Random64() {
  uint64_t value = 0;
  while (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) {
  }
  return value;
}

}  // namespace nprocs::os
