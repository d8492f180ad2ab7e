// Which CPU a thread runs on, and a way off it.
#pragma once
#include <cstdint>

namespace nprocs::os {

// When the main thread of `pid` is ready to run on the very CPU on which this thread runs, this one moves to another
// CPU that it may use. The set of CPUs that it may use is the same afterwards. 1: it has moved; 0: there was no need,
// or no other CPU, or no such process; or -errno.
int MakeWay(int32_t pid);

// Lets another thread run that is ready to run on this CPU, if there is one.
void YieldCpu();

}  // namespace nprocs::os
