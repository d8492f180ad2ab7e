// All functions for the binary interface of Open MPI.
#include "mpi/binding.h"

namespace nprocs::mpi {
void BindOpenMpi(napi_env env, napi_value object, void* library, Registers registers) { Bind<OpenMpi>(env, object, library, registers); }
}  // namespace nprocs::mpi
