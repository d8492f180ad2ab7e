// Which process is which: a pid alone is no identity, since pids are used again; a pid with its start time is.
#pragma once
#include <cstdint>

namespace nprocs::os {

// In clock ticks since boot, or -errno: -ESRCH when there is no such process or it is dead and not yet reaped; -EACCES
// when there is one, but /proc does not show it to this user. A stopped process is alive.
int64_t ProcessStartTime(int32_t pid);
// The number of this process's pid namespace: two processes know each other by the same pids when theirs are the same.
// -ENOENT: there is no /proc. -EXDEV: there is one, but of another namespace.
int64_t PidNamespace();

int32_t ProcessId();
int32_t ThreadId();

}  // namespace nprocs::os
