// The entry of the addon that opens an installed MPI: open(path, status, out, in) loads a libmpi and gives { abi, ...
// all its functions }. It links to no MPI: which one a process uses is known when it runs. Two in one process are never
// loaded.
#include <dlfcn.h>

#include "mpi/binding.h"

namespace nprocs::mpi {
namespace {

// Open MPI's library with the standard interface has Open MPI's symbols too, so the standard's own question comes
// first.
bool IsStandard(void* library) {
  using Function = int (*)(int*, int*);
  const auto function = reinterpret_cast<Function>(dlsym(library, "MPI_Abi_get_version"));
  int major = -1, minor = -1;
  return function != nullptr && function(&major, &minor) == 0 && major >= 1;
}

napi_value Fail(napi_env env, const char* text) {
  napi_throw_error(env, nullptr, text);
  return nullptr;
}

void* Memory(napi_env env, napi_value array) {
  void* data = nullptr;
  napi_get_typedarray_info(env, array, nullptr, nullptr, &data, nullptr, nullptr);
  napi_ref kept;
  napi_create_reference(env, array, 1, &kept);
  return data;
}

napi_value Open(napi_env env, napi_callback_info info) {
  static bool opened = false;
  size_t count = 4;
  napi_value arguments[4], object, abi;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (opened) return Fail(env, "an MPI library has been opened in this process already");
  char path[4096];
  size_t length = 0;
  if (napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &length) != napi_ok) return Fail(env, "open() takes a path");
  // What MPI loads in turn looks for MPI's symbols among the global ones.
  void* library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) return Fail(env, dlerror());
  if (dlsym(library, "MPI_Init_thread") == nullptr) return Fail(env, "it is no MPI: it has no MPI_Init_thread");
  opened = true;
  const Registers registers{static_cast<int32_t*>(Memory(env, arguments[1])), static_cast<double*>(Memory(env, arguments[2])),
                            static_cast<const double*>(Memory(env, arguments[3]))};
  napi_create_object(env, &object);
  const char* name = "mpich";
  if (IsStandard(library)) {
    name = "abi";
    BindStandard(env, object, library, registers);
  } else if (dlsym(library, "ompi_mpi_comm_world") != nullptr) {
    name = "openmpi";
    BindOpenMpi(env, object, library, registers);
  } else {
    BindMpich(env, object, library, registers);
  }
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &abi);
  napi_set_named_property(env, object, "abi", abi);
  return object;
}

}  // namespace
}  // namespace nprocs::mpi

NAPI_MODULE_INIT() {
  nprocs::mpi::Export(env, exports, "open", nprocs::mpi::Open);
  return exports;
}
