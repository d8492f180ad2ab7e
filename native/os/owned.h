// What a JavaScript thread owns that the kernel keeps for the whole process: descriptors, which stay open, and
// children, which stay zombies, when the thread ends by itself or is terminated in the midst of anything. The end of
// the process is the kernel's business.
#pragma once
#include <sys/types.h>

namespace nprocs::os {

// The calling thread owns the descriptor until it is closed. A number that is not known is ignored.
void OwnDescriptor(int fd);
void DisownDescriptor(int fd);

// The calling thread owns the child until that has been reaped.
void OwnChild(pid_t pid);
void DisownChild(pid_t pid);

// At the end of the thread's environment: closes the descriptors, by which those learn it who serve this thread or must
// not outlive it; gives its children a moment to end, and reaps them. Those that go on are reaped when another thread
// ends, or starts a process.
void GiveUpOwned();
void ReapLeft();

}  // namespace nprocs::os
