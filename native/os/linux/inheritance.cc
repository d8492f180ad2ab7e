// os/inheritance.h on Linux, from /proc and by prctl, prlimit and their like.
#include "os/inheritance.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nprocs::os {
namespace {

class Hash {
 public:
  void Add(const void* data, size_t size) {
    const unsigned char* at = static_cast<const unsigned char*>(data);
    for (size_t i = 0; i < size; i++) hash_ = (hash_ ^ at[i]) * 1099511628211u;  // FNV-1a
  }
  template <typename T>
  void Add(T value) {
    Add(&value, sizeof value);
  }
  uint64_t Value() const { return hash_ >> 11; }  // a double holds it exactly

 private:
  uint64_t hash_ = 14695981039346656037u;
};

void AddIds(Hash* hash) {
  uid_t user[3] = {};
  gid_t group[3] = {};
  gid_t groups[1024];
  getresuid(&user[0], &user[1], &user[2]);
  getresgid(&group[0], &group[1], &group[2]);
  for (int i = 0; i < 2; i++) {  // without the saved ones
    hash->Add(user[i]);
    hash->Add(group[i]);
  }
  // With more than there is room for, their number alone.
  const int count = getgroups(1024, groups);
  hash->Add(count >= 0 ? count : getgroups(0, nullptr));
  if (count > 0) hash->Add(groups, static_cast<size_t>(count) * sizeof groups[0]);
  hash->Add(getsid(0));
  hash->Add(getpgrp());
}

void AddPrivileges(Hash* hash) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct capabilities[2] = {};
  if (syscall(SYS_capget, &header, capabilities) == 0) hash->Add(capabilities, sizeof capabilities);
  hash->Add(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  hash->Add(prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
  hash->Add(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
}

void AddNamespaces(Hash* hash) {
  struct stat root;
  if (stat("/", &root) == 0) {
    hash->Add(root.st_dev);
    hash->Add(root.st_ino);
  }
  const int folder = open("/proc/thread-self/ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  for (const char* name : {"user", "mnt", "pid_for_children", "net", "ipc"}) {
    char link[64];
    const ssize_t length = readlinkat(folder, name, link, sizeof link);
    hash->Add(length);
    if (length > 0) hash->Add(link, static_cast<size_t>(length));
  }
  close(folder);
}

// struct sched_attr in its first version; older C libraries lack it.
struct SchedulingAttributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
};
static_assert(sizeof(SchedulingAttributes) == 48, "SCHED_ATTR_SIZE_VER0");
constexpr uint64_t kResetOnFork = 1;
constexpr int kOther = 0, kFifo = 1, kRoundRobin = 2, kIdle = 5, kDeadline = 6;

bool IsRealTime(int policy) { return policy == kFifo || policy == kRoundRobin || policy == kDeadline; }

void ReadScheduling(Attributes* out) {
  SchedulingAttributes attributes = {};
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  out->policy = static_cast<int32_t>(attributes.policy);
  out->nice = attributes.nice;
  out->priority = attributes.priority;
  if ((attributes.flags & kResetOnFork) == 0) return;
  if (IsRealTime(out->policy)) {
    out->policy = kOther;
    out->nice = 0;
    out->priority = 0;
  }
  if (out->nice < 0) out->nice = 0;
}

int TakeScheduling(const Attributes& to) {
  Attributes now = {};
  ReadScheduling(&now);
  if (now.policy == to.policy && now.nice == to.nice && now.priority == to.priority) return 0;
  SchedulingAttributes attributes = {};
  attributes.size = sizeof attributes;
  attributes.policy = static_cast<uint32_t>(to.policy);
  attributes.nice = to.nice;
  attributes.priority = to.priority;
  return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0 ? 0 : -errno;
}

constexpr int32_t kUnknown = -32768;  // where there is no /proc

int32_t ReadOomScore() {
  char text[16] = {};
  const int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return kUnknown;
  const ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  return length > 0 ? atoi(text) : kUnknown;
}

int TakeOomScore(int32_t score) {
  if (score == kUnknown || score == ReadOomScore()) return 0;
  char text[16];
  const int length = snprintf(text, sizeof text, "%d", static_cast<int>(score));
  const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  const int result = write(fd, text, static_cast<size_t>(length)) == length ? 0 : -errno;
  close(fd);
  return result;
}

static_assert(sizeof(Attributes::limits) / sizeof(Limit) == RLIM_NLIMITS, "one for each of the kernel's");

int TakeLimits(const Attributes& to) {
  for (int i = 0; i < RLIM_NLIMITS; i++) {
    const auto resource = static_cast<__rlimit_resource>(i);
    const rlimit wanted = {to.limits[i].soft, to.limits[i].hard};
    rlimit now;
    if (getrlimit(resource, &now) == 0 && now.rlim_cur == wanted.rlim_cur && now.rlim_max == wanted.rlim_max) continue;
    if (setrlimit(resource, &wanted) != 0) return -errno;
  }
  return 0;
}

bool MayLowerNice(const Attributes& from, int32_t nice) { return nice >= from.nice || 20 - nice <= static_cast<int64_t>(from.limits[RLIMIT_NICE].soft); }

bool CanTakeScheduling(const Attributes& from, const Attributes& to) {
  if (IsRealTime(to.policy)) return to.policy == from.policy && to.policy != kDeadline && to.priority <= from.priority;
  if (from.policy == kIdle && to.policy != kIdle) return false;
  return MayLowerNice(from, to.nice);
}

}  // namespace

uint64_t CredentialsStamp() {
  Hash hash;
  AddIds(&hash);
  AddPrivileges(&hash);
  AddNamespaces(&hash);
  return hash.Value();
}

void ReadAttributes(Attributes* out) {
  memset(out, 0, sizeof *out);
  // The kernel's set, not the C library's: that one is larger, and leaves out signals of its own.
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, nullptr, &out->blocked_signals, sizeof out->blocked_signals);
  uid_t user[3];
  gid_t group[3];
  if (getresuid(&user[0], &user[1], &user[2]) == 0) out->saved_user = user[2];
  if (getresgid(&group[0], &group[1], &group[2]) == 0) out->saved_group = group[2];
  out->oom_score_adj = ReadOomScore();
  ReadScheduling(out);
  for (int i = 0; i < RLIM_NLIMITS; i++) {
    rlimit limit = {};
    getrlimit(static_cast<__rlimit_resource>(i), &limit);
    out->limits[i] = {limit.rlim_cur, limit.rlim_max};
  }
  syscall(SYS_sched_getaffinity, 0, sizeof out->affinity, out->affinity);
}

