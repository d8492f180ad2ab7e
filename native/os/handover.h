// Descriptors on their way to a process that is not known yet: somebody who gets a message takes them out of a queue,
// at some time.
//
// The sender keeps a copy of each descriptor, under a ticket that the message carries. A thread of ours, which begins
// with the first offer, hands the copy to the process that shows the ticket, and is needed for nothing else: so a
// sender that computes or sleeps holds up nobody. It talks through an abstract Unix socket, to processes of the same
// user only. A copy is dropped when it was fetched, when the segment that carries the message is gone, and with the
// process. A forked child has none of its parent's.
//
// Every function returns 0 or more, or -errno.
#pragma once
#include <cstddef>

#include "os/shared.h"

namespace nprocs::os {

// Where this process hands out what it offers; another one after a fork. `out` gets kTicketLength characters.
void HandoverAddress(char* out);
// Keeps a copy of the descriptor until it is fetched or withdrawn, or until nobody needs the segment `channel_path` any
// more.
int OfferDescriptor(const char* ticket, int fd, const char* channel_path);
int WithdrawDescriptor(const char* ticket);
// How many are kept for a channel (an empty path: for all), after those whose channel is gone were dropped.
int CountOffers(const char* channel_path);
// A new descriptor. -ECONNREFUSED: the process there has ended. -ENOENT: it has no such ticket. -ETIMEDOUT: it is
// stopped.
int FetchDescriptor(const char* address, const char* ticket, double timeout_ms);

}  // namespace nprocs::os
