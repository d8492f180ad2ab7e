// The calls that are no plain function of MPI: sending by mode, requests, initialisation, operations in JavaScript,
// attributes and texts.
#pragma once
#include "mpi/marshal.h"

namespace nprocs::mpi {

inline napi_value IntValue(napi_env env, int value) {
  napi_value result;
  napi_create_int32(env, value, &result);
  return result;
}

// The one argument of a call, when there is one.
inline napi_value OnlyArgument(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  return argument;
}

// The buffer of a call whose numbers are in registers: its one argument, or what the register says.
template <class Abi, int Register>
void* BufferOf(napi_env env, napi_callback_info info, const double* in) {
  if constexpr (Register >= 0) return reinterpret_cast<void*>(static_cast<uintptr_t>(in[Register]));
  return Address<Abi>(env, OnlyArgument(env, info));
}

static_assert(f_synchronousSend - f_standardSend == kSendSynchronous && f_bufferedSend - f_standardSend == kSendBuffered &&
                  f_readySend - f_standardSend == kSendReady,
              "functions.def has them in the order of the modes");
static_assert(f_synchronousIsend - f_standardIsend == kSendSynchronous && f_bufferedIsend - f_standardIsend == kSendBuffered &&
                  f_readyIsend - f_standardIsend == kSendReady,
              "functions.def has them in the order of the modes");

// send(buffer), and isend: count, datatype, rank, tag, communicator and mode are in the `in` registers. Node-API needs
// some eight nanoseconds for each number that it is given, and a message of a few bytes is worth them: 62 ns for a call
// that does nothing, 40 so. MPI's functions of the four modes have one signature.
template <class Abi, bool MakesRequest, int Register = -1>
napi_value Send(napi_env env, napi_callback_info info) {
  Library<Abi>& library = TheLibrary<Abi>();
  const double* in = library.registers.in;
  void* buffer = BufferOf<Abi, Register>(env, info, in);
  const auto type = library.template FromSeam<kType>(in[kInType]);
  const auto comm = library.template FromSeam<kComm>(in[kInComm]);
  const int count = static_cast<int>(in[kInCount]), dest = library.ToEngineRank(static_cast<int>(in[kInRank])), tag = static_cast<int>(in[kInTag]);
  const int mode = static_cast<int>(in[kInMode]);
  using C = Library<Abi>;
  if constexpr (MakesRequest) {
    typename C::Request request;
    using Function = int (*)(void*, int, typename C::template Handle<kType>, int, int, typename C::template Handle<kComm>, typename C::Request*);
    const int code = reinterpret_cast<Function>(library.functions[f_standardIsend + mode])(buffer, count, type, dest, tag, comm, &request);
    return IntValue(env, code == 0 ? library.TakeSlot(request, {}) : -code);
  } else {
    using Function = int (*)(void*, int, typename C::template Handle<kType>, int, int, typename C::template Handle<kComm>);
    return IntValue(env, reinterpret_cast<Function>(library.functions[f_standardSend + mode])(buffer, count, type, dest, tag, comm));
  }
}

// recv(buffer): count, datatype, rank, tag and communicator are in the `in` registers.
template <class Abi, int Register = -1>
napi_value Recv(napi_env env, napi_callback_info info) {
  Library<Abi>& library = TheLibrary<Abi>();
  const double* in = library.registers.in;
  void* buffer = BufferOf<Abi, Register>(env, info, in);
  const auto type = library.template FromSeam<kType>(in[kInType]);
  const auto comm = library.template FromSeam<kComm>(in[kInComm]);
  const int source = library.ToEngineRank(static_cast<int>(in[kInRank])), tag = library.ToEngineTag(static_cast<int>(in[kInTag]));
  typename Abi::Status status;
  std::memset(&status, 0, sizeof status);
  using C = Library<Abi>;
  using Function = int (*)(void*, int, typename C::template Handle<kType>, int, int, typename C::template Handle<kComm>, typename Abi::Status*);
  const int code = reinterpret_cast<Function>(library.functions[f_receive])(buffer, static_cast<int>(in[kInCount]), type, source, tag, comm, &status);
  library.WriteStatus(status, code);
  return IntValue(env, code);
}

// mprobeRecv(buffer): capacity in bytes, rank, tag and communicator are in the `in` registers. A message that fits is
// received, and out[0] is 0; else it is the message's handle.
template <class Abi>
napi_value MprobeRecv(napi_env env, napi_callback_info info) {
  using C = Library<Abi>;
  C& library = TheLibrary<Abi>();
  const double* in = library.registers.in;
  void* buffer = Address<Abi>(env, OnlyArgument(env, info));
  const auto comm = library.template FromSeam<kComm>(in[kInComm]);
  const int source = library.ToEngineRank(static_cast<int>(in[kInRank])), tag = library.ToEngineTag(static_cast<int>(in[kInTag]));
  typename C::template Handle<kMessage> message;
  typename Abi::Status status;
  std::memset(&status, 0, sizeof status);
  using Probe = int (*)(int, int, typename C::template Handle<kComm>, decltype(message)*, typename Abi::Status*);
  int code = reinterpret_cast<Probe>(library.functions[f_mprobe])(source, tag, comm, &message, &status);
  library.WriteStatus(status, code);
  if (code != 0) return IntValue(env, code);
  const int length = library.registers.status[kStatusBytesLow];
  const bool fits = library.registers.status[kStatusBytesHigh] == 0 && length >= 0 && length <= in[kInCount];
  library.registers.out[0] = fits ? 0 : library.template ToSeam<kMessage>(message);
  if (!fits) return IntValue(env, 0);
  const auto type = library.template FromSeam<kType>(kByteHandle);
  using Receive = int (*)(void*, int, typename C::template Handle<kType>, decltype(message)*, typename Abi::Status*);
  code = reinterpret_cast<Receive>(library.functions[f_mrecv])(buffer, length, type, &message, &status);
  if (code != 0) library.WriteStatus(status, code);
  return IntValue(env, code);
}

// Asks MPI whether a request is complete; how it ended stays in its slot.
template <class Abi>
bool Look(Library<Abi>& library, typename Library<Abi>::Slot& slot) {
  if (slot.is_done) return true;
  int flag = 0;
  using Function = int (*)(typename Library<Abi>::Request*, int*, typename Abi::Status*);
  slot.code = reinterpret_cast<Function>(library.functions[f_testOne])(&slot.request, &flag, &slot.status);
  slot.is_done = flag != 0 || slot.code != 0;
  return slot.is_done;
}

// Tells how a request ended, and frees its slot.
template <class Abi>
napi_value Finish(napi_env env, Library<Abi>& library, int index) {
  const auto& slot = library.SlotAt(index);
  const int code = slot.code;
  library.WriteStatus(slot.status, code);
  library.FreeSlot(index);
  return ThrowWhatAnOpThrew(env) ? nullptr : IntValue(env, code);
}

template <class Abi>
napi_value Wait(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  const int index = f.NextInt();
  auto& slot = f.library.SlotAt(index);
  using Function = int (*)(typename Library<Abi>::Request*, typename Abi::Status*);
  if (!slot.is_done) slot.code = reinterpret_cast<Function>(f.library.functions[f_waitOne])(&slot.request, &slot.status);
  return Finish(env, f.library, index);
}

// out[0]: whether it is complete.
template <class Abi>
napi_value Test(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  const int index = f.NextInt();
  const bool is_done = Look(f.library, f.library.SlotAt(index));
  f.Write(is_done ? 1 : 0);
  if (is_done) return Finish(env, f.library, index);
  return ThrowWhatAnOpThrew(env) ? nullptr : IntValue(env, 0);
}

// waitAny(slots: Int32Array, count): out[0] is the place in the list.
template <class Abi>
napi_value WaitAny(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  const int* slots = static_cast<int*>(Address<Abi>(env, f.Next()));
  const int count = f.NextInt();
  std::vector<typename Library<Abi>::Request> requests(count);
  for (int i = 0; i < count; i++) {
    auto& slot = f.library.SlotAt(slots[i]);
    if (slot.is_done) {
      f.Write(i);
      return Finish(env, f.library, slots[i]);
    }
    requests[i] = slot.request;
  }
  typename Abi::Status status;
  std::memset(&status, 0, sizeof status);
  int index = -1;
  using Function = int (*)(int, typename Library<Abi>::Request*, int*, typename Abi::Status*);
  const int code = reinterpret_cast<Function>(f.library.functions[f_waitAnyOne])(count, requests.data(), &index, &status);
  for (int i = 0; i < count; i++) f.library.SlotAt(slots[i]).request = requests[i];
  f.Write(index);
  if (index < 0 || index >= count) return ThrowWhatAnOpThrew(env) ? nullptr : IntValue(env, code);
  auto& slot = f.library.SlotAt(slots[index]);
  slot.code = code;
  slot.status = status;
  return Finish(env, f.library, slots[index]);
}

// Whether a test would find it complete: 1 or 0. The request stays. (By MPI_Test and not MPI_Request_get_status, which
// never sees MPICH's requests of files complete.)
template <class Abi>
napi_value IsComplete(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  return IntValue(env, Look(f.library, f.library.SlotAt(f.NextInt())) ? 1 : 0);
}

template <class Abi>
napi_value Cancel(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  auto& slot = f.library.SlotAt(f.NextInt());
  if (slot.is_done) return IntValue(env, 0);
  auto& request = slot.request;
  return IntValue(env, reinterpret_cast<int (*)(decltype(&request))>(f.library.functions[f_cancelOne])(&request));
}

// out[0]: the level that was granted, THREAD_*.
template <class Abi>
napi_value Init(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  int provided = 0;
  using Function = int (*)(int*, char***, int, int*);
  const int code = reinterpret_cast<Function>(f.library.functions[f_initThread])(nullptr, nullptr, static_cast<int>(Number<Abi>(k_THREAD_FUNNELED)), &provided);
  for (const ConstantIndex level : {k_THREAD_SINGLE, k_THREAD_FUNNELED, k_THREAD_SERIALIZED, k_THREAD_MULTIPLE})
    if (Number<Abi>(level) == provided) f.library.registers.out[0] = static_cast<double>(kNumbers[level][0]);
  return IntValue(env, code);
}

// opCreate(function, commutes): out[0] is its handle, out[1] its place in the table; the code -1: the table is full.
template <class Abi>
napi_value OpCreate(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  int index = 0;
  while (index < kMaxOps && OpAt(index).function != nullptr) index++;
  if (index == kMaxOps) return IntValue(env, -1);
  napi_create_reference(env, f.Next(), 1, &OpAt(index).function);
  OpAt(index).env = env;
  typename Library<Abi>::template Handle<kOp> op;
  using Function = int (*)(OpFunctionPointer<Abi>, int, decltype(op)*);
  const auto function = OpFunctionAt<Abi>(index, std::make_integer_sequence<int, kMaxOps>());
  const int code = reinterpret_cast<Function>(f.library.functions[f_opCreateOn])(function, f.NextInt(), &op);
  f.Write(f.library.template ToSeam<kOp>(op));
  f.Write(index);
  return IntValue(env, code);
}

// opForget(place)
template <class Abi>
napi_value OpForget(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  OpEntry& entry = OpAt(f.NextInt());
  napi_delete_reference(env, entry.function);
  entry.function = nullptr;
  return IntValue(env, 0);
}

// attribute(comm, keyval as MPICH numbers it): out[0] is 1 when there is one, out[1] its value, an int.
template <class Abi>
napi_value Attribute(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  const auto comm = f.library.template FromSeam<kComm>(f.NextDouble());
  const int keyval = Translated<Abi>(f.NextInt(), {k_TAG_UB, k_UNIVERSE_SIZE, k_APPNUM, k_WTIME_IS_GLOBAL});
  int* value = nullptr;
  int flag = 0;
  using Function = int (*)(typename Library<Abi>::template Handle<kComm>, int, void*, int*);
  const int code = reinterpret_cast<Function>(f.library.functions[f_commGetAttr])(comm, keyval, &value, &flag);
  f.Write(flag);
  f.Write(flag != 0 && value != nullptr ? *value : 0);
  return IntValue(env, code);
}

inline napi_value TextValue(napi_env env, const char* text) {
  napi_value result;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result);
  return result;
}
template <class Abi>
napi_value ErrorString(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  char text[8192 + 1] = "";
  int length = 0;
  reinterpret_cast<int (*)(int, char*, int*)>(f.library.functions[f_errorText])(f.NextInt(), text, &length);
  return TextValue(env, text);
}
template <class Abi, int Index>
napi_value NameString(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  char text[8192 + 1] = "";
  int length = 0;
  reinterpret_cast<int (*)(char*, int*)>(f.library.functions[Index])(text, &length);
  return TextValue(env, text);
}
template <class Abi>
napi_value ErrorClass(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  return IntValue(env, f.library.ErrorClass(f.NextInt()));
}
template <class Abi, int Index>
napi_value Seconds(napi_env env, napi_callback_info info) {
  Frame<Abi> f(env, info);
  napi_value result;
  napi_create_double(env, reinterpret_cast<double (*)()>(f.library.functions[Index])(), &result);
  return result;
}

// memory(address, bytes): MPI's own memory as an ArrayBuffer; unmap(buffer) takes it away again.
inline napi_value Memory(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], buffer;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  double address = 0, bytes = 0;
  napi_get_value_double(env, arguments[0], &address);
  napi_get_value_double(env, arguments[1], &bytes);
  if (bytes == 0) {
    void* ignored;
    napi_create_arraybuffer(env, 0, &ignored, &buffer);
  } else {
    napi_create_external_arraybuffer(env, reinterpret_cast<void*>(static_cast<uintptr_t>(address)), static_cast<size_t>(bytes), nullptr, nullptr, &buffer);
  }
  return buffer;
}
// address(array): that of its first byte.
template <class Abi>
napi_value AddressNumber(napi_env env, napi_callback_info info) {
  napi_value result;
  napi_create_double(env, static_cast<double>(reinterpret_cast<uintptr_t>(Address<Abi>(env, OnlyArgument(env, info)))), &result);
  return result;
}
inline napi_value Detach(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value arguments[1];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  napi_detach_arraybuffer(env, arguments[0]);
  return nullptr;
}

}  // namespace nprocs::mpi
