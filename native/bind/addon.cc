// The addon's entry: collects what the *_bind.cc files export. May be loaded by any number of threads (environments).
#include "bind/napi_util.h"

NAPI_MODULE_INIT() {
  nprocs::InitMemory(env, exports);
  nprocs::InitWait(env, exports);
  nprocs::InitSocket(env, exports);
  nprocs::InitExtent(env, exports);
  nprocs::InitProcess(env, exports);
  nprocs::InitFork(env, exports);
  nprocs::InitHandover(env, exports);
  nprocs::InitInheritance(env, exports);
  nprocs::InitCollect(env, exports);
  return exports;
}
