// The addon's entry: collects what the *_bind.cc files export. May be loaded by any number of threads (environments).
#include "bind/napi_util.h"
#include "os/owned.h"

NAPI_MODULE_INIT() {
  // The first hook is the last to run: by then nothing watches the descriptors any more.
  napi_add_env_cleanup_hook(env, [](void*) { nprocs::os::GiveUpOwned(); }, env);
  nprocs::InitDescriptor(env, exports);
  nprocs::InitMemory(env, exports);
  nprocs::InitWait(env, exports);
  nprocs::InitSocket(env, exports);
  nprocs::InitExtent(env, exports);
  nprocs::InitProcess(env, exports);
  nprocs::InitFork(env, exports);
  nprocs::InitExit(env, exports);
  nprocs::InitHandover(env, exports);
  nprocs::InitInheritance(env, exports);
  nprocs::InitCpu(env, exports);
  return exports;
}
