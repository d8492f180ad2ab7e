#include "bind/napi_util.h"

namespace nprocs {

void InitWait(napi_env env, napi_value exports) {}

}  // namespace nprocs
