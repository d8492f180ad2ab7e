// os/liveness.h on Linux: /proc tells when a process began and in which pid namespace this one is.
#include "os/liveness.h"

#include <cstdlib>
#include <cstring>

#include <signal.h>
#include <sys/syscall.h>

#include "os/linux/proc_stat.h"

namespace nprocs::os {
namespace {

// A mount option of /proc (hidepid) hides the processes of other users.
bool IsThere(int32_t pid) { return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM); }

// The digits in what a link in /proc refers to.
int64_t NumberInLink(const char* path) {
  char text[64];
  const ssize_t length = readlink(path, text, sizeof text - 1);
  if (length < 0) return -errno;
  text[length] = 0;
  return atoll(text + strcspn(text, "0123456789"));
}

}  // namespace

int64_t PidNamespace() {
  const int64_t self = NumberInLink("/proc/self");
  if (self < 0) return self;
  return self == getpid() ? NumberInLink("/proc/self/ns/pid") : -EXDEV;
}

int64_t ProcessStartTime(int32_t pid) {
  const ProcStat stat(pid);
  if (stat.error() == -ENOENT) return IsThere(pid) ? -EACCES : -ESRCH;
  if (stat.error() < 0) return stat.error();
  const char* start_time = stat.Field(22);
  const bool is_dead = stat.state() == 'Z' || stat.state() == 'X' || stat.state() == 'x';
  return start_time == nullptr || is_dead ? -ESRCH : strtoll(start_time, nullptr, 10);
}

int32_t ProcessId() { return getpid(); }
int32_t ThreadId() { return static_cast<int32_t>(syscall(SYS_gettid)); }

}  // namespace nprocs::os
