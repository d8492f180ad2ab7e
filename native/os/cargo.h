// Files in shared memory that hold one array each, as their receivers have them: mapped, until V8 has collected the
// array. Contract of os/<platform>/cargo.cc.
#pragma once
#include <cstddef>
#include <cstdint>

namespace nprocs::os {

// Where in a file the things are that a receiver needs, in bytes from its beginning.
struct CargoLayout {
  size_t carrier;  // 64 bits: which message carries it; 0 when none does (any more)
  size_t use;      // 32 bits: 1 while it is on its way or somebody has it mapped; its sender may fill it again when that is 0
  size_t data;     // to the end
};

struct Cargo;

// Maps the file for its receiver, writable, and says in it that no message carries it any more. Removes its name if its
// sender has let go of it. nullptr, with errno set, when it does not exist or is shorter than `size` bytes of data.
Cargo* OpenCargo(const char* path, const CargoLayout& layout, size_t size);
void* CargoData(const Cargo* cargo);
// Gives it back to its sender. If this process has forked meanwhile, it only unmaps it: the copy may still need what is
// in it. Any thread may call it.
void CloseCargo(Cargo* cargo);
// How many bytes this process has open.
size_t OpenCargoBytes();
// Gives all back that this process has open. For its end: memory stays mapped under the feet of whoever still reads it,
// but its sender may fill it again.
void ReturnAllCargo();

}  // namespace nprocs::os
