// Small helpers over node_api.h, shared by all *_bind.cc files. No logic of ours lives in bind/.
#pragma once
#include <dlfcn.h>
#include <node_api.h>
#include <uv.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace nprocs {

// The memory of a typed array; empty when the value is none.
struct Bytes {
  uint8_t* data = nullptr;
  size_t size = 0;
};

inline Bytes BytesOf(napi_env env, napi_value value) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) return {};
  static constexpr size_t kWidth[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  return {static_cast<uint8_t*>(data), length * kWidth[type]};
}

// Empty when the value is no string.
inline std::string TextOf(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return {};
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

inline int32_t IntOf(napi_env env, napi_value value) {
  int32_t out = -1;
  napi_get_value_int32(env, value, &out);
  return out;
}

// What `read(env, item)` makes of each item of an array.
template <typename Read>
auto ListOf(napi_env env, napi_value array, Read read) {
  std::vector<decltype(read(env, array))> out;
  uint32_t length = 0;
  if (napi_get_array_length(env, array, &length) != napi_ok) return out;
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    napi_get_element(env, array, i, &item);
    out.push_back(read(env, item));
  }
  return out;
}

// Arguments of a call. Missing ones are `undefined`.
template <size_t N>
struct Args {
  napi_env env;
  napi_value values[N];
  Args(napi_env e, napi_callback_info info) : env(e) {
    size_t count = N;
    napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  }
  int32_t Int(size_t i) const {
    int32_t out = 0;
    napi_get_value_int32(env, values[i], &out);
    return out;
  }
  uint32_t Uint(size_t i) const {
    uint32_t out = 0;
    napi_get_value_uint32(env, values[i], &out);
    return out;
  }
  double Double(size_t i) const {
    double out = 0;
    napi_get_value_double(env, values[i], &out);
    return out;
  }
  int64_t Int64(size_t i) const { return static_cast<int64_t>(Double(i)); }
  size_t Size(size_t i) const { return static_cast<size_t>(Double(i)); }
  bool Bool(size_t i) const {
    bool out = false;
    napi_get_value_bool(env, values[i], &out);
    return out;
  }
  std::string Text(size_t i) const { return TextOf(env, values[i]); }
  std::vector<std::string> Texts(size_t i) const { return ListOf(env, values[i], TextOf); }
  std::vector<int32_t> Ints(size_t i) const { return ListOf(env, values[i], IntOf); }
  Bytes View(size_t i) const { return BytesOf(env, values[i]); }
};

// Every system call's result reaches JavaScript as a number: 0 or more, or -errno. src/native/raise.ts makes errors of
// it.
inline napi_value Number(napi_env env, int64_t value) {
  napi_value out;
  napi_create_double(env, static_cast<double>(value), &out);
  return out;
}
inline napi_value Int(napi_env env, int32_t value) {
  napi_value out;
  napi_create_int32(env, value, &out);
  return out;
}
inline napi_value String(napi_env env, const char* text, size_t length = NAPI_AUTO_LENGTH) {
  napi_value out;
  napi_create_string_utf8(env, text, length, &out);
  return out;
}
inline napi_value Null(napi_env env) {
  napi_value out;
  napi_get_null(env, &out);
  return out;
}
inline napi_value IntArray(napi_env env, std::initializer_list<int> values) {
  napi_value out;
  napi_create_array(env, &out);
  uint32_t i = 0;
  for (int value : values) napi_set_element(env, out, i++, Int(env, value));
  return out;
}
inline void Export(napi_env env, napi_value exports, const char* name, napi_callback fn) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, fn, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

// For what a callback out of the event loop has thrown: Node deals with it as with any error that nobody has caught.
// When the callback has forked and this is the child, whose stack is being unwound, it does nothing. In fork_bind.cc.
void ReportUncaught(napi_env env);

// A function of JavaScript that the event loop calls. Owns it, and an async context under `name`, until Drop().
class Callback {
 public:
  Callback() = default;
  Callback(napi_env env, napi_value function, const char* name) : env_(env) {
    napi_create_reference(env, function, 1, &function_);
    napi_async_init(env, nullptr, String(env, name), &context_);
  }
  napi_env env() const { return env_; }
  // The function may drop this, or free what it is part of.
  void Call(std::initializer_list<int32_t> arguments = {}) {
    napi_env env = env_;
    napi_handle_scope scope;
    if (napi_open_handle_scope(env, &scope) != napi_ok) return;
    napi_value function, global, result, values[2];
    size_t count = 0;
    for (int32_t argument : arguments) values[count++] = Int(env, argument);
    napi_get_reference_value(env, function_, &function);
    napi_get_global(env, &global);
    if (napi_make_callback(env, context_, global, function, count, values, &result) == napi_pending_exception) ReportUncaught(env);
    napi_close_handle_scope(env, scope);
  }
  void Drop() {
    napi_delete_reference(env_, function_);
    napi_async_destroy(env_, context_);
  }

 private:
  napi_env env_ = nullptr;
  napi_ref function_ = nullptr;
  napi_async_context context_ = nullptr;
};

inline uv_loop_t* LoopOf(napi_env env) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  return loop;
}

// A function of the running Node or its V8, by its name in there, where Node-API has no counterpart; nullptr where this
// Node has none of that name.
template <typename Function>
void Find(Function* function, const char* name) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

// One per *_bind.cc; addon.cc calls them all.
void InitDescriptor(napi_env env, napi_value exports);
void InitMemory(napi_env env, napi_value exports);
void InitProcess(napi_env env, napi_value exports);
void InitWait(napi_env env, napi_value exports);
void InitSocket(napi_env env, napi_value exports);
void InitFork(napi_env env, napi_value exports);
void InitExit(napi_env env, napi_value exports);
void InitExtent(napi_env env, napi_value exports);
void InitHandover(napi_env env, napi_value exports);
void InitInheritance(napi_env env, napi_value exports);
void InitCpu(napi_env env, napi_value exports);

}  // namespace nprocs
