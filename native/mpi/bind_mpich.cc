// All functions for the binary interface of MPICH.
#include "mpi/binding.h"

namespace nprocs::mpi {
void BindMpich(napi_env env, napi_value object, void* library, Registers registers) { Bind<Mpich>(env, object, library, registers); }
}  // namespace nprocs::mpi
