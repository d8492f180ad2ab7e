// The functions of src/native/wait-native.ts.
#include <unistd.h>

#include "bind/napi_util.h"
#include "os/wait.h"

namespace nprocs {
namespace {

constexpr int kInboxWords = os::kInboxNotices * os::kNoticeWords;

// The doorbell of one environment, watched by its event loop.
struct Doorbell {
  uv_poll_t poll;
  int fd;
  Callback callback;
  napi_ref inbox;
  napi_async_cleanup_hook_handle cleanup;
};

// An environment runs on one thread and a thread runs one environment.
thread_local Doorbell* doorbell = nullptr;

int32_t* WordAt(napi_env env, napi_value array, uint32_t index) {
  const Bytes view = BytesOf(env, array);
  return index < view.size / sizeof(int32_t) ? reinterpret_cast<int32_t*>(view.data) + index : nullptr;
}

// futexWait(words, index, expected, timeoutMs) → 0 or -errno
napi_value FutexWait(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  int32_t* word = WordAt(env, args.values[0], args.Uint(1));
  return Int(env, word == nullptr ? -EFAULT : os::FutexWait(word, args.Int(2), args.Double(3)));
}

// futexWake(words, index, count) → how many were woken, or -errno
napi_value FutexWake(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  int32_t* word = WordAt(env, args.values[0], args.Uint(1));
  return Int(env, word == nullptr ? -EFAULT : os::FutexWake(word, args.Int(2)));
}

// doorbellRing(address high, low, three words) → 0 or -errno
napi_value DoorbellRing(napi_env env, napi_callback_info info) {
  Args<5> args(env, info);
  uint64_t address = static_cast<uint64_t>(static_cast<uint32_t>(args.Int(0))) << 32 | static_cast<uint32_t>(args.Int(1));
  return Int(env, os::DoorbellRing(address, os::Notice{{args.Int(2), args.Int(3), args.Int(4)}}));
}

void OnReadable(uv_poll_t* handle, int, int) {
  Doorbell* bell = static_cast<Doorbell*>(handle->data);
  napi_env env = bell->callback.env();
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value inbox;
  napi_get_reference_value(env, bell->inbox, &inbox);
  int32_t* words = WordAt(env, inbox, 0);
  int count = words == nullptr ? 0 : os::DoorbellDrain(bell->fd, reinterpret_cast<os::Notice*>(words), os::kInboxNotices);
  if (count > 0) bell->callback.Call({count});
  napi_close_handle_scope(env, scope);
}

void Free(uv_handle_t* handle) {
  Doorbell* bell = static_cast<Doorbell*>(handle->data);
  if (bell->cleanup != nullptr) napi_remove_async_cleanup_hook(bell->cleanup);
  delete bell;
}

// The descriptor may be closed before the handle's close callback: libuv has stopped watching it by then.
void Close(Doorbell* bell) {
  if (doorbell == bell) doorbell = nullptr;
  uv_poll_stop(&bell->poll);
  close(bell->fd);
  bell->callback.Drop();
  napi_delete_reference(bell->callback.env(), bell->inbox);
  uv_close(reinterpret_cast<uv_handle_t*>(&bell->poll), Free);
}

void EnvironmentEnds(napi_async_cleanup_hook_handle handle, void* data) { Close(static_cast<Doorbell*>(data)); }

int Watch(napi_env env, int fd, Doorbell* bell) {
  int status = uv_poll_init(LoopOf(env), &bell->poll, fd);
  if (status != 0) return status;
  bell->poll.data = bell;
  uv_unref(reinterpret_cast<uv_handle_t*>(&bell->poll));
  return uv_poll_start(&bell->poll, UV_READABLE, OnReadable);
}

// doorbellOpen(inbox, callback) → 0 or -errno. callback(count) is called when notices have come, which lie in the
// inbox, an Int32Array of kInboxWords. The doorbell's address is left there first: high, low.
napi_value DoorbellOpen(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint64_t address = 0;
  int32_t* words = WordAt(env, args.values[0], kInboxWords - 1);
  if (words == nullptr) return Int(env, -EFAULT);
  words -= kInboxWords - 1;
  int fd = os::DoorbellCreate(&address);
  if (fd < 0) return Int(env, fd);
  Doorbell* bell = new Doorbell{};
  bell->fd = fd;
  int status = Watch(env, fd, bell);
  if (status != 0) {
    close(fd);
    delete bell;
    return Int(env, status);
  }
  bell->callback = Callback(env, args.values[1], "nprocs:doorbell");
  napi_create_reference(env, args.values[0], 1, &bell->inbox);
  napi_add_async_cleanup_hook(env, EnvironmentEnds, bell, &bell->cleanup);
  doorbell = bell;
  words[0] = static_cast<int32_t>(address >> 32);
  words[1] = static_cast<int32_t>(address);
  return Int(env, 0);
}

napi_value DoorbellRef(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  if (doorbell == nullptr) return nullptr;
  uv_handle_t* handle = reinterpret_cast<uv_handle_t*>(&doorbell->poll);
  if (args.Bool(0)) uv_ref(handle);
  else uv_unref(handle);
  return nullptr;
}

// After fork() and uv_loop_fork(): the socket is the parent's, the copy of its watcher is closed here.
napi_value DoorbellClose(napi_env env, napi_callback_info info) {
  if (doorbell != nullptr) Close(doorbell);
  return nullptr;
}

}  // namespace

void InitWait(napi_env env, napi_value exports) {
  Export(env, exports, "futexWait", FutexWait);
  Export(env, exports, "futexWake", FutexWake);
  Export(env, exports, "doorbellOpen", DoorbellOpen);
  Export(env, exports, "doorbellRef", DoorbellRef);
  Export(env, exports, "doorbellClose", DoorbellClose);
  Export(env, exports, "doorbellRing", DoorbellRing);
}

}  // namespace nprocs
