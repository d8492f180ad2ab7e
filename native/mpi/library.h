// The libmpi that has been opened: its functions, its handles as numbers of the seam, and the registers in which
// results reach JavaScript. There is one in a process at most.
#pragma once
#include <dlfcn.h>

#include <cstring>
#include <deque>
#include <memory>
#include <vector>

#include "mpi/abi.h"

namespace nprocs::mpi {

#define SHARED(name, in_typescript, value) constexpr int name = value;
#include "mpi/shared.def"
#undef SHARED

// All functions of MPI that are called through the table of functions.def.
enum FunctionIndex {
#define FUNCTION(name, symbol, ...) f_##name,
#define SYMBOL(name, symbol) f_##name,
#include "mpi/functions.def"
#undef FUNCTION
#undef SYMBOL
  kFunctions
};

// What JavaScript reads after a call, and what it has written before one of the few that take their numbers so
// (calls.h); their memory is that of three typed arrays that it gave.
struct Registers {
  int32_t* status;  // kStatus…
  double* out;
  const double* in;  // kIn…
};

// Storage that must live until a request is complete (lists that were converted on their way).
using Storage = std::vector<std::unique_ptr<char[]>>;

template <class Abi>
class Library {
 public:
  template <Kind K>
  using Handle = typename Abi::template Handle<K>;
  using Request = Handle<kRequest>;
  using Status = typename Abi::Status;

  void* functions[kFunctions] = {};
  Registers registers = {};
  // MPI_UNWEIGHTED and MPI_WEIGHTS_EMPTY: in MPICH they are variables.
  void *unweighted = nullptr, *weights_empty = nullptr;

  // Looks up everything. What the library does not have (an older MPI) stays null, and its call is an error of the
  // class UNSUPPORTED_OPERATION.
  void Open(void* library, Registers r) {
    registers = r;
    static constexpr const char* kSymbols[] = {
#define FUNCTION(name, symbol, ...) symbol,
#define SYMBOL(name, symbol) symbol,
#include "mpi/functions.def"
#undef FUNCTION
#undef SYMBOL
    };
    for (int i = 0; i < kFunctions; i++) functions[i] = dlsym(library, kSymbols[i]);
    for (const Predefined& p : kPredefined) predefined_[p.kind][p.seam] = Value(library, p);
    unweighted = Pointer(library, "MPI_UNWEIGHTED", k_UNWEIGHTED);
    weights_empty = Pointer(library, "MPI_WEIGHTS_EMPTY", k_WEIGHTS_EMPTY);
  }

  template <Kind K>
  Handle<K> FromSeam(double number) const {
    if (number >= 0 && number < kFirstOwnHandle) return Cast<K>(number < kMaxPredefined ? predefined_[K][static_cast<int>(number)] : predefined_[K][0]);
    return Cast<K>(static_cast<int64_t>(number));
  }

  template <Kind K>
  double ToSeam(Handle<K> handle) const {
    const int64_t value = Bits(handle);
    for (const Predefined& p : kPredefined)
      if (p.kind == K && predefined_[K][p.seam] == value) return p.seam;
    return static_cast<double>(value);
  }

