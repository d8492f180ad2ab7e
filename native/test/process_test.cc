#include "os/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "test/check.h"

using namespace nprocs::os;

namespace {

int64_t SpawnShell(const char* script, const char* cwd = nullptr, const int* fds = nullptr, size_t fd_count = 0) {
  char* argv[] = {const_cast<char*>("sh"), const_cast<char*>("-c"), const_cast<char*>(script), nullptr};
  SpawnRequest request{"/bin/sh", argv, environ, cwd, fds, fd_count};
  return Spawn(request);
}

}  // namespace

TEST(ExitCodesAndSignals) {
  Exit exit;
  int64_t pid = SpawnShell("exit 7");
  CHECK(pid > 0);
  CHECK_EQ(Reap(static_cast<pid_t>(pid), true, &exit), 1);
  CHECK_EQ(exit.pid, pid);
  CHECK_EQ(exit.code, 7);
  pid = SpawnShell("kill -KILL $$");
  CHECK_EQ(Reap(static_cast<pid_t>(pid), true, &exit), 1);
  CHECK_EQ(exit.code, -SIGKILL);
  CHECK_EQ(Reap(static_cast<pid_t>(pid), true, &exit), -ECHILD);
}

TEST(TheEndOfAProcessThatNobodyHasReapedIsKnown) {
  for (int expected : {0, 7, 255, -SIGKILL, -SIGTERM}) {
    const std::string script = expected < 0 ? "kill -" + std::to_string(-expected) + " $$" : "exit " + std::to_string(expected);
    pid_t pid = static_cast<pid_t>(SpawnShell(script.c_str()));
    CHECK(pid > 0);
    int fd = OpenPidFd(pid);
    Exit exit;
    pollfd entry{fd, POLLIN, 0};
    CHECK_EQ(poll(&entry, 1, -1), 1);
    CHECK_EQ(QueryExit(fd, pid, &exit), 1);
    CHECK_EQ(exit.code, expected);
    CHECK_EQ(exit.pid, pid);
    CHECK_EQ(Reap(pid, true, &exit), 1);
    exit.code = expected;
    QueryExit(fd, pid, &exit);  // Only newer kernels still know it.
    CHECK_EQ(exit.code, expected);
    close(fd);
  }
  int self = OpenPidFd(getpid());
  Exit exit;
  CHECK_EQ(QueryExit(self, getpid(), &exit), 0);
  close(self);
}

#ifndef __SANITIZE_THREAD__  // ThreadSanitizer makes a fork() of vfork(), so that the child cannot hand its error over.
TEST(AProgramThatDoesNotExistIsAnErrorAtTheCall) {
  char* argv[] = {const_cast<char*>("x"), nullptr};
  SpawnRequest request{"/no/such/program", argv, environ, nullptr, nullptr, 0};
  CHECK_EQ(Spawn(request), -ENOENT);
  CHECK_EQ(SpawnShell("exit 0", "/no/such/folder"), -ENOENT);
  Exit exit;
  CHECK_EQ(Reap(-1, false, &exit), -ECHILD);  // No zombie is left of them.
}
#endif

TEST(TheChildGetsTheGivenDescriptorsOnly) {
  int ends[2];
  CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  int closed_on_exec = fcntl(ends[0], F_DUPFD_CLOEXEC, 50);
  int fds[] = {0, ends[1], 2, ends[1]};
  const std::string script = "echo out; echo three >&3; test -e /proc/$$/fd/" + std::to_string(closed_on_exec) + " || echo closed >&3";
  int64_t pid = SpawnShell(script.c_str(), "/", fds, 4);
  CHECK(pid > 0);
  close(ends[1]);
  char text[64] = {};
  size_t length = 0;
  for (ssize_t n; (n = read(ends[0], text + length, sizeof text - 1 - length)) > 0;) length += static_cast<size_t>(n);
  close(ends[0]);
  Exit exit;
  CHECK_EQ(Reap(static_cast<pid_t>(pid), true, &exit), 1);
  CHECK(strcmp(text, "out\nthree\nclosed\n") == 0);
  close(closed_on_exec);
}

