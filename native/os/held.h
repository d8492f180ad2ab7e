// What this process holds at its end: segments, whose names the last holder removes, and the registry slots of its
// threads.
//
// One table for all threads. A mapping is given up by whichever comes first: an explicit release, the collection of its
// buffer, the end of its thread's environment, the end of the process (a static destructor, so after all JavaScript).
#pragma once
#include <cstddef>
#include <cstdint>

#include "os/memory.h"

namespace nprocs::os {

// Opaque to its users; lives as long as a buffer refers to it.
struct Held;

// Takes the mapping over. Its id, by which JavaScript names it, is given by `Id`.
Held* Hold(const Mapping& mapping);
int32_t Id(const Held* held);
// Gives a segment without a name its name.
int Link(int32_t id, const char* path);
// A descriptor of one that has no name, for the caller to close. -EBADF when it has one.
int DescriptorOf(int32_t id);
// Whether giving a mapping up removes its name, if nobody else holds it.
enum class Removal {
  kNever,
  kUnlessInFlight,  // not while its counters say that a message carries it
  kUnlessGuarded,   // not while the file `guard` exists
};
void SetPath(Held* held, const char* path, Removal removal, const char* guard);
// It turned out to be no segment: its name is not ours to remove.
void KeepName(int32_t id);
// Where in a segment its counters of what is in flight lie, of 64 bits, which must be 0 before its name may be removed.
void SetInFlightCounters(size_t offset, size_t count);
// Unmaps, and removes the name if that may be removed and nobody needs it. 1: the name was removed. Idempotent.
int GiveUp(int32_t id);
// To be called when the buffer is gone: gives the mapping up, if nobody has, and forgets it.
void Forget(Held* held);
// Removes a name that nobody holds and no message carries. 1: removed, 0: it is needed.
int RemoveUnneeded(const char* path);

// A registry slot in a held mapping that is cleared before the mapping is given up: adds 1 to the generation, then sets
// the identity to 0. Inherited ones (after a fork) are the parent's and stay untouched.
int RetireAtEnd(int32_t id, size_t identity_offset, size_t generation_offset);

// Gives up all mappings, now: for a process that will end by _exit(). Returns how many names were removed.
int GiveUpAll();

}  // namespace nprocs::os