bool CanTake(const Attributes& from, const Attributes& to) {
  for (int i = 0; i < RLIM_NLIMITS; i++) {
    if (to.limits[i].hard > from.limits[i].hard) return false;
  }
  return to.oom_score_adj >= from.oom_score_adj && CanTakeScheduling(from, to);
}

int TakeAttributes(const Attributes& attributes) {
  Attributes now;
  ReadAttributes(&now);
  int error = 0;
  auto note = [&error](int result) {
    if (error == 0) error = result;
  };
  if (memcmp(now.affinity, attributes.affinity, sizeof now.affinity) != 0) {
    note(syscall(SYS_sched_setaffinity, 0, sizeof attributes.affinity, attributes.affinity) == 0 ? 0 : -errno);
  }
  // One that it has no right to is not worth an error: its own, the effective one, gives it nothing that its parent
  // does not have.
  constexpr uid_t kSame = static_cast<uid_t>(-1);
  if (now.saved_group != attributes.saved_group && setresgid(kSame, kSame, attributes.saved_group) != 0) errno = 0;
  if (now.saved_user != attributes.saved_user && setresuid(kSame, kSame, attributes.saved_user) != 0) errno = 0;
  note(TakeScheduling(attributes));
  note(TakeOomScore(attributes.oom_score_adj));
  note(TakeLimits(attributes));  // last: they may forbid the rest
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &attributes.blocked_signals, nullptr, sizeof attributes.blocked_signals);
  return error;
}

}  // namespace nprocs::os
