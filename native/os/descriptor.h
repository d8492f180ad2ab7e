// File descriptors: pairs, passing them to another process, waiting for several. Contract of
// os/<platform>/descriptor.cc. Results below 0 are -errno. Every descriptor that is made here is close-on-exec.
#pragma once
#include <cstddef>
#include <cstdint>

#include "os/shared.h"

namespace nprocs::os {

enum class PairKind { kStream, kMessages };  // bytes, or whole messages with their boundaries
int MakeSocketPair(PairKind kind, int out[2]);
int MakePipe(int out[2]);

// Sends one message with copies of descriptors. With `block` false, a full buffer is -EAGAIN. Never raises SIGPIPE.
int64_t SendMessage(int fd, const void* bytes, size_t length, bool block, const int* fds, size_t fd_count);

// Receives one message: its length, 0 at the end of the stream, -EAGAIN when there is none and `block` is false. `fds`
// has room for kMaxPassedFds. A message that is longer than `capacity` is an error (-EMSGSIZE), as is one whose
// descriptors find no place in this process (-EMFILE).
int64_t ReceiveMessage(int fd, void* bytes, size_t capacity, bool block, int* fds, size_t* fd_count);

// The same of bytes of a stream, which are not lost with their descriptors: where those find no place, all that came
// with the same bytes are dropped. Never waits.
int64_t ReceiveBytes(int fd, void* bytes, size_t capacity, int* fds, size_t* fd_count);

// Has the kernel say with each message on this socket whose it is: ReceiveMessage then refuses (-EPERM) what a process
// with another real user or group id than this one's has sent. To be called before anybody sends.
int RefuseOtherIds(int fd);

// Waits until one of the descriptors is ready for what `wanted` says (kReadable, kWritable; nullptr: each readable),
// and puts into `ready` what each is ready for. Hang-ups and errors count as ready for everything that was wanted.
// Returns how many are; 0 when the time is up. `timeout_ms` below 0: no end. Interrupted sleeps are resumed with what
// is left of the time.
int WaitForFds(const int32_t* fds, const int32_t* wanted, int32_t* ready, size_t count, double timeout_ms);

// An unnamed file in memory, for what is too large for one message.
int MakeMemoryFile();
// Copies a descriptor: to the number `to`, or to any free one when that is below 0.
int Duplicate(int from, int to);
bool IsOpen(int fd);
// Closes a descriptor, which no thread owns (owned.h) from then on.
int CloseFd(int fd);

}  // namespace nprocs::os
