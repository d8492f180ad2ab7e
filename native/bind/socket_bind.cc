// Sockets, and the watcher that brings a descriptor's readiness into the event loop.
#include <uv.h>

#include <cstring>
#include <string>

#include "bind/napi_util.h"
#include "os/descriptor.h"
#include "os/owned.h"
#include "os/socket.h"

namespace nprocs {

namespace {

struct Bytes {
  uint8_t* data = nullptr;
  size_t size = 0;
};

// The memory of a typed array; empty when the value is none.
Bytes BytesOf(napi_env env, napi_value value) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) return {};
  static constexpr size_t kWidth[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  return {static_cast<uint8_t*>(data), length * kWidth[type]};
}

std::string TextOf(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return {};
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

// The part [offset, offset + size) of a view. False when it is not within.
bool PartOf(const Args<4>& args, Bytes* part) {
  *part = BytesOf(args.env, args.values[1]);
  const double offset = args.Double(2);
  const double size = args.Double(3);
  if (!(offset >= 0 && size >= 0 && offset + size <= static_cast<double>(part->size))) return false;
  part->data += static_cast<size_t>(offset);
  part->size = static_cast<size_t>(size);
  return true;
}

napi_value UnixListen(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  const Bytes path = BytesOf(env, args.values[0]);
  return ResultOrErrno(env, os::UnixListen(reinterpret_cast<const char*>(path.data), path.size, args.Int(1)));
}

napi_value UnixConnect(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  const Bytes path = BytesOf(env, args.values[0]);
  return ResultOrErrno(env, os::UnixConnect(reinterpret_cast<const char*>(path.data), path.size));
}

napi_value TcpListen(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  return ResultOrErrno(env, os::TcpListen(TextOf(env, args.values[0]).c_str(), static_cast<uint16_t>(args.Uint(1)), args.Int(2)));
}

napi_value TcpConnect(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  return ResultOrErrno(env, os::TcpConnect(TextOf(env, args.values[0]).c_str(), static_cast<uint16_t>(args.Uint(1))));
}

napi_value SocketError(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  return ResultOrErrno(env, os::SocketError(args.Int(0)));
}

napi_value Accept(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  return ResultOrErrno(env, os::Accept(args.Int(0)));
}

napi_value Receive(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  Bytes part;
  if (!PartOf(args, &part)) return Int(env, -EINVAL);
  return ResultOrErrno(env, os::Receive(args.Int(0), part.data, part.size));
}

napi_value Peek(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  Bytes part;
  if (!PartOf(args, &part)) return Int(env, -EINVAL);
  return ResultOrErrno(env, os::Peek(args.Int(0), part.data, part.size));
}

// socketReceiveWithFds(fd, view, offset, size, fdsOut): as socketReceive; appends the descriptors that came.
napi_value ReceiveWithFds(napi_env env, napi_callback_info info) {
  Args<5> args(env, info);
  Args<4> first(env, info);
  Bytes part;
  if (!PartOf(first, &part)) return Int(env, -EINVAL);
  int fds[os::kMaxPassedFds];
  size_t count = 0;
  const int64_t result = os::ReceiveWithFds(args.Int(0), part.data, part.size, fds, &count);
  const int error = errno;
  uint32_t at = 0;
  napi_get_array_length(env, args.values[4], &at);
  for (size_t i = 0; i < count; i++) napi_set_element(env, args.values[4], at++, Int(env, fds[i]));
  errno = error;
  return ResultOrErrno(env, result);
}

napi_value Send(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  Bytes part;
  if (!PartOf(args, &part)) return Int(env, -EINVAL);
  return ResultOrErrno(env, os::Send(args.Int(0), part.data, part.size));
}

napi_value CloseFd(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  os::DisownDescriptor(args.Int(0));
  return ResultOrErrno(env, os::CloseFd(args.Int(0)));
}

// The path (bytes) or { host, port }; -errno when there is none.
napi_value SocketName(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  os::SocketName name;
  if (os::NameOfSocket(args.Int(0), args.Bool(1), &name) < 0) return ResultOrErrno(env, -1);
  napi_value result;
  if (name.family == os::SocketName::kUnix) {
    napi_create_buffer_copy(env, name.length, name.text, nullptr, &result);
    return result;
  }
  napi_create_object(env, &result);
  napi_value host;
  napi_create_string_utf8(env, name.text, name.length, &host);
  napi_set_named_property(env, result, "host", host);
  napi_set_named_property(env, result, "port", Int(env, name.port));
  return result;
}

napi_value PeerUser(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  return ResultOrErrno(env, os::PeerUser(args.Int(0)));
}

// The numeric address, or a getaddrinfo error as a negative number.
napi_value ResolveHost(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  char numeric[64];
  const int result = os::ResolveHost(TextOf(env, args.values[0]).c_str(), numeric, sizeof numeric);
  if (result < 0) return Int(env, result);
  napi_value text;
  napi_create_string_utf8(env, numeric, NAPI_AUTO_LENGTH, &text);
  return text;
}

napi_value WaitForFds(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  const Bytes fds = BytesOf(env, args.values[0]);
  const Bytes wanted = BytesOf(env, args.values[1]);
  const Bytes ready = BytesOf(env, args.values[2]);
  if (wanted.size < fds.size || ready.size < fds.size) return Int(env, -EINVAL);
  return ResultOrErrno(env, os::WaitForFds(reinterpret_cast<int32_t*>(fds.data), reinterpret_cast<int32_t*>(wanted.data),
                                           reinterpret_cast<int32_t*>(ready.data), fds.size / sizeof(int32_t), args.Double(3)));
}

// A watcher lives until it is closed from JavaScript or its environment ends, whichever is first; then libuv closes the
// handle, and only after that the memory is free.
struct Watcher {
  uv_poll_t handle;
  napi_env env;
  napi_ref callback;
  napi_async_cleanup_hook_handle cleanup;
  bool closing;
};

void OnReady(uv_poll_t* handle, int status, int events) {
  auto* watcher = static_cast<Watcher*>(handle->data);
  if (watcher->closing) return;
  napi_env env = watcher->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value callback, global;
  napi_get_reference_value(env, watcher->callback, &callback);
  napi_get_global(env, &global);
  // An error (or a hang-up) is for the next read or write to tell.
  int32_t ready = status < 0 ? os::kReadable | os::kWritable : 0;
  if (events & (UV_READABLE | UV_DISCONNECT)) ready |= os::kReadable;
  if (events & UV_WRITABLE) ready |= os::kWritable;
  napi_value argument = Int(env, ready);
  if (napi_make_callback(env, nullptr, global, callback, 1, &argument, nullptr) == napi_pending_exception) ReportUncaught(env);
  napi_close_handle_scope(env, scope);
}

void OnClosed(uv_handle_t* handle) {
  auto* watcher = static_cast<Watcher*>(handle->data);
  napi_remove_async_cleanup_hook(watcher->cleanup);
  delete watcher;
}

void CloseWatcher(Watcher* watcher) {
  if (watcher->closing) return;
  watcher->closing = true;
  napi_delete_reference(watcher->env, watcher->callback);
  uv_poll_stop(&watcher->handle);
  uv_close(reinterpret_cast<uv_handle_t*>(&watcher->handle), OnClosed);
}

void OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* data) { CloseWatcher(static_cast<Watcher*>(data)); }

// watchFd(fd, callback): a watcher that watches nothing yet, or -errno.
napi_value WatchFd(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return Int(env, -ENOTSUP);
  auto* watcher = new Watcher();
  watcher->env = env;
  const int result = uv_poll_init(loop, &watcher->handle, args.Int(0));
  if (result < 0) {
    delete watcher;
    return Int(env, result);
  }
  watcher->handle.data = watcher;
  napi_create_reference(env, args.values[1], 1, &watcher->callback);
  napi_add_async_cleanup_hook(env, OnEnvironmentEnd, watcher, &watcher->cleanup);
  napi_value out;
  // No finalizer: the TypeScript side closes each watcher before its descriptor.
  napi_create_external(env, watcher, nullptr, nullptr, &out);
  return out;
}

// setWatch(watcher, events): keeps the loop alive while there are events to watch for.
napi_value SetWatch(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  void* data = nullptr;
  napi_get_value_external(env, args.values[0], &data);
  auto* watcher = static_cast<Watcher*>(data);
  if (watcher == nullptr || watcher->closing) return Int(env, -EBADF);
  const int wanted = args.Int(1);
  if (wanted == 0) return Int(env, uv_poll_stop(&watcher->handle));
  const int events = ((wanted & os::kReadable) ? UV_READABLE | UV_DISCONNECT : 0) | ((wanted & os::kWritable) ? UV_WRITABLE : 0);
  return Int(env, uv_poll_start(&watcher->handle, events, OnReady));
}

napi_value UnwatchFd(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  void* data = nullptr;
  napi_get_value_external(env, args.values[0], &data);
  if (data != nullptr) CloseWatcher(static_cast<Watcher*>(data));
  return Int(env, 0);
}

}  // namespace

void InitSocket(napi_env env, napi_value exports) {
  Export(env, exports, "unixListen", UnixListen);
  Export(env, exports, "unixConnect", UnixConnect);
  Export(env, exports, "tcpListen", TcpListen);
  Export(env, exports, "tcpConnect", TcpConnect);
  Export(env, exports, "socketError", SocketError);
  Export(env, exports, "socketAccept", Accept);
  Export(env, exports, "socketReceive", Receive);
  Export(env, exports, "socketPeek", Peek);
  Export(env, exports, "socketReceiveWithFds", ReceiveWithFds);
  Export(env, exports, "socketSend", Send);
  Export(env, exports, "socketClose", CloseFd);
  Export(env, exports, "socketName", SocketName);
  Export(env, exports, "socketPeerUser", PeerUser);
  Export(env, exports, "resolveHost", ResolveHost);
  Export(env, exports, "waitForFds", WaitForFds);
  Export(env, exports, "watchFd", WatchFd);
  Export(env, exports, "setWatch", SetWatch);
  Export(env, exports, "unwatchFd", UnwatchFd);
}

}  // namespace nprocs
