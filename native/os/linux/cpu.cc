#include "os/cpu.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace nprocs::os {
namespace {

// Of the kernel's largest configuration.
constexpr int kMostCpus = 8192;
constexpr size_t kSetBytes = CPU_ALLOC_SIZE(kMostCpus);
// Fields of /proc/<pid>/stat behind the state, which is the third: the CPU is the 39th.
constexpr int kCpuField = 39 - 3;

// The CPU on which its main thread runs or is ready to run; -1 when it does neither.
int ReadyOn(int32_t pid) {
  char path[48];
  snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  char text[1024];
  const ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return -1;
  text[length] = '\0';
  // The command's name is in parentheses and may contain any byte.
  const char* at = strrchr(text, ')');
  if (at == nullptr || at[1] == '\0' || at[2] != 'R') return -1;
  at += 2;
  for (int i = 0; i < kCpuField; i++) {
    at = strchr(at, ' ');
    if (at == nullptr) return -1;
    at++;
  }
  return atoi(at);
}

}  // namespace

int MakeWay(int32_t pid) {
  const int cpu = sched_getcpu();
  if (cpu < 0) return -1;
  if (cpu >= kMostCpus || pid == getpid() || ReadyOn(pid) != cpu) return 0;
  alignas(cpu_set_t) char allowed[kSetBytes];
  alignas(cpu_set_t) char others[kSetBytes];
  auto* const allowed_set = reinterpret_cast<cpu_set_t*>(allowed);
  auto* const other_set = reinterpret_cast<cpu_set_t*>(others);
  CPU_ZERO_S(kSetBytes, allowed_set);
  if (sched_getaffinity(0, kSetBytes, allowed_set) < 0) return -1;
  memcpy(others, allowed, kSetBytes);
  CPU_CLR_S(cpu, kSetBytes, other_set);
  if (CPU_COUNT_S(kSetBytes, other_set) == 0) return 0;
  if (sched_setaffinity(0, kSetBytes, other_set) < 0) return -1;
  return sched_setaffinity(0, kSetBytes, allowed_set) < 0 ? -1 : 1;
}

}  // namespace nprocs::os
