#include <dlfcn.h>

#include <cerrno>

#include "bind/napi_util.h"

namespace v8 {
class Isolate;
}

namespace nprocs {
namespace {

// collectAllGarbage(): as V8's `gc()`, but the young generation is also made as small as V8 makes it for a new process. V8 has this only for embedders;
// -ENOSYS when the running Node does not have it by these names.
napi_value CollectAllGarbage(napi_env env, napi_callback_info) {
  auto current = reinterpret_cast<v8::Isolate* (*)()>(dlsym(RTLD_DEFAULT, "_ZN2v87Isolate10GetCurrentEv"));
  auto notify = reinterpret_cast<void (*)(v8::Isolate*)>(dlsym(RTLD_DEFAULT, "_ZN2v87Isolate21LowMemoryNotificationEv"));
  if (current == nullptr || notify == nullptr) return Int(env, -ENOSYS);
  notify(current());
  return Int(env, 0);
}

}  // namespace

void InitCollect(napi_env env, napi_value exports) { Export(env, exports, "collectAllGarbage", CollectAllGarbage); }

}  // namespace nprocs
