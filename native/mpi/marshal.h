// How a call crosses from JavaScript to MPI: each parameter of a C function is of a kind, a small struct that takes its
// arguments from JavaScript, gives C its value, and tells afterwards what MPI has written. `Call` puts the kinds of one
// function together. All calls are made on the thread of the caller and block as MPI does.
#pragma once
#include <node_api.h>

#include <string>
#include <tuple>

#include "mpi/library.h"
#include "mpi/ops.h"

namespace nprocs::mpi {

constexpr size_t kMaxArguments = 16;

// One call under way: its arguments, the next of them to be taken, and the next result's place in `out`.
template <class Abi>
struct Frame {
  napi_env env;
  Library<Abi>& library;
  napi_value arguments[kMaxArguments];
  size_t next = 0;
  int next_out = 0;
  int slot = -1;
  Storage storage;

  Frame(napi_env e, napi_callback_info info) : env(e), library(TheLibrary<Abi>()) {
    size_t count = kMaxArguments;
    napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  }
  napi_value Next() { return arguments[next++]; }
  int NextInt() {
    int32_t value = 0;
    napi_get_value_int32(env, Next(), &value);
    return value;
  }
  double NextDouble() {
    double value = 0;
    napi_get_value_double(env, Next(), &value);
    return value;
  }
  void Write(double value) { library.registers.out[next_out++] = value; }
  // Memory that lives as long as the call, or as the request that it makes.
  template <class T>
  T* Keep(size_t count) {
    storage.emplace_back(new char[count * sizeof(T) + 1]);
    return reinterpret_cast<T*>(storage.back().get());
  }
};

// A typed array is the address of its first byte; null is the address 0; the number 1 is MPI_IN_PLACE.
template <class Abi>
inline void* Address(napi_env env, napi_value value) {
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, nullptr, nullptr, &data, nullptr, nullptr) == napi_ok) return data;
  napi_valuetype type;
  napi_typeof(env, value, &type);
  return type == napi_number ? reinterpret_cast<void*>(Number<Abi>(k_IN_PLACE)) : nullptr;
}

// A constant that crosses as MPICH's number.
template <class Abi>
inline int Translated(int value, std::initializer_list<ConstantIndex> constants) {
  for (const ConstantIndex index : constants)
    if (kNumbers[index][0] == value) return static_cast<int>(Number<Abi>(index));
  return value;
}
// The same of flags that are combined.
template <class Abi>
inline int TranslatedFlags(int value, std::initializer_list<ConstantIndex> constants) {
  int flags = 0;
  for (const ConstantIndex index : constants)
    if ((value & kNumbers[index][0]) != 0) flags |= static_cast<int>(Number<Abi>(index));
  return flags;
}

