// Files in shared memory that hold one array each, as their receivers have them: mapped, until V8 has collected the
// array, and for a while longer. Contract of os/<platform>/out_of_band.cc.
//
// A sender fills the same files again and again. To map one anew costs its receiver more than to copy what is inside: a
// page fault for every 16 pages that it reads and each that it writes. So what has been given back stays mapped for its
// next filling. It takes no memory of its own: its sender has the file; whoever of both comes second, the sender who
// lets go of it or the receiver who gives it back, sees that in the file and frees what is inside. What a sender leaves
// that was killed is unmapped when it has not been opened for a while (UnmapIdleOutOfBand).
#pragma once
#include <cstddef>
#include <cstdint>

namespace nprocs::os {

// Where in a file the things are that a receiver needs, in bytes from its beginning.
struct OutOfBandLayout {
  size_t in_flight;  // 64 bits: which message carries it; 0 when none does (any more)
  // 32 bits: 1 while it is on its way or somebody needs what is inside; its sender may fill it again when that is 0
  size_t use;
  size_t let_go;   // 32 bits: 1 when its sender will not fill it again
  size_t data;     // to the end
};

struct OutOfBandFile;

// Maps the file for its receiver, writable, and says in it that no message carries it any more. Removes its name if its
// sender has let go of it. 0, or -errno: it does not exist, or (-EIO) is shorter than `size` bytes of data.
int OpenOutOfBand(const char* path, const OutOfBandLayout& layout, size_t size, OutOfBandFile** out);
void* OutOfBandData(const OutOfBandFile* file);
// Gives it back to its sender. If this process has forked meanwhile, it only unmaps it: the copy may still need what is
// in it. Any thread may call it.
void CloseOutOfBand(OutOfBandFile* file);
// How many bytes this process has open.
size_t OpenOutOfBandBytes();
// Unmaps what was given back and has not been opened again for so long. Whether something is left, or may come: a file
// was opened since.
bool UnmapIdleOutOfBand(int64_t idle_ms);
// Gives all back that this process has open. For its end: memory stays mapped under the feet of whoever still reads it,
// but its sender may fill it again.
void ReturnAllOutOfBand();

}  // namespace nprocs::os
