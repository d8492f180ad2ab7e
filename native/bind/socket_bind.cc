#include "bind/napi_util.h"

namespace nprocs {

void InitSocket(napi_env env, napi_value exports) {}

}  // namespace nprocs
