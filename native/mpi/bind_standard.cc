// All functions for the binary interface of the MPI standard.
#include "mpi/binding.h"

namespace nprocs::mpi {
void BindStandard(napi_env env, napi_value object, void* library, Registers registers) { Bind<Standard>(env, object, library, registers); }
}  // namespace nprocs::mpi
