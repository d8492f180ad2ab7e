#include "os/inheritance.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "os/descriptor.h"

using namespace nprocs::os;

namespace {

// Runs `body` in a process that it may change; its result is the exit code.
template <typename Body>
int InChild(Body body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body());
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool AreSame(const Attributes& one, const Attributes& other) { return memcmp(&one, &other, sizeof one) == 0; }

}  // namespace

TEST(AStampIsTheSameUntilSomethingChanges) {
  const uint64_t before = CredentialsStamp();
  CHECK_EQ(CredentialsStamp(), before);
  CHECK_EQ(InChild([before] { return CredentialsStamp() == before ? 0 : 1; }), 0);
  CHECK_EQ(InChild([before] {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return CredentialsStamp() != before ? 0 : 1;
  }), 0);
  CHECK_EQ(InChild([before] {
    setsid();
    return CredentialsStamp() != before ? 0 : 1;
  }), 0);
}

TEST(UsersAndGroupsChangeTheStamp) {
  if (geteuid() != 0) return;
  const uint64_t before = CredentialsStamp();
  for (const int which : {0, 1, 3, 4, 6}) {
    CHECK_EQ(InChild([before, which] {
      const gid_t groups[] = {7, 8};
      if (which == 0 && setresuid(5, static_cast<uid_t>(-1), static_cast<uid_t>(-1)) != 0) return 2;
      if (which == 1 && setresuid(static_cast<uid_t>(-1), 5, static_cast<uid_t>(-1)) != 0) return 2;
      if (which == 3 && setresgid(5, static_cast<gid_t>(-1), static_cast<gid_t>(-1)) != 0) return 2;
      if (which == 4 && setresgid(static_cast<gid_t>(-1), 5, static_cast<gid_t>(-1)) != 0) return 2;
      if (which == 6 && setgroups(2, groups) != 0) return 2;
      return CredentialsStamp() != before ? 0 : 1;
    }), 0);
  }
}

TEST(AttributesThatOneProcessHasAnotherCanTake) {
  Attributes original, wanted;
  ReadAttributes(&original);
  int pipe_ends[2];
  CHECK_EQ(pipe(pipe_ends), 0);
  CHECK_EQ(InChild([&pipe_ends] {
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 3);
    const rlimit small = {100, 200};
    setrlimit(RLIMIT_NOFILE, &small);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_SETMASK, &blocked, nullptr);
    cpu_set_t processors;
    sched_getaffinity(0, sizeof processors, &processors);
    const int processor = sched_getcpu();
    CPU_ZERO(&processors);
    CPU_SET(processor, &processors);
    sched_setaffinity(0, sizeof processors, &processors);
    const int score = open("/proc/self/oom_score_adj", O_WRONLY);
    if (write(score, "777", 3) != 3) return 2;
    Attributes changed;
    ReadAttributes(&changed);
    return write(pipe_ends[1], &changed, sizeof changed) == sizeof changed ? 0 : 1;
  }), 0);
  CHECK_EQ(read(pipe_ends[0], &wanted, sizeof wanted), sizeof wanted);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  CHECK(!AreSame(original, wanted));
  CHECK(CanTake(original, wanted));
  CHECK(!CanTake(wanted, original));
  CHECK(CanTake(original, original));
  CHECK_EQ(InChild([&wanted] {
    Attributes now;
    if (TakeAttributes(wanted) != 0) return 2;
    ReadAttributes(&now);
    return AreSame(now, wanted) ? 0 : 1;
  }), 0);
}

TEST(WhatNeedsARightCannotBeTaken) {
  Attributes from, to;
  ReadAttributes(&from);
  from.limits[RLIMIT_NICE] = {0, 0};
  from.limits[RLIMIT_FSIZE] = {100, 200};
  to = from;
  to.limits[RLIMIT_FSIZE] = {200, 200};
  CHECK(CanTake(from, to));
  to.limits[RLIMIT_FSIZE] = {100, 201};
  CHECK(!CanTake(from, to));
  to = from;
  to.nice = from.nice - 1;
  CHECK(!CanTake(from, to));
  to = from;
  to.oom_score_adj = from.oom_score_adj - 1;
  CHECK(!CanTake(from, to));
  to = from;
  to.policy = SCHED_FIFO;
  to.priority = 1;
  CHECK(!CanTake(from, to));
  to.policy = SCHED_BATCH;
  to.priority = 0;
  CHECK(CanTake(from, to));
  from.policy = SCHED_IDLE;
  CHECK(!CanTake(from, to));
}

TEST(WhoHasOtherIdsIsRefused) {
  if (geteuid() != 0) return;
  int pair[2], passed[kMaxPassedFds];
  CHECK_EQ(MakeSocketPair(PairKind::kMessages, pair), 0);
  CHECK_EQ(RefuseOtherIds(pair[0]), 0);
  char text[8];
  size_t count = 0;
  const auto send = [&pair](uid_t user, gid_t group) {
    return InChild([&pair, user, group] {
      if (setgid(group) != 0 || setuid(user) != 0) return 2;
      return SendMessage(pair[1], "hello", 5, true, &pair[1], 1) == 5 ? 0 : 1;
    });
  };
  CHECK_EQ(send(getuid(), getgid()), 0);
  CHECK_EQ(ReceiveMessage(pair[0], text, sizeof text, false, passed, &count), 5);
  CHECK_EQ(count, 1);
  close(passed[0]);
  for (const bool is_user : {true, false}) {
    CHECK_EQ(send(is_user ? 65534 : getuid(), is_user ? getgid() : 65534), 0);
    CHECK_EQ(ReceiveMessage(pair[0], text, sizeof text, false, passed, &count), -EPERM);
    CHECK_EQ(count, 0);
  }
  close(pair[1]);
  CHECK_EQ(ReceiveMessage(pair[0], text, sizeof text, false, passed, &count), 0);
  close(pair[0]);
}

CHECK_MAIN