namespace kinds {

template <class Abi>
struct Plain {
  void Out(Frame<Abi>&, int) {}
};

template <class Abi>
struct Int : Plain<Abi> {
  using C = int;
  int value;
  void In(Frame<Abi>& f) { value = f.NextInt(); }
  C Get() { return value; }
};
template <class Abi>
struct Aint : Plain<Abi> {
  using C = AintValue;
  C value;
  void In(Frame<Abi>& f) { value = static_cast<C>(f.NextDouble()); }
  C Get() { return value; }
};
template <class Abi>
struct Offset : Aint<Abi> {};

#define TRANSLATED_KIND(name, expression)                    \
  template <class Abi>                                       \
  struct name : Int<Abi> {                                   \
    void In(Frame<Abi>& f) {                                 \
      const int given = f.NextInt();                         \
      this->value = expression;                              \
    }                                                        \
  };
TRANSLATED_KIND(Rank, f.library.ToEngineRank(given))
TRANSLATED_KIND(Tag, f.library.ToEngineTag(given))
TRANSLATED_KIND(SplitType, Translated<Abi>(given, {k_COMM_TYPE_SHARED}))
TRANSLATED_KIND(LockType, Translated<Abi>(given, {k_LOCK_EXCLUSIVE, k_LOCK_SHARED}))
TRANSLATED_KIND(Order, Translated<Abi>(given, {k_ORDER_C, k_ORDER_FORTRAN}))
TRANSLATED_KIND(Whence, Translated<Abi>(given, {k_SEEK_SET, k_SEEK_CUR, k_SEEK_END}))
TRANSLATED_KIND(Assertion, TranslatedFlags<Abi>(given, {k_MODE_NOCHECK, k_MODE_NOSTORE, k_MODE_NOPUT, k_MODE_NOPRECEDE, k_MODE_NOSUCCEED}))
TRANSLATED_KIND(FileMode, TranslatedFlags<Abi>(given, {k_MODE_CREATE, k_MODE_RDONLY, k_MODE_WRONLY, k_MODE_RDWR, k_MODE_DELETE_ON_CLOSE,
                                                       k_MODE_UNIQUE_OPEN, k_MODE_EXCL, k_MODE_APPEND, k_MODE_SEQUENTIAL}))
#undef TRANSLATED_KIND

template <class Abi>
struct Buffer : Plain<Abi> {
  using C = void*;
  void* value;
  void In(Frame<Abi>& f) { value = Address<Abi>(f.env, f.Next()); }
  C Get() { return value; }
};
// An Int32Array, or null. What a request needs later is kept by JavaScript, as buffers are.
template <class Abi>
struct Ints : Plain<Abi> {
  using C = int*;
  int* value;
  void In(Frame<Abi>& f) { value = static_cast<int*>(Address<Abi>(f.env, f.Next())); }
  C Get() { return value; }
};
// An Int32Array; null: MPI_UNWEIGHTED; an empty one: MPI_WEIGHTS_EMPTY.
template <class Abi>
struct Weights : Plain<Abi> {
  using C = int*;
  void* value;
  void In(Frame<Abi>& f) {
    size_t length = 0;
    value = nullptr;
    if (napi_get_typedarray_info(f.env, f.Next(), nullptr, &length, &value, nullptr, nullptr) != napi_ok)
      value = f.library.unweighted;
    else if (length == 0)
      value = f.library.weights_empty;
  }
  C Get() { return static_cast<C>(value); }
};
// A Float64Array of numbers that C has as something else.
template <class Abi, class T, class Convert>
T* ConvertedList(Frame<Abi>& f, Convert convert) {
  double* numbers = nullptr;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(f.env, f.Next(), nullptr, &length, &data, nullptr, nullptr) == napi_ok) numbers = static_cast<double*>(data);
  T* list = f.template Keep<T>(length);
  for (size_t i = 0; i < length; i++) list[i] = convert(numbers[i]);
  return list;
}
template <class Abi>
struct Aints : Plain<Abi> {
  using C = AintValue*;
  C value;
  void In(Frame<Abi>& f) {
    value = ConvertedList<Abi, AintValue>(f, [](double number) { return static_cast<AintValue>(number); });
  }
  C Get() { return value; }
};
template <class Abi, Kind K>
struct HandleList : Plain<Abi> {
  using Handle = typename Abi::template Handle<K>;
  using C = Handle*;
  C value;
  void In(Frame<Abi>& f) {
    value = ConvertedList<Abi, Handle>(f, [&](double number) { return f.library.template FromSeam<K>(number); });
  }
  C Get() { return value; }
};
template <class Abi>
struct Types : HandleList<Abi, kType> {};
template <class Abi>
struct Infos : HandleList<Abi, kInfo> {};
template <class Abi>
struct Text : Plain<Abi> {
  using C = const char*;
  std::string value;
  void In(Frame<Abi>& f) {
    const napi_value text = f.Next();
    size_t length = 0;
    napi_get_value_string_utf8(f.env, text, nullptr, 0, &length);
    value.resize(length);
    napi_get_value_string_utf8(f.env, text, value.data(), length + 1, &length);
  }
  C Get() { return value.c_str(); }
};

// An array of texts, as C has `argv`: a null pointer ends it.
template <class Abi>
char** TextPointers(Frame<Abi>& f, napi_value texts) {
  uint32_t count = 0;
  napi_get_array_length(f.env, texts, &count);
  char** pointers = f.template Keep<char*>(count + 1);
  for (uint32_t i = 0; i < count; i++) {
    napi_value text;
    size_t length = 0;
    napi_get_element(f.env, texts, i, &text);
    napi_get_value_string_utf8(f.env, text, nullptr, 0, &length);
    pointers[i] = f.template Keep<char>(length + 1);
    napi_get_value_string_utf8(f.env, text, pointers[i], length + 1, &length);
  }
  pointers[count] = nullptr;
  return pointers;
}
template <class Abi>
struct TextList : Plain<Abi> {
  using C = char**;
  C value;
  void In(Frame<Abi>& f) { value = TextPointers(f, f.Next()); }
  C Get() { return value; }
};
template <class Abi>
struct TextLists : Plain<Abi> {
  using C = char***;
  C value;
  void In(Frame<Abi>& f) {
    const napi_value lists = f.Next();
    uint32_t count = 0;
    napi_get_array_length(f.env, lists, &count);
    value = f.template Keep<char**>(count + 1);
    for (uint32_t i = 0; i < count; i++) {
      napi_value list;
      napi_get_element(f.env, lists, i, &list);
      value[i] = TextPointers(f, list);
    }
    value[count] = nullptr;
  }
  C Get() { return value; }
};

