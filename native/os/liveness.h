// Which process is which: a pid alone is no identity, since pids are used again; a pid with its start time is.
#pragma once
#include <cstdint>

namespace nprocs::os {

// In clock ticks since boot, or -1 with errno: ESRCH when there is no such process or it is dead and not yet reaped.
// A stopped process is alive.
int64_t ProcessStartTime(int32_t pid);
int32_t ProcessId();
int32_t ThreadId();

}  // namespace nprocs::os
