#include "bind/napi_util.h"

namespace nprocs {

void InitProcess(napi_env env, napi_value exports) {}

}  // namespace nprocs
