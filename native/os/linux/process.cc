// os/process.h on Linux: pidfds, fork, vfork, execve, waitid.
#include "os/process.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <atomic>

#include "os/linux/proc_stat.h"

namespace nprocs::os {

namespace {

int ExitCodeOf(const siginfo_t& info) { return info.si_code == CLD_EXITED ? info.si_status : -info.si_status; }

// linux/pidfd.h of recent kernels; the headers of older distributions lack it.
struct PidFdInfo {
  uint64_t mask;
  uint64_t cgroupid;
  uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  int32_t exit_code;
};
constexpr uint64_t kPidFdInfoExit = 1u << 3;
constexpr unsigned long kPidFdGetInfo = _IOWR(0xFF, 11, PidFdInfo);
static_assert(sizeof(PidFdInfo) == 64, "the kernel's first version of struct pidfd_info");

// The wait status of a process that has ended and that nobody has reaped.
bool ReadZombieStatus(pid_t pid, int* status) {
  const ProcStat stat(pid);
  const char* field = stat.state() == 'Z' ? stat.Field(52) : nullptr;
  if (field != nullptr) *status = atoi(field);
  return field != nullptr;
}

// Runs in the child of vfork: the parent's memory is shared, so it touches nothing but its own arguments.
int ExecInChild(const SpawnRequest& r) {
  // First lift all descriptors above the range they are to fill, so that no dup2 overwrites one that is still needed.
  int lifted[64];
  for (size_t i = 0; i < r.fd_count; i++) {
    lifted[i] = r.fds[i] < 0 ? -1 : fcntl(r.fds[i], F_DUPFD_CLOEXEC, static_cast<int>(r.fd_count));
    if (r.fds[i] >= 0 && lifted[i] < 0) return errno;
  }
  for (size_t i = 0; i < r.fd_count; i++) {
    if (lifted[i] < 0) {
      close(static_cast<int>(i));
    } else if (dup2(lifted[i], static_cast<int>(i)) < 0) {
      return errno;
    }
  }
  if (r.cwd != nullptr && chdir(r.cwd) != 0) return errno;
  for (int s = 1; s < NSIG; s++) {
    if (s == SIGKILL || s == SIGSTOP) continue;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigaction(s, &action, nullptr);  // refused for the two signals that libc keeps to itself
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(r.file, r.argv, r.envp);
  return errno;
}

// Advises runs of adjacent mappings in one call each.
class ForkAdviser {
 public:
  void Add(unsigned long start, unsigned long end) {
    if (start != end_) {
      Flush();
      start_ = start;
    }
    end_ = end;
  }
  void Flush() {
    if (end_ != start_) madvise(reinterpret_cast<void*>(start_), end_ - start_, MADV_DOFORK);
    start_ = end_ = 0;
  }

 private:
  unsigned long start_ = 0, end_ = 0;
};

// Above all that a process can have mapped, below what the kernel shows of itself.
constexpr unsigned long kBottom = 1 << 16, kTop = 1ul << 48;

// Where the kernel has put its own pages (vdso, vvar) into this process. They stay there; empty until the mappings have
// been read once.
struct KernelPages {
  unsigned long start = kTop, end = 0;
  void Include(unsigned long from, unsigned long to) {
    if (from < start) start = from;
    if (to > end) end = to;
  }
} g_kernel_pages;

// Holes included: the kernel advises what is mapped, and then says ENOMEM for the holes. It stops, with EINVAL, at a
// mapping of a device.
bool Advise(unsigned long start, unsigned long end) {
  return madvise(reinterpret_cast<void*>(start), end - start, MADV_DOFORK) == 0 || errno == ENOMEM;
}

// Two calls instead of a hundred lines to read. False where that cannot be done.
bool AdviseAllButKernelPages() {
  return g_kernel_pages.end != 0 && Advise(kBottom, g_kernel_pages.start) && Advise(g_kernel_pages.end, kTop);
}

unsigned long ReadHex(const char** text, char until) {
  unsigned long value = 0;
  for (; **text != until; (*text)++) value = value * 16 + static_cast<unsigned long>(**text <= '9' ? **text - '0' : **text - 'a' + 10);
  (*text)++;
  return value;
}

struct sigaction g_before_ignore[NSIG];
bool g_ignored[NSIG];
std::atomic<uint32_t> g_own_forks{0};
std::atomic<std::atomic<uint32_t>*> g_forks{&g_own_forks};

int CodeOf(int status) { return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

int AllowFork() {
  if (AdviseAllButKernelPages()) return 0;
  static char buffer[1 << 16];  // only the thread that is about to fork is here
  int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ForkAdviser adviser;
  size_t kept = 0;
  for (;;) {
    ssize_t n = read(fd, buffer + kept, sizeof buffer - kept);
    if (n <= 0) break;
    kept += static_cast<size_t>(n);
    char* line = buffer;
    while (char* end = static_cast<char*>(memchr(line, '\n', kept - static_cast<size_t>(line - buffer)))) {
      *end = 0;
      const char* p = line;
      unsigned long start = ReadHex(&p, '-'), stop = ReadHex(&p, ' ');
      // Only private memory is ever kept from children. Others would refuse the advice (the kernel's own pages,
      // mappings of devices and, before Linux 6.9, of io_uring), and the call would end there, with the rest of the run
      // unadvised.
      const bool is_kernels = strstr(p, "[v") != nullptr;
      if (is_kernels && start < kTop) g_kernel_pages.Include(start, stop);
      if (p[3] == 'p' && !is_kernels) adviser.Add(start, stop);
      line = end + 1;
    }
    kept -= static_cast<size_t>(line - buffer);
    memmove(buffer, line, kept);
  }
  adviser.Flush();
  close(fd);
  return 0;
}

int ForkWithSignals(pid_t* pid, const std::function<void()>& in_child) {
  // A signal that arrives between fork and the restoring of its handler, or before the handler can do its work, must
  // not be lost in the child: while blocked, it waits.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  g_forks.load()->fetch_add(1);
  *pid = fork();
  int error = *pid < 0 ? errno : 0;
  if (*pid == 0) {
    for (int s = 1; s < NSIG; s++) RestoreSignal(s);
    if (in_child) in_child();
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return -error;
}

uint32_t ForkCount() { return g_forks.load()->load(); }

void CountForksIn(std::atomic<uint32_t>* count) { g_forks.store(count); }

int64_t Spawn(const SpawnRequest& request) {
  if (request.fd_count > 64) return -EINVAL;
  // No signal handler of the parent may run in the child while it shares the parent's memory.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  volatile int failure = 0;
  pid_t pid = vfork();
  if (pid == 0) {
    failure = ExecInChild(request);
    _exit(127);
  }
  int fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return -fork_error;
  if (failure != 0) {
    waitpid(pid, nullptr, 0);
    return -failure;
  }
  return pid;
}

int Exec(const char* file, char* const* argv, char* const* envp) {
  for (int fd = 0; fd <= 2; fd++) fcntl(fd, F_SETFD, 0);
  execve(file, argv, envp);
  return -errno;
}

int Reap(pid_t pid, bool block, Exit* exit) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  const int error =
      Repeat([&] { return waitid(pid == -1 ? P_ALL : P_PID, static_cast<id_t>(pid == -1 ? 0 : pid), &info, WEXITED | (block ? 0 : WNOHANG)); });
  if (error < 0) return error;
  if (info.si_pid == 0) return 0;
  exit->pid = info.si_pid;
  exit->code = ExitCodeOf(info);
  return 1;
}

int OpenPidFd(pid_t pid) {
  return static_cast<int>(OrErrno(syscall(SYS_pidfd_open, pid, 0)));
}

int SignalPidFd(int pidfd, int signum) { return static_cast<int>(OrErrno(syscall(SYS_pidfd_send_signal, pidfd, signum, nullptr, 0))); }

int QueryExit(int pidfd, pid_t pid, Exit* exit) {
  exit->pid = pid;
  PidFdInfo info;
  memset(&info, 0, sizeof info);
  info.mask = kPidFdInfoExit;
  if (ioctl(pidfd, kPidFdGetInfo, &info) == 0 && (info.mask & kPidFdInfoExit) != 0) {
    exit->code = CodeOf(info.exit_code);
    return 1;
  }
  int status;
  // When it is signalled in vain, it was reaped meanwhile, and the pid may have been another process's.
  if (!ReadZombieStatus(pid, &status) || SignalPidFd(pidfd, 0) != 0) return 0;
  exit->code = CodeOf(status);
  return 1;
}

int SignalOnHangup(int fd, int signum) {
  if (fcntl(fd, F_SETOWN, getpid()) < 0 || fcntl(fd, F_SETSIG, signum) < 0) return -errno;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_ASYNC) < 0) return -errno;
  // It may have been closed before the kernel was told to signal.
  struct pollfd p = {fd, POLLIN | POLLRDHUP, 0};
  return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLRDHUP)) != 0 ? 1 : 0;
}

uint64_t EnvironmentStamp() {
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (char** entry = environ; entry != nullptr && *entry != nullptr; entry++) {
    for (const char* at = *entry;; at++) {
      hash = (hash ^ static_cast<unsigned char>(*at)) * 1099511628211u;
      if (*at == 0) break;
    }
  }
  return hash >> 11;
}

int IgnoreSignal(int signum) {
  struct sigaction action;
  if (sigaction(signum, nullptr, &action) != 0) return -errno;
  if (g_ignored[signum] && action.sa_handler != SIG_DFL) return 0;
  g_before_ignore[signum] = action;
  g_ignored[signum] = true;
  action.sa_handler = SIG_IGN;
  return sigaction(signum, &action, nullptr) != 0 ? -errno : 0;
}

int RestoreSignal(int signum) {
  if (!g_ignored[signum]) return 0;
  g_ignored[signum] = false;
  struct sigaction action;
  if (sigaction(signum, nullptr, &action) != 0) return -errno;
  if (action.sa_handler != SIG_IGN) return 0;
  return sigaction(signum, &g_before_ignore[signum], nullptr) != 0 ? -errno : 0;
}

}  // namespace nprocs::os
