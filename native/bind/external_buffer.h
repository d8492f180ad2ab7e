// ArrayBuffers over memory that is not V8's.
//
// Node-API frees the memory of a collected buffer in the event loop, so never in a thread that only makes blocking
// calls: its memory would fill up. V8 itself frees it at once, on whichever thread collects; so V8's own functions are
// used where the running Node has them by these names (all do, from 20 on). Measured: when a thread has received 150
// arrays of 8 MiB by blocking calls, 19 files are mapped; by Node-API all of them are, 1.2 GiB.
//
// The names tell that what is passed by value is what it is here: they hold the name of libstdc++'s shared_ptr. A Node
// that was built with another C++ library has no function of this name, and Node-API is used.
#pragma once
#include <node_api.h>

namespace nprocs {

// `free_memory` is called once, when the buffer has been collected or detached, or at its thread's end; on any thread.
// nullptr when that is impossible; then it has been called.
napi_value ExternalBuffer(napi_env env, void* data, size_t size, void (*free_memory)(void* hint), void* hint);

}  // namespace nprocs
