// Small helpers over node_api.h, shared by all *_bind.cc files. No logic of ours lives in bind/.
#pragma once
#include <node_api.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace nprocs {

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
  bool Bool(size_t i) const {
    bool out = false;
    napi_get_value_bool(env, values[i], &out);
    return out;
  }
};

inline napi_value Number(napi_env env, double value) {
  napi_value out;
  napi_create_double(env, value, &out);
  return out;
}
inline napi_value Int(napi_env env, int32_t value) {
  napi_value out;
  napi_create_int32(env, value, &out);
  return out;
}
// Every system call's result reaches JavaScript as a number: 0 or more, or -errno. src/native/raise.ts makes errors of
// it.
inline napi_value ResultOrErrno(napi_env env, int64_t result) {
  return Number(env, result < 0 ? -static_cast<double>(errno) : static_cast<double>(result));
}
inline void Export(napi_env env, napi_value exports, const char* name, napi_callback fn) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, fn, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

// For what a callback out of the event loop has thrown: Node deals with it as with any error that nobody has caught.
// When the callback has forked and this is the child, whose stack is being unwound, it does nothing. In fork_bind.cc.
void ReportUncaught(napi_env env);

// One per *_bind.cc; addon.cc calls them all.
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
