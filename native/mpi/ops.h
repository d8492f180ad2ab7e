// Operations that are JavaScript functions. MPI calls a C function that gets no context, so there is a table of
// functions, each of which knows its place; a program can have as many of its own operations at a time. The function
// runs on the main thread, inside MPI's call; what it throws is kept until that call is over, and thrown then.
#pragma once
#include <node_api.h>

#include <cstring>
#include <utility>

#include "mpi/library.h"

namespace nprocs::mpi {

constexpr int kMaxOps = 16;

struct Thrown {
  napi_ref error = nullptr;
};
inline Thrown& TheThrown() {
  static Thrown thrown;
  return thrown;
}

struct OpEntry {
  napi_env env = nullptr;
  napi_ref function = nullptr;
};
inline OpEntry& OpAt(int index) {
  static OpEntry entries[kMaxOps];
  return entries[index];
}

// Throws it now, when the call that it was thrown in has returned.
inline bool ThrowWhatAnOpThrew(napi_env env) {
  Thrown& thrown = TheThrown();
  if (thrown.error == nullptr) return false;
  napi_value error;
  napi_get_reference_value(env, thrown.error, &error);
  napi_delete_reference(env, thrown.error);
  thrown.error = nullptr;
  napi_throw(env, error);
  return true;
}

// A copy of MPI's memory as a Uint8Array: the memory itself is MPI's and may be gone when JavaScript looks again.
inline napi_value CopyOf(napi_env env, const void* memory, size_t bytes, void** copy) {
  napi_value buffer, array;
  napi_create_arraybuffer(env, bytes, copy, &buffer);
  if (bytes > 0) std::memcpy(*copy, memory, bytes);
  napi_create_typedarray(env, napi_uint8_array, bytes, buffer, 0, &array);
  return array;
}

template <class Abi>
void RunOp(int index, void* input, void* inout, int count, typename Abi::template Handle<kType> type) {
  const OpEntry& entry = OpAt(index);
  if (TheThrown().error != nullptr || count <= 0) return;
  Library<Abi>& library = TheLibrary<Abi>();
  AintValue lower = 0, extent = 0, true_lower = 0, true_extent = 0;
  using Extent = int (*)(typename Abi::template Handle<kType>, AintValue*, AintValue*);
  reinterpret_cast<Extent>(library.functions[f_typeExtent])(type, &lower, &extent);
  reinterpret_cast<Extent>(library.functions[f_typeTrueExtent])(type, &true_lower, &true_extent);
  const size_t bytes = static_cast<size_t>((count - 1) * extent + true_lower + true_extent);
  napi_env env = entry.env;
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  void *input_copy = nullptr, *inout_copy = nullptr;
  napi_value arguments[4], function, receiver, ignored;
  arguments[0] = CopyOf(env, input, bytes, &input_copy);
  arguments[1] = CopyOf(env, inout, bytes, &inout_copy);
  napi_create_int32(env, count, &arguments[2]);
  napi_create_double(env, library.template ToSeam<kType>(type), &arguments[3]);
  napi_get_reference_value(env, entry.function, &function);
  napi_get_undefined(env, &receiver);
  if (napi_call_function(env, receiver, function, 4, arguments, &ignored) == napi_ok) {
    std::memcpy(inout, inout_copy, bytes);
  } else {
    napi_value error;
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok) {
      // References hold objects only: what else is thrown is wrapped by JavaScript before it comes here.
      napi_create_reference(env, error, 1, &TheThrown().error);
    }
  }
  napi_close_handle_scope(env, scope);
}

template <class Abi, int Index>
void OpFunction(void* input, void* inout, int* count, typename Abi::template Handle<kType>* type) {
  RunOp<Abi>(Index, input, inout, *count, *type);
}

template <class Abi>
using OpFunctionPointer = void (*)(void*, void*, int*, typename Abi::template Handle<kType>*);

template <class Abi, int... Index>
OpFunctionPointer<Abi> OpFunctionAt(int index, std::integer_sequence<int, Index...>) {
  static constexpr OpFunctionPointer<Abi> functions[] = {OpFunction<Abi, Index>...};
  return functions[index];
}

}  // namespace nprocs::mpi
