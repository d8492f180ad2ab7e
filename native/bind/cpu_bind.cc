// The functions of src/native/cpu-native.ts.
#include "bind/napi_util.h"
#include "os/cpu.h"

namespace nprocs {

namespace {

napi_value MakeWay(napi_env env, napi_callback_info info) {
  return Int(env, os::MakeWay(Args<1>(env, info).Int(0)));
}

napi_value YieldCpu(napi_env, napi_callback_info) {
  os::YieldCpu();
  return nullptr;
}

}  // namespace

void InitCpu(napi_env env, napi_value exports) {
  Export(env, exports, "makeWay", MakeWay);
  Export(env, exports, "yieldCpu", YieldCpu);
}

}  // namespace nprocs