// Handles, by value, made by the call, or changed by it.
template <class Abi, Kind K>
struct HandleIn : Plain<Abi> {
  using C = typename Abi::template Handle<K>;
  C value;
  void In(Frame<Abi>& f) { value = f.library.template FromSeam<K>(f.NextDouble()); }
  C Get() { return value; }
};
template <class Abi, Kind K>
struct HandleOut {
  using Handle = typename Abi::template Handle<K>;
  using C = Handle*;
  Handle value;
  void In(Frame<Abi>& f) { value = f.library.template FromSeam<K>(0); }
  C Get() { return &value; }
  void Out(Frame<Abi>& f, int) { f.Write(f.library.template ToSeam<K>(value)); }
};
template <class Abi, Kind K>
struct HandleInOut {
  using Handle = typename Abi::template Handle<K>;
  using C = Handle*;
  Handle value;
  void In(Frame<Abi>& f) { value = f.library.template FromSeam<K>(f.NextDouble()); }
  C Get() { return &value; }
  void Out(Frame<Abi>&, int) {}
};
#define HANDLE_KINDS(name)                   \
  template <class Abi>                       \
  struct name : HandleIn<Abi, k##name> {};   \
  template <class Abi>                       \
  struct Out##name : HandleOut<Abi, k##name> {}; \
  template <class Abi>                       \
  struct InOut##name : HandleInOut<Abi, k##name> {};
HANDLE_KINDS(Comm)
HANDLE_KINDS(Type)
HANDLE_KINDS(Op)
HANDLE_KINDS(Message)
HANDLE_KINDS(Win)
HANDLE_KINDS(File)
HANDLE_KINDS(Info)
HANDLE_KINDS(Group)
HANDLE_KINDS(Errhandler)
#undef HANDLE_KINDS

// A communicator that MPI may write when the request is complete only.
template <class Abi>
struct LateOutComm {
  using Handle = typename Abi::template Handle<kComm>;
  using C = Handle*;
  Handle* value;
  void In(Frame<Abi>& f) {
    value = f.template Keep<Handle>(1);
    *value = f.library.template FromSeam<kComm>(0);
  }
  C Get() { return value; }
  void Out(Frame<Abi>& f, int) { f.Write(f.library.template ToSeam<kComm>(*value)); }
};

template <class Abi, class T>
struct NumberOut {
  using C = T*;
  T value = 0;
  void In(Frame<Abi>&) {}
  C Get() { return &value; }
  void Out(Frame<Abi>& f, int) { f.Write(static_cast<double>(value)); }
};
template <class Abi>
struct OutInt : NumberOut<Abi, int> {};
template <class Abi>
struct OutAint : NumberOut<Abi, AintValue> {};
template <class Abi>
struct OutCount : NumberOut<Abi, CountValue> {};
template <class Abi>
struct OutRank : NumberOut<Abi, int> {
  void Out(Frame<Abi>& f, int) { f.Write(f.library.FromEngineRank(this->value)); }
};
template <class Abi>
struct InOutInt : NumberOut<Abi, int> {
  void In(Frame<Abi>& f) { this->value = f.NextInt(); }
};
template <class Abi>
struct OutPointer {
  using C = void*;
  void* value = nullptr;
  void In(Frame<Abi>&) {}
  C Get() { return &value; }
  void Out(Frame<Abi>& f, int) { f.Write(static_cast<double>(reinterpret_cast<uintptr_t>(value))); }
};

template <class Abi>
struct Status {
  using C = typename Abi::Status*;
  typename Abi::Status value;
  void In(Frame<Abi>&) { std::memset(&value, 0, sizeof value); }
  C Get() { return &value; }
  void Out(Frame<Abi>& f, int code) { f.library.WriteStatus(value, code); }
};
template <class Abi>
struct Request {
  using Handle = typename Abi::template Handle<kRequest>;
  using C = Handle*;
  Handle value;
  void In(Frame<Abi>& f) { value = f.library.template FromSeam<kRequest>(0); }
  C Get() { return &value; }
  void Out(Frame<Abi>& f, int code) {
    if (code == 0) f.slot = f.library.TakeSlot(value, std::move(f.storage));
  }
};

}  // namespace kinds

// Whether a function of these kinds makes a request.
template <class Abi, template <class> class... K>
constexpr bool MakesRequest() {
  return (std::is_same_v<K<Abi>, kinds::Request<Abi>> || ... || false);
}

// The JavaScript function of one function of MPI: its result is the error code, or a request ≥ 0, or minus the error
// code.
template <class Abi, int Index, template <class> class... K>
napi_value Call(napi_env env, napi_callback_info info) {
  Frame<Abi> frame(env, info);
  constexpr bool makes_request = MakesRequest<Abi, K...>();
  int code = static_cast<int>(Number<Abi>(k_ERR_UNSUPPORTED_OPERATION));
  if (void* function = frame.library.functions[Index]) {
    std::tuple<K<Abi>...> parameters;
    std::apply([&](auto&... parameter) { (parameter.In(frame), ...); }, parameters);
    std::apply([&](auto&... parameter) { code = reinterpret_cast<int (*)(typename K<Abi>::C...)>(function)(parameter.Get()...); }, parameters);
    std::apply([&](auto&... parameter) { (parameter.Out(frame, code), ...); }, parameters);
  }
  if (ThrowWhatAnOpThrew(env)) return nullptr;
  napi_value result;
  napi_create_int32(env, makes_request ? (code == 0 ? frame.slot : -code) : code, &result);
  return result;
}

}  // namespace nprocs::mpi
