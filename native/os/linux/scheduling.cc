#include "os/scheduling.h"

#include <cstdint>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nprocs::os {
namespace {

// struct sched_attr in its first version; older C libraries lack it.
struct Attributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;  // since Linux 6.12, for the usual policies: how long a turn is, in ns; 0 is the default
  uint64_t deadline;
  uint64_t period;
};
static_assert(sizeof(Attributes) == 48, "SCHED_ATTR_SIZE_VER0");

constexpr uint64_t kLongTurn = 20'000'000;  // whoever has a shorter one, as all others, may interrupt it

bool SetPolicy(uint32_t policy, uint64_t runtime) {
  Attributes attributes = {};
  attributes.size = sizeof attributes;
  attributes.policy = policy;
  attributes.nice = getpriority(PRIO_PROCESS, 0);
  attributes.runtime = runtime;
  return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0;
}

bool g_leaves = false;
bool g_is_pinned = false;
cpu_set_t g_processors;  // where it may run when it is not pinned

void StayHere() {
  cpu_set_t here;
  CPU_ZERO(&here);
  const int processor = sched_getcpu();
  if (processor < 0 || processor >= CPU_SETSIZE || sched_getaffinity(0, sizeof g_processors, &g_processors) != 0) return;
  CPU_SET(processor, &here);
  g_is_pinned = sched_setaffinity(0, sizeof here, &here) == 0;
}

}  // namespace

void LeaveProcessorsToOthers(bool yes) {
  if (yes == g_leaves || (yes && sched_getscheduler(0) != SCHED_OTHER)) return;
  if (!SetPolicy(yes ? SCHED_BATCH : SCHED_OTHER, yes ? kLongTurn : 0)) return;
  g_leaves = yes;
  if (yes) StayHere();
  else if (g_is_pinned) sched_setaffinity(0, sizeof g_processors, &g_processors);
  if (!yes) g_is_pinned = false;
}

}  // namespace nprocs::os
