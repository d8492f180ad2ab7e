// Descriptors: pairs, messages that carry some, waiting for several, and the watch that brings a descriptor's readiness
// into the event loop.
#include "bind/napi_util.h"
#include "os/descriptor.h"
#include "os/owned.h"

namespace nprocs {
namespace {

// socketPair(messages) → [fd, fd] or -errno
napi_value SocketPair(napi_env env, napi_callback_info info) {
  int fds[2];
  int r = os::MakeSocketPair(Args<1>(env, info).Bool(0) ? os::PairKind::kMessages : os::PairKind::kStream, fds);
  return r < 0 ? Int(env, r) : IntArray(env, {fds[0], fds[1]});
}

// pipe() → [read end, write end] or -errno
napi_value Pipe(napi_env env, napi_callback_info) {
  int fds[2];
  int r = os::MakePipe(fds);
  return r < 0 ? Int(env, r) : IntArray(env, {fds[0], fds[1]});
}

// sendMessage(fd, bytes, fds, block) → bytes sent or -errno
napi_value SendMessage(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  const Bytes bytes = args.View(1);
  const std::vector<int32_t> fds = args.Ints(2);
  return Number(env, os::SendMessage(args.Int(0), bytes.data, bytes.size, args.Bool(3), fds.data(), fds.size()));
}

void Append(napi_env env, napi_value array, const int* fds, size_t count) {
  uint32_t at = 0;
  napi_get_array_length(env, array, &at);
  for (size_t i = 0; i < count; i++) napi_set_element(env, array, at++, Int(env, fds[i]));
}

// receiveMessage(fd, into, block, fdsOut) → bytes received, 0 at the end, -errno. Appends received descriptors to
// fdsOut.
napi_value ReceiveMessage(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  const Bytes into = args.View(1);
  int fds[os::kMaxPassedFds];
  size_t count = 0;
  const int64_t length = os::ReceiveMessage(args.Int(0), into.data, into.size, args.Bool(2), fds, &count);
  Append(env, args.values[3], fds, count);
  return Number(env, length);
}

// receiveBytes(fd, into, fdsOut): the same of a stream, without waiting.
napi_value ReceiveBytes(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  const Bytes into = args.View(1);
  int fds[os::kMaxPassedFds];
  size_t count = 0;
  const int64_t length = os::ReceiveBytes(args.Int(0), into.data, into.size, fds, &count);
  Append(env, args.values[2], fds, count);
  return Number(env, length);
}

napi_value RefuseOtherIds(napi_env env, napi_callback_info info) { return Int(env, os::RefuseOtherIds(Args<1>(env, info).Int(0))); }

// pollReadable(fds, timeoutMs) → indexes of those that are ready, or -errno
napi_value PollReadable(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  const std::vector<int32_t> fds = args.Ints(0);
  std::vector<int32_t> ready(fds.size());
  const int n = os::WaitForFds(fds.data(), nullptr, ready.data(), fds.size(), args.Double(1));
  if (n < 0) return Int(env, n);
  napi_value out;
  napi_create_array(env, &out);
  uint32_t at = 0;
  for (size_t i = 0; i < fds.size(); i++) {
    if (ready[i] != 0) napi_set_element(env, out, at++, Int(env, static_cast<int>(i)));
  }
  return out;
}

// waitForFds(fds, wanted, ready, timeoutMs) → how many are ready, or -errno
napi_value WaitForFds(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  const Bytes fds = args.View(0), wanted = args.View(1), ready = args.View(2);
  if (wanted.size < fds.size || ready.size < fds.size) return Int(env, -EINVAL);
  return Int(env, os::WaitForFds(reinterpret_cast<int32_t*>(fds.data), reinterpret_cast<int32_t*>(wanted.data),
                                 reinterpret_cast<int32_t*>(ready.data), fds.size / sizeof(int32_t), args.Double(3)));
}

napi_value CloseFd(napi_env env, napi_callback_info info) { return Int(env, os::CloseFd(Args<1>(env, info).Int(0))); }

// closeAtEnd(fd) → fd
napi_value CloseAtEnd(napi_env env, napi_callback_info info) {
  const int fd = Args<1>(env, info).Int(0);
  os::OwnDescriptor(fd);
  return Int(env, fd);
}

napi_value MemoryFile(napi_env env, napi_callback_info) { return Int(env, os::MakeMemoryFile()); }

napi_value Duplicate(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  return Int(env, os::Duplicate(args.Int(0), args.Int(1)));
}

napi_value IsOpenFd(napi_env env, napi_callback_info info) { return Int(env, os::IsOpen(Args<1>(env, info).Int(0)) ? 1 : 0); }

// A descriptor watched in the event loop, until it is closed from JavaScript or its environment ends, whichever is
// first; then libuv closes the handle, and only after that the memory is free (the end of a worker thread may unload
// this code).
struct Watch {
  uv_poll_t poll;
  Callback callback;
  napi_async_cleanup_hook_handle cleanup;
  bool closed;
};

void FreeWatch(uv_handle_t* handle) {
  Watch* watch = static_cast<Watch*>(handle->data);
  napi_remove_async_cleanup_hook(watch->cleanup);
  delete watch;
}

void CloseWatch(Watch* watch) {
  if (watch->closed) return;
  watch->closed = true;
  watch->callback.Drop();
  uv_poll_stop(&watch->poll);
  uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll), FreeWatch);
}

void OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* data) { CloseWatch(static_cast<Watch*>(data)); }

void OnReady(uv_poll_t* poll, int status, int events) {
  Watch* watch = static_cast<Watch*>(poll->data);
  if (watch->closed) return;
  // An error (or a hang-up) is for the next read or write to tell.
  int32_t ready = status < 0 ? os::kReadable | os::kWritable : 0;
  if (events & (UV_READABLE | UV_DISCONNECT)) ready |= os::kReadable;
  if (events & UV_WRITABLE) ready |= os::kWritable;
  watch->callback.Call({ready});
}

int SetEvents(Watch* watch, int wanted) {
  if (wanted == 0) return uv_poll_stop(&watch->poll);
  const int events = ((wanted & os::kReadable) ? UV_READABLE | UV_DISCONNECT : 0) | ((wanted & os::kWritable) ? UV_WRITABLE : 0);
  return uv_poll_start(&watch->poll, events, OnReady);
}

// watchFd(fd, callback, events) → external or -errno. Calls back with what the descriptor is ready for of the events (1
// readable or closed by its peer, 2 writable, 0 none). While there are events to watch for it keeps the loop alive,
// unless unreferenced.
napi_value WatchFd(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  Watch* watch = new Watch{};
  int r = uv_poll_init(LoopOf(env), &watch->poll, args.Int(0));
  if (r != 0) {
    delete watch;
    return Int(env, r);
  }
  watch->poll.data = watch;
  watch->callback = Callback(env, args.values[1], "nprocs:watch");
  napi_add_async_cleanup_hook(env, OnEnvironmentEnd, watch, &watch->cleanup);
  r = SetEvents(watch, args.Int(2));
  if (r != 0) {
    CloseWatch(watch);
    return Int(env, r);
  }
  napi_value out;
  napi_create_external(env, watch, nullptr, nullptr, &out);
  return out;
}

Watch* WatchOf(napi_env env, napi_value value) {
  void* data = nullptr;
  napi_get_value_external(env, value, &data);
  return static_cast<Watch*>(data);
}

// setWatch(watch, events) → 0 or -errno
napi_value SetWatch(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  return Int(env, SetEvents(WatchOf(env, args.values[0]), args.Int(1)));
}

// refWatch(watch, referenced)
napi_value RefWatch(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uv_handle_t* handle = reinterpret_cast<uv_handle_t*>(&WatchOf(env, args.values[0])->poll);
  if (args.Bool(1)) uv_ref(handle);
  else uv_unref(handle);
  return nullptr;
}

// unwatch(watch): once only, and nothing else afterwards; the class in src/native/watch.ts takes care of that.
napi_value Unwatch(napi_env env, napi_callback_info info) {
  CloseWatch(WatchOf(env, Args<1>(env, info).values[0]));
  return nullptr;
}

}  // namespace

void InitDescriptor(napi_env env, napi_value exports) {
  Export(env, exports, "socketPair", SocketPair);
  Export(env, exports, "pipe", Pipe);
  Export(env, exports, "sendMessage", SendMessage);
  Export(env, exports, "receiveMessage", ReceiveMessage);
  Export(env, exports, "receiveBytes", ReceiveBytes);
  Export(env, exports, "refuseOtherIds", RefuseOtherIds);
  Export(env, exports, "pollReadable", PollReadable);
  Export(env, exports, "waitForFds", WaitForFds);
  Export(env, exports, "closeFd", CloseFd);
  Export(env, exports, "closeAtEnd", CloseAtEnd);
  Export(env, exports, "memoryFile", MemoryFile);
  Export(env, exports, "duplicate", Duplicate);
  Export(env, exports, "isOpenFd", IsOpenFd);
  Export(env, exports, "watchFd", WatchFd);
  Export(env, exports, "setWatch", SetWatch);
  Export(env, exports, "refWatch", RefWatch);
  Export(env, exports, "unwatch", Unwatch);
}

}  // namespace nprocs
