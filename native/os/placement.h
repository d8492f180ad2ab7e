// Where the memory of V8's heap lies: side by side.
//
// V8 asks for each 256 KiB of its heap at a random address of the whole address space, so each lies in page tables of its own (three of them) and is a
// mapping of its own. A fork copies all of those and an exit frees them; for the 40 pieces of a small heap that was a quarter of what a forked process costs.
#pragma once
#include <cstddef>
#include <cstdint>

namespace nprocs::os {

// The address to ask the kernel for instead of `hint`: the next one in a range that starts near the first hint, or `hint` itself when the request is not
// for V8's heap. No memory is touched; any thread may call it. An address that is taken is not an error: the kernel then chooses.
uintptr_t NextToOthers(uintptr_t hint, size_t size);

}  // namespace nprocs::os
