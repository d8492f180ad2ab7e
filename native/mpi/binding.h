// What JavaScript gets for a library that has been opened: an object with all its functions. Instantiated once for each
// binary interface, in a file of its own.
#pragma once
#include "mpi/calls.h"

namespace nprocs::mpi {

inline void Export(napi_env env, napi_value object, const char* name, napi_callback function) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, object, name, value);
}

template <class Abi>
void Bind(napi_env env, napi_value object, void* library, Registers registers) {
  TheLibrary<Abi>().Open(library, registers);
  using namespace kinds;
#define FUNCTION(name, symbol, ...) Export(env, object, #name, Call<Abi, f_##name __VA_OPT__(, ) __VA_ARGS__>);
#define SYMBOL(name, symbol)
#include "mpi/functions.def"
#undef FUNCTION
#undef SYMBOL
  Export(env, object, "send", Send<Abi, false>);
  Export(env, object, "isend", Send<Abi, true>);
  Export(env, object, "sendKnown", Send<Abi, false, kInSentAddress>);
  Export(env, object, "recv", Recv<Abi>);
  Export(env, object, "recvKnown", Recv<Abi, kInReceivedAddress>);
  Export(env, object, "mprobeRecv", MprobeRecv<Abi>);
  Export(env, object, "wait", Wait<Abi>);
  Export(env, object, "test", Test<Abi>);
  Export(env, object, "waitAny", WaitAny<Abi>);
  Export(env, object, "isComplete", IsComplete<Abi>);
  Export(env, object, "cancel", Cancel<Abi>);
  Export(env, object, "init", Init<Abi>);
  Export(env, object, "opCreate", OpCreate<Abi>);
  Export(env, object, "opForget", OpForget<Abi>);
  Export(env, object, "attribute", Attribute<Abi>);
  Export(env, object, "errorClass", ErrorClass<Abi>);
  Export(env, object, "errorString", ErrorString<Abi>);
  Export(env, object, "libraryVersion", NameString<Abi, f_libraryText>);
  Export(env, object, "processorName", NameString<Abi, f_processorText>);
  Export(env, object, "wtime", Seconds<Abi, f_time>);
  Export(env, object, "wtick", Seconds<Abi, f_tick>);
  Export(env, object, "memory", Memory);
  Export(env, object, "address", AddressNumber<Abi>);
  Export(env, object, "detach", Detach);
}

void BindOpenMpi(napi_env env, napi_value object, void* library, Registers registers);
void BindMpich(napi_env env, napi_value object, void* library, Registers registers);
void BindStandard(napi_env env, napi_value object, void* library, Registers registers);

}  // namespace nprocs::mpi