TEST(APidFdBecomesReadableAndNeverHitsAnotherProcess) {
  int64_t pid = SpawnShell("exec sleep 100");
  CHECK(pid > 0);
  int fd = OpenPidFd(static_cast<pid_t>(pid));
  CHECK(fd >= 0);
  Exit exit;
  CHECK_EQ(Reap(static_cast<pid_t>(pid), false, &exit), 0);
  CHECK_EQ(SignalPidFd(fd, SIGTERM), 0);
  pollfd entry{fd, POLLIN, 0};
  CHECK_EQ(poll(&entry, 1, -1), 1);
  CHECK_EQ(Reap(static_cast<pid_t>(pid), true, &exit), 1);
  CHECK_EQ(exit.code, -SIGTERM);
  CHECK_EQ(SignalPidFd(fd, SIGTERM), -ESRCH);
  close(fd);
}

TEST(TheKernelSignalsWhenThePeerIsGone) {
  int ends[2];
  CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  int64_t pid;
  {
    pid_t child;
    CHECK_EQ(ForkWithSignals(&child), 0);
    if (child == 0) {
      close(ends[1]);
      if (SignalOnHangup(ends[0], SIGKILL) != 0) _exit(1);
      if (write(ends[0], "", 0) != 0) _exit(2);
      for (;;) pause();
    }
    pid = child;
  }
  close(ends[0]);
  close(ends[1]);
  Exit exit;
  CHECK_EQ(Reap(static_cast<pid_t>(pid), true, &exit), 1);
  CHECK(exit.code == -SIGKILL || exit.code == 1);  // 1: it was closed before the child asked.
}

TEST(ForksAreCountedTogetherWithThoseOfOtherCopiesOfTheLibrary) {
  static std::atomic<uint32_t> shared{7};
  CountForksIn(&shared);
  pid_t child;
  CHECK_EQ(ForkWithSignals(&child), 0);
  if (child == 0) _exit(ForkCount() == 8 ? 0 : 1);
  Exit exit;
  CHECK_EQ(Reap(child, true, &exit), 1);
  CHECK_EQ(exit.code, 0);
  CHECK_EQ(shared.load(), 8u);
  shared.store(20);  // as another copy does
  CHECK_EQ(ForkCount(), 20u);
}

TEST(TheStampOfTheEnvironmentTellsEachChange) {
  setenv("NPROCS_STAMP", "a", 1);
  const uint64_t a = EnvironmentStamp();
  CHECK(EnvironmentStamp() == a);
  setenv("NPROCS_STAMP", "b", 1);
  const uint64_t b = EnvironmentStamp();
  CHECK(a != b);
  unsetenv("NPROCS_STAMP");
  CHECK(EnvironmentStamp() != a && EnvironmentStamp() != b);
  setenv("NPROCS_STAMP", "a", 1);
  CHECK(EnvironmentStamp() == a);
  unsetenv("NPROCS_STAMP");
}

TEST(IgnoredSignalsAreAsBeforeInAForkedChild) {
  CHECK_EQ(IgnoreSignal(SIGUSR1), 0);
  raise(SIGUSR1);
  pid_t child;
  CHECK_EQ(ForkWithSignals(&child), 0);
  if (child == 0) {
    raise(SIGUSR1);
    _exit(0);
  }
  Exit exit;
  CHECK_EQ(Reap(child, true, &exit), 1);
  CHECK_EQ(exit.code, -SIGUSR1);
  CHECK_EQ(RestoreSignal(SIGUSR1), 0);
}

volatile sig_atomic_t g_is_ready = 0, g_was_ready = -1;

TEST(SignalsWaitInAForkedChildUntilItIsReady) {
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = [](int) { g_was_ready = g_is_ready; };
  CHECK_EQ(sigaction(SIGUSR1, &action, &before), 0);
  pid_t child;
  const int forked = ForkWithSignals(&child, [] {
    raise(SIGUSR1);
    g_is_ready = 1;
  });
  CHECK_EQ(forked, 0);
  if (child == 0) _exit(g_was_ready == 1 ? 0 : 1);
  Exit exit;
  CHECK_EQ(Reap(child, true, &exit), 1);
  CHECK_EQ(exit.code, 0);
  CHECK_EQ(sigaction(SIGUSR1, &before, nullptr), 0);
}

TEST(AHandlerThatComesAfterTheSignalWasIgnoredStays) {
  static volatile sig_atomic_t calls;
  calls = 0;
  CHECK_EQ(IgnoreSignal(SIGUSR1), 0);
  signal(SIGUSR1, [](int) { calls = calls + 1; });
  CHECK_EQ(IgnoreSignal(SIGUSR1), 0);
  raise(SIGUSR1);
  CHECK_EQ(RestoreSignal(SIGUSR1), 0);
  raise(SIGUSR1);
  CHECK_EQ(calls, 2);
  signal(SIGUSR1, SIG_DFL);
}

CHECK_MAIN
