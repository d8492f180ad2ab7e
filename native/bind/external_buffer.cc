// ArrayBuffers over memory that is not V8's, by V8's own functions where they are found; external_buffer.h says why.
#include "bind/external_buffer.h"

#include <memory>

#include "bind/napi_util.h"

namespace v8 {
class BackingStore;
class Isolate;
}  // namespace v8

namespace nprocs {
namespace {

using Deleter = void (*)(void* data, size_t size, void* hint);

// What V8 returns as a std::unique_ptr: a pointer that is passed on as an object with a destructor is.
struct OwnedStore {
  v8::BackingStore* store;
  ~OwnedStore() {}
};

struct Functions {
  v8::Isolate* (*current_isolate)();
  OwnedStore (*new_backing_store)(void* data, size_t size, Deleter deleter, void* hint);
  // V8's handle is what Node-API calls a value.
  napi_value (*new_buffer)(v8::Isolate* isolate, std::shared_ptr<v8::BackingStore> store);
  void (*destroy)(v8::BackingStore* store);
  bool Found() const { return current_isolate != nullptr && new_backing_store != nullptr && new_buffer != nullptr && destroy != nullptr; }
};

Functions FindFunctions() {
  Functions out;
  Find(&out.current_isolate, "_ZN2v87Isolate10GetCurrentEv");
  Find(&out.new_backing_store, "_ZN2v811ArrayBuffer15NewBackingStoreEPvmPFvS1_mS1_ES1_");
  Find(&out.new_buffer, "_ZN2v811ArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE");
  Find(&out.destroy, "_ZN2v812BackingStoreD1Ev");
  return out;
}

const Functions& V8() {
  static const Functions functions = FindFunctions();
  return functions;
}

// Not `delete`: nobody here knows its size.
void Destroy(v8::BackingStore* store) {
  V8().destroy(store);
  ::operator delete(static_cast<void*>(store));
}

struct Memory {
  void (*free_memory)(void* hint);
  void* hint;
};

void Free(Memory* memory) {
  memory->free_memory(memory->hint);
  delete memory;
}

}  // namespace

napi_value ExternalBuffer(napi_env env, void* data, size_t size, void (*free_memory)(void* hint), void* hint) {
  Memory* memory = new Memory{free_memory, hint};
  const Functions& v8 = V8();
  if (v8.Found()) {
    OwnedStore owned = v8.new_backing_store(data, size, [](void*, size_t, void* hint) { Free(static_cast<Memory*>(hint)); }, memory);
    return v8.new_buffer(v8.current_isolate(), std::shared_ptr<v8::BackingStore>(owned.store, Destroy));
  }
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, data, size, [](napi_env, void*, void* hint) { Free(static_cast<Memory*>(hint)); }, memory, &buffer) == napi_ok) return buffer;
  Free(memory);
  return nullptr;
}

}  // namespace nprocs