  // Requests are slots, so that JavaScript's number means nothing to MPI. An MPI_Request that a call has made goes into
  // a slot with what it needs.
  int TakeSlot(Request request, Storage&& storage) {
    int slot;
    if (free_.empty()) {
      slot = static_cast<int>(slots_.size());
      slots_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    slots_[slot] = {request, std::move(storage), false, 0, {}};
    return slot;
  }
  // A request, what it needs, and how it ended if a look from the event loop has seen that: whoever asks for it is told
  // then.
  struct Slot {
    Request request;
    Storage storage;
    bool is_done;
    int code;
    Status status;
  };
  Slot& SlotAt(int slot) { return slots_[slot]; }
  void FreeSlot(int slot) {
    slots_[slot].storage.clear();
    free_.push_back(slot);
  }

  int ToEngineRank(int rank) const {
    if (rank >= 0) return rank;
    if (rank == kNumbers[k_ANY_SOURCE][0]) return static_cast<int>(Number<Abi>(k_ANY_SOURCE));
    if (rank == kNumbers[k_PROC_NULL][0]) return static_cast<int>(Number<Abi>(k_PROC_NULL));
    if (rank == kNumbers[k_ROOT][0]) return static_cast<int>(Number<Abi>(k_ROOT));
    return rank;
  }
  int FromEngineRank(int rank) const {
    if (rank >= 0) return rank;
    if (rank == Number<Abi>(k_ANY_SOURCE)) return static_cast<int>(kNumbers[k_ANY_SOURCE][0]);
    if (rank == Number<Abi>(k_PROC_NULL)) return static_cast<int>(kNumbers[k_PROC_NULL][0]);
    return rank;
  }
  int ToEngineTag(int tag) const { return tag == kNumbers[k_ANY_TAG][0] ? static_cast<int>(Number<Abi>(k_ANY_TAG)) : tag; }
  int FromEngineTag(int tag) const { return tag == Number<Abi>(k_ANY_TAG) ? static_cast<int>(kNumbers[k_ANY_TAG][0]) : tag; }

  // The class of an error code, as JavaScript's constants number it.
  int ErrorClass(int code) const {
    int error_class = code;
    using Function = int (*)(int, int*);
    if (functions[f_errorClass] != nullptr) reinterpret_cast<Function>(functions[f_errorClass])(code, &error_class);
    for (int i = 0; i < kConstants; i++)
      if (kIsError[i] && kNumbers[i][Abi::kColumn] == error_class) return static_cast<int>(kNumbers[i][0]);
    return error_class == 0 ? 0 : static_cast<int>(kNumbers[k_ERR_UNKNOWN][0]);
  }

  void WriteStatus(const Status& status, int code) {
    const Received received = ReadStatus(status);
    int32_t* words = registers.status;
    words[kStatusSource] = FromEngineRank(received.source);
    words[kStatusTag] = FromEngineTag(received.tag);
    words[kStatusError] = code == 0 ? 0 : ErrorClass(code);
    words[kStatusCancelled] = received.cancelled ? 1 : 0;
    words[kStatusBytesLow] = static_cast<int32_t>(received.bytes & 0xffffffff);
    words[kStatusBytesHigh] = static_cast<int32_t>(received.bytes >> 32);
  }

 private:
  Received ReadStatus(const Status& status) {
    if constexpr (std::is_same_v<Abi, Standard>) {
      Received received{status.source, status.tag, status.error, false, 0};
      int flag = 0;
      reinterpret_cast<int (*)(const Status*, int*)>(functions[f_testCancelled])(&status, &flag);
      CountValue count = 0;
      reinterpret_cast<int (*)(const Status*, Handle<kType>, CountValue*)>(functions[f_getElementsX])(&status, FromSeam<kType>(1), &count);
      received.cancelled = flag != 0;
      received.bytes = count < 0 ? 0 : static_cast<uint64_t>(count);
      return received;
    } else {
      return Abi::Read(status);
    }
  }

  static int64_t Value(void* library, const Predefined& p) {
    if constexpr (std::is_same_v<Abi, OpenMpi>) return reinterpret_cast<int64_t>(dlsym(library, p.symbol));
    if constexpr (std::is_same_v<Abi, Mpich>) return p.mpich;
    return p.standard;
  }
  static void* Pointer(void* library, const char* variable, ConstantIndex number) {
    void* symbol = std::is_same_v<Abi, Mpich> ? dlsym(library, variable) : nullptr;
    return symbol != nullptr ? *static_cast<void**>(symbol) : reinterpret_cast<void*>(Number<Abi>(number));
  }

  template <Kind K>
  static Handle<K> Cast(int64_t bits) {
    if constexpr (std::is_pointer_v<Handle<K>>)
      return reinterpret_cast<Handle<K>>(bits);
    else
      return static_cast<Handle<K>>(bits);
  }
  template <class H>
  static int64_t Bits(H handle) {
    if constexpr (std::is_pointer_v<H>)
      return reinterpret_cast<int64_t>(handle);
    else
      return handle;
  }

  static constexpr bool kIsError[kConstants] = {
#define NUMBER(name, mpich, openmpi, standard) false,
#define ERROR(name, mpich, openmpi, standard) true,
#define HANDLE(kind, seam, symbol, mpich, standard)
#include "mpi/constants.def"
#undef NUMBER
#undef ERROR
#undef HANDLE
  };

  int64_t predefined_[kKinds][kMaxPredefined] = {};
  // References stay valid while others are added.
  std::deque<Slot> slots_;
  std::vector<int> free_;
};

// The one library of this process.
template <class Abi>
Library<Abi>& TheLibrary() {
  static Library<Abi>* library = new Library<Abi>();
  return *library;
}

}  // namespace nprocs::mpi
