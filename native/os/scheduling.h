// When and where this process runs. Contract of os/<platform>/scheduling.cc.
#pragma once

namespace nprocs::os {

// A process for whom nobody waits yet leaves the processors to others: it never takes the place of one that runs, gives way to whoever wakes up,
// and stays on the processor on which it was made instead of crowding the others. `false` undoes that; so does it in a fork of this process, where it is in
// force as it was here. Does nothing to a process that somebody else has given another policy than the usual one.
void LeaveProcessorsToOthers(bool yes);

}  // namespace nprocs::os
