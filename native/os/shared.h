// The numbers of shared.def.
#pragma once

namespace nprocs::os {

#define SHARED(name, in_typescript, value) constexpr int name = value;
#include "os/shared.def"
#undef SHARED

}  // namespace nprocs::os
