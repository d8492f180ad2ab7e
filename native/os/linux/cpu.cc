// os/cpu.h on Linux: /proc tells where a thread runs, and an affinity for a moment moves it away.
#include "os/cpu.h"

#include <cstdlib>
#include <cstring>

#include <sched.h>

#include "os/linux/proc_stat.h"

namespace nprocs::os {
namespace {

// The most CPUs that a kernel can be configured for.
constexpr int kMostCpus = 8192;
constexpr size_t kSetBytes = CPU_ALLOC_SIZE(kMostCpus);

// The CPU on which its main thread runs or is ready to run; -1 when it does neither.
int ReadyOn(int32_t pid) {
  const ProcStat stat(pid, ProcStat::Of::kMainThread);
  const char* cpu = stat.state() == 'R' ? stat.Field(39) : nullptr;
  return cpu == nullptr ? -1 : atoi(cpu);
}

}  // namespace

int MakeWay(int32_t pid) {
  const int cpu = sched_getcpu();
  if (cpu < 0) return -errno;
  if (cpu >= kMostCpus || pid == getpid() || ReadyOn(pid) != cpu) return 0;
  alignas(cpu_set_t) char allowed[kSetBytes];
  alignas(cpu_set_t) char others[kSetBytes];
  auto* const allowed_set = reinterpret_cast<cpu_set_t*>(allowed);
  auto* const other_set = reinterpret_cast<cpu_set_t*>(others);
  CPU_ZERO_S(kSetBytes, allowed_set);
  if (sched_getaffinity(0, kSetBytes, allowed_set) < 0) return -errno;
  memcpy(others, allowed, kSetBytes);
  CPU_CLR_S(cpu, kSetBytes, other_set);
  if (CPU_COUNT_S(kSetBytes, other_set) == 0) return 0;
  if (sched_setaffinity(0, kSetBytes, other_set) < 0) return -errno;
  return sched_setaffinity(0, kSetBytes, allowed_set) < 0 ? -errno : 1;
}

void YieldCpu() { sched_yield(); }

}  // namespace nprocs::os
