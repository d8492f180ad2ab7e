// Processes as the kernel knows them. Contract of os/<platform>/process.cc.
// Every function returns 0 or more, or -errno; none throws; none allocates between fork and return in a child, but what
// is called there by its caller's wish.
#pragma once
#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace nprocs::os {

// How a process ended: `code` is the exit code, or minus the signal that ended it (as Python's exitcode).
struct Exit {
  pid_t pid;
  int code;
};

// Makes every mapping of the process survive fork(): V8 marks its own as not to be inherited.
int AllowFork();

// fork(). In the child, signals that IgnoreSignal ignored are as they were before, and all signals wait until
// `in_child`, which is called there, has returned. Returns 0 or -errno.
int ForkWithSignals(pid_t* pid, const std::function<void()>& in_child = nullptr);

// How often this process, and those that it is a copy of, have been forked so. Any thread may ask.
uint32_t ForkCount();

// From now on forks are counted in this word, where other copies of the library in this process count theirs. It must
// stay until the process ends.
void CountForksIn(std::atomic<uint32_t>* count);

// What a new program is to be given. `fds[i]` becomes descriptor i of the child; -1 leaves it closed.
struct SpawnRequest {
  const char* file;
  char* const* argv;
  char* const* envp;
  const char* cwd;  // nullptr: as the parent's
  const int* fds;
  size_t fd_count;
};

// Starts a new program and returns its pid when its execve has succeeded, else the errno of the step that failed.
// Signals that the parent ignores or blocks are reset in the child.
int64_t Spawn(const SpawnRequest& request);

// Replaces the running program by another: execve. Its standard streams stay open, whatever Node has set for them.
// Returns only when it failed, with -errno.
int Exec(const char* file, char* const* argv, char* const* envp);

// Reaps a child of this process. Returns 1 and fills `exit`, 0 while it runs (never when `block`), -ECHILD for a
// stranger. `pid` -1: any child.
int Reap(pid_t pid, bool block, Exit* exit);

// A descriptor that becomes readable when the process ends and that a recycled pid cannot fool.
int OpenPidFd(pid_t pid);
int SignalPidFd(int pidfd, int signum);

// How a process ended that is somebody else's to reap: where nobody has done it yet, or the kernel still knows (Linux
// 6.15). Returns 1 and fills `exit`, 0 when the kernel cannot tell.
int QueryExit(int pidfd, pid_t pid, Exit* exit);

// From now on the kernel sends `signum` to this process when the other end of the stream socket `fd` is closed, which
// happens at the latest when its last holder dies. Works while this process spins or blocks. Nothing may be sent to
// `fd`. Returns 1 when it is closed already.
int SignalOnHangup(int fd, int signum);

// Changes with the environment (and, once in 2^53 changes, does not).
uint64_t EnvironmentStamp();

// Ignores a signal. A handler that is installed afterwards stays, whether this is called again or taken back; without
// one, RestoreSignal makes it what it was before.
int IgnoreSignal(int signum);
int RestoreSignal(int signum);

}  // namespace nprocs::os
