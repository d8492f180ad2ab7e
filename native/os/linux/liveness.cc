#include "os/liveness.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nprocs::os {
namespace {

// A mount option of /proc (hidepid) hides the processes of other users.
bool IsThere(int32_t pid) { return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM); }

// The digits in what a link in /proc refers to; -1 with errno.
int64_t NumberInLink(const char* path) {
  char text[64];
  const ssize_t length = readlink(path, text, sizeof text - 1);
  if (length < 0) return -1;
  text[length] = 0;
  return atoll(text + strcspn(text, "0123456789"));
}

}  // namespace

int64_t PidNamespace() {
  const int64_t self = NumberInLink("/proc/self");
  if (self < 0 || self == getpid()) return self < 0 ? -1 : NumberInLink("/proc/self/ns/pid");
  errno = EXDEV;
  return -1;
}

int64_t ProcessStartTime(int32_t pid) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) errno = IsThere(pid) ? EACCES : ESRCH;
    return -1;
  }
  char text[1024];
  ssize_t length;
  do {
    length = read(fd, text, sizeof text - 1);
  } while (length < 0 && errno == EINTR);
  int saved = errno;
  close(fd);
  errno = length < 0 ? saved : ESRCH;
  if (length <= 0) return -1;
  text[length] = '\0';
  // The command's name is in parentheses and may contain any byte, so count fields from the last parenthesis: state is
  // the 3rd, start time the 22nd.
  char* at = strrchr(text, ')');
  if (at == nullptr) return -1;
  at += 2;
  if (*at == 'Z' || *at == 'X' || *at == 'x') return -1;
  for (int field = 3; field < 22; field++) {
    at = strchr(at, ' ');
    if (at == nullptr) return -1;
    at++;
  }
  return strtoll(at, nullptr, 10);
}

int32_t ProcessId() { return getpid(); }
int32_t ThreadId() { return static_cast<int32_t>(syscall(SYS_gettid)); }

}  // namespace nprocs::os
