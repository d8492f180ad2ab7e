// The three binary interfaces that an MPI library can have. They differ in what a handle is, in the layout of
// MPI_Status, and in the numbers of constants; they are settled: Open MPI 4 to 6, MPICH 4 to 5 (and its kin: Intel,
// MVAPICH, Cray), and MPI 5's standard one. All code that calls MPI is a template over one of these structs, so every
// function pointer has the exact C signature. No header of an MPI is needed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace nprocs::mpi {

// The kinds of handles that cross the seam.
enum Kind { kComm, kType, kOp, kRequest, kMessage, kWin, kFile, kInfo, kGroup, kErrhandler, kKinds };

using AintValue = intptr_t;
using CountValue = int64_t;

// How a received message is described, whatever MPI_Status looks like.
struct Received {
  int source, tag, error;
  bool cancelled;
  uint64_t bytes;
};

// Constants that cross the seam as numbers: name, MPICH (what JavaScript sees), Open MPI, standard.
enum ConstantIndex {
#define NUMBER(name, mpich, openmpi, standard) k_##name,
#define ERROR(name, mpich, openmpi, standard) k_##name,
#define HANDLE(kind, seam, symbol, mpich, standard)
#include "mpi/constants.def"
#undef NUMBER
#undef ERROR
#undef HANDLE
  kConstants
};

struct OpenMpi {
  static constexpr int kColumn = 1;
  template <Kind K>
  using Handle = void*;
  struct Status {
    int source, tag, error, cancelled;
    size_t bytes;
  };
  static Received Read(const Status& status) { return {status.source, status.tag, status.error, status.cancelled != 0, status.bytes}; }
};

struct Mpich {
  static constexpr int kColumn = 0;
  template <Kind K>
  using Handle = std::conditional_t<K == kFile, void*, int>;
  struct Status {
    uint32_t bytes_low, bytes_high_and_cancelled;
    int source, tag, error;
  };
  static Received Read(const Status& status) {
    const uint64_t high = status.bytes_high_and_cancelled >> 1;
    return {status.source, status.tag, status.error, (status.bytes_high_and_cancelled & 1) != 0, high << 32 | status.bytes_low};
  }
};

struct Standard {
  static constexpr int kColumn = 2;
  template <Kind K>
  using Handle = void*;
  // What is inside is each library's own affair: it is asked by functions, see ReadStatus in binding.h.
  struct Status {
    int source, tag, error, inside[5];
  };
};

constexpr int64_t kNumbers[kConstants][3] = {
#define NUMBER(name, mpich, openmpi, standard) {mpich, openmpi, standard},
#define ERROR(name, mpich, openmpi, standard) {mpich, openmpi, standard},
#define HANDLE(kind, seam, symbol, mpich, standard)
#include "mpi/constants.def"
#undef NUMBER
#undef ERROR
#undef HANDLE
};

template <class Abi>
constexpr int64_t Number(ConstantIndex index) {
  return kNumbers[index][Abi::kColumn];
}

// Predefined handles: which seam number is which symbol (Open MPI) or value (the others).
struct Predefined {
  Kind kind;
  int seam;
  const char* symbol;
  int64_t mpich, standard;
};
constexpr Predefined kPredefined[] = {
#define NUMBER(name, mpich, openmpi, standard)
#define ERROR(name, mpich, openmpi, standard)
#define HANDLE(kind, seam, symbol, mpich, standard) {kind, seam, symbol, mpich, standard},
#include "mpi/constants.def"
#undef NUMBER
#undef ERROR
#undef HANDLE
};
constexpr int kMaxPredefined = 64;

}  // namespace nprocs::mpi
