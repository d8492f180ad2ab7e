#include "bind/napi_util.h"
#include "os/pages.h"

namespace nprocs {
namespace {

napi_value JoinPages(napi_env env, napi_callback_info) { return Int(env, os::JoinPages()); }

}  // namespace

void InitPages(napi_env env, napi_value exports) { Export(env, exports, "joinPages", JoinPages); }

}  // namespace nprocs
