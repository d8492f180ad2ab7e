// Sleeping and waking between processes: a futex for a thread that blocks, a doorbell for one that sits in its event
// loop. Every function returns 0 or more, or -errno.
#pragma once
#include <cstddef>
#include <cstdint>

#include "os/shared.h"

namespace nprocs::os {

// Sleeps while *word == expected, at most timeout_ms. 0: woken, changed, interrupted or timed out; the caller looks
// again anyway.
int FutexWait(int32_t* word, int32_t expected, double timeout_ms);
// Wakes at most `count` sleepers, of any process. Returns how many.
int FutexWake(int32_t* word, int32_t count);

// A datagram socket with an address of 64 random bits in the abstract namespace. Returns its descriptor.
int DoorbellCreate(uint64_t* address);
// What one notice says: which object may have changed.
struct Notice {
  int32_t words[kNoticeWords];
};
// Takes at most `capacity` notices out. Returns how many; 0 when there are none.
int DoorbellDrain(int fd, Notice* notices, size_t capacity);
// Rings someone's doorbell; never blocks. -ECONNREFUSED: its owner is gone. -EAGAIN: its queue is full, so it is
// being rung already.
int DoorbellRing(uint64_t address, const Notice& notice);

}  // namespace nprocs::os
