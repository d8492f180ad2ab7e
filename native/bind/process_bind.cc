#include <unistd.h>
#include <uv.h>

#include <string>
#include <vector>

#include "bind/napi_util.h"
#include "os/descriptor.h"
#include "os/owned.h"
#include "os/process.h"

namespace nprocs {
namespace {

std::vector<int> Ints(napi_env env, napi_value array) {
  std::vector<int> out;
  uint32_t length = 0;
  if (napi_get_array_length(env, array, &length) != napi_ok) return out;
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    int32_t value = -1;
    napi_get_element(env, array, i, &item);
    napi_get_value_int32(env, item, &value);
    out.push_back(value);
  }
  return out;
}

std::string Text(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return {};
  std::string out(length, '\0');
  napi_get_value_string_utf8(env, value, &out[0], length + 1, &length);
  return out;
}

std::vector<std::string> Texts(napi_env env, napi_value array) {
  std::vector<std::string> out;
  uint32_t length = 0;
  napi_get_array_length(env, array, &length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    napi_get_element(env, array, i, &item);
    out.push_back(Text(env, item));
  }
  return out;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(&text[0]);
  out.push_back(nullptr);
  return out;
}

napi_value IntArray(napi_env env, std::initializer_list<int> values) {
  napi_value out;
  napi_create_array(env, &out);
  uint32_t i = 0;
  for (int value : values) napi_set_element(env, out, i++, Int(env, value));
  return out;
}

napi_value Null(napi_env env) {
  napi_value out;
  napi_get_null(env, &out);
  return out;
}

// exitNow(code): ends the process without any tear-down.
napi_value ExitNow(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  _exit(args.Int(0));
}

// spawn(file, argv, env, cwd | null, fds) → pid or -errno
napi_value Spawn(napi_env env, napi_callback_info info) {
  Args<5> args(env, info);
  std::string file = Text(env, args.values[0]);
  std::vector<std::string> argv = Texts(env, args.values[1]), envp = Texts(env, args.values[2]);
  std::string cwd = Text(env, args.values[3]);
  std::vector<int> fds = Ints(env, args.values[4]);
  std::vector<char*> argv_pointers = Pointers(argv), env_pointers = Pointers(envp);
  os::SpawnRequest request = {file.c_str(), argv_pointers.data(), env_pointers.data(), cwd.empty() ? nullptr : cwd.c_str(), fds.data(), fds.size()};
  os::ReapLeft();
  const int64_t pid = os::Spawn(request);
  if (pid > 0) os::OwnChild(static_cast<pid_t>(pid));
  return Number(env, static_cast<double>(pid));
}

// exec(file, argv, env) → -errno; does not return when it succeeds
napi_value Exec(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  std::string file = Text(env, args.values[0]);
  std::vector<std::string> argv = Texts(env, args.values[1]), envp = Texts(env, args.values[2]);
  return Int(env, os::Exec(file.c_str(), Pointers(argv).data(), Pointers(envp).data()));
}

// reap(pid, block) → [pid, code], null while it runs, or -errno
napi_value Reap(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  os::Exit exit;
  int r = os::Reap(args.Int(0), args.Bool(1), &exit);
  if (r < 0) return Int(env, r);
  if (r > 0) os::DisownChild(exit.pid);
  return r == 0 ? Null(env) : IntArray(env, {exit.pid, exit.code});
}

napi_value OpenPidFd(napi_env env, napi_callback_info info) { return Int(env, os::OpenPidFd(Args<1>(env, info).Int(0))); }

napi_value SignalPidFd(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  return Int(env, os::SignalPidFd(args.Int(0), args.Int(1)));
}

// queryExit(pidfd, pid) → exit code or null
napi_value QueryExit(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  os::Exit exit;
  return os::QueryExit(args.Int(0), args.Int(1), &exit) == 1 ? Int(env, exit.code) : Null(env);
}

// queryReaped(pidfd) → exit code or null
napi_value QueryReaped(napi_env env, napi_callback_info info) {
  os::Exit exit;
  return os::QueryReaped(Args<1>(env, info).Int(0), &exit) == 1 ? Int(env, exit.code) : Null(env);
}

napi_value LetKernelReap(napi_env env, napi_callback_info info) { return Int(env, os::LetKernelReap(Args<1>(env, info).Bool(0))); }

napi_value SignalOnHangup(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  return Int(env, os::SignalOnHangup(args.Int(0), args.Int(1)));
}

napi_value EnvironmentStamp(napi_env env, napi_callback_info) { return Number(env, static_cast<double>(os::EnvironmentStamp())); }

napi_value IgnoreSignal(napi_env env, napi_callback_info info) { return Int(env, os::IgnoreSignal(Args<1>(env, info).Int(0))); }

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
  void* data = nullptr;
  size_t length = 0;
  napi_get_typedarray_info(env, args.values[1], nullptr, &length, &data, nullptr, nullptr);
  std::vector<int> fds = Ints(env, args.values[2]);
  return Number(env, static_cast<double>(os::SendMessage(args.Int(0), data, length, args.Bool(3), fds.data(), fds.size())));
}

// receiveMessage(fd, into, block, fdsOut) → bytes received, 0 at the end, -errno. Appends received descriptors to
// fdsOut.
napi_value ReceiveMessage(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  void* data = nullptr;
  size_t length = 0;
  napi_get_typedarray_info(env, args.values[1], nullptr, &length, &data, nullptr, nullptr);
  int fds[os::kMaxPassedFds];
  size_t count = 0;
  int64_t n = os::ReceiveMessage(args.Int(0), data, length, args.Bool(2), fds, &count);
  for (size_t i = 0; i < count; i++) napi_set_element(env, args.values[3], static_cast<uint32_t>(i), Int(env, fds[i]));
  return Number(env, static_cast<double>(n));
}

napi_value RefuseOtherIds(napi_env env, napi_callback_info info) { return Int(env, os::RefuseOtherIds(Args<1>(env, info).Int(0))); }

// pollReadable(fds, timeoutMs) → indexes of those that are ready, or -errno
napi_value PollReadable(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  std::vector<int> fds = Ints(env, args.values[0]);
  std::vector<uint8_t> ready(fds.size());
  int n = os::PollReadable(fds.data(), fds.size(), args.Double(1), ready.data());
  if (n < 0) return Int(env, n);
  napi_value out;
  napi_create_array(env, &out);
  uint32_t at = 0;
  for (size_t i = 0; i < fds.size(); i++) {
    if (ready[i]) napi_set_element(env, out, at++, Int(env, static_cast<int>(i)));
  }
  return out;
}

napi_value CloseFd(napi_env env, napi_callback_info info) {
  const int fd = Args<1>(env, info).Int(0);
  os::DisownDescriptor(fd);
  return ResultOrErrno(env, close(fd));
}

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
// currentDirectory() → path, or -errno. Node remembers what it was.
napi_value CurrentDirectory(napi_env env, napi_callback_info) {
  char path[4096];
  if (getcwd(path, sizeof path) == nullptr) return Int(env, -errno);
  napi_value out;
  napi_create_string_utf8(env, path, NAPI_AUTO_LENGTH, &out);
  return out;
}

napi_value IsOpenFd(napi_env env, napi_callback_info info) { return Int(env, os::IsOpen(Args<1>(env, info).Int(0)) ? 1 : 0); }

// A descriptor watched in the event loop. Owns: the poll handle, the callback and its async context, until closed. The
// environment's end closes it too, and waits until libuv is done with it: the end of a worker thread may unload this
// code.
struct Watch {
  uv_poll_t poll;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
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
  napi_delete_reference(watch->env, watch->callback);
  napi_async_destroy(watch->env, watch->context);
  uv_poll_stop(&watch->poll);
  uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll), FreeWatch);
}

void OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* data) { CloseWatch(static_cast<Watch*>(data)); }

void OnReadable(uv_poll_t* poll, int, int) {
  Watch* watch = static_cast<Watch*>(poll->data);
  napi_handle_scope scope;
  napi_open_handle_scope(watch->env, &scope);
  napi_value callback, receiver, result;
  napi_get_reference_value(watch->env, watch->callback, &callback);
  napi_get_global(watch->env, &receiver);
  napi_env env = watch->env;  // the callback may close the watch
  if (napi_make_callback(env, watch->context, receiver, callback, 0, nullptr, &result) == napi_pending_exception) ReportUncaught(env);
  napi_close_handle_scope(env, scope);
}

// watchReadable(fd, callback) → external. Calls back whenever the descriptor is readable or closed by its peer. Starts
// referenced.
napi_value WatchReadable(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  Watch* watch = new Watch{};
  watch->env = env;
  int r = uv_poll_init(loop, &watch->poll, args.Int(0));
  if (r != 0) {
    delete watch;
    return Int(env, r);
  }
  watch->poll.data = watch;
  napi_value name;
  napi_create_string_utf8(env, "nprocs:watch", NAPI_AUTO_LENGTH, &name);
  napi_create_reference(env, args.values[1], 1, &watch->callback);
  napi_async_init(env, nullptr, name, &watch->context);
  napi_add_async_cleanup_hook(env, OnEnvironmentEnd, watch, &watch->cleanup);
  uv_poll_start(&watch->poll, UV_READABLE | UV_DISCONNECT, OnReadable);
  napi_value out;
  napi_create_external(env, watch, nullptr, nullptr, &out);
  return out;
}

Watch* WatchOf(napi_env env, napi_value value) {
  void* data = nullptr;
  napi_get_value_external(env, value, &data);
  return static_cast<Watch*>(data);
}

// refWatch(watch, referenced)
napi_value RefWatch(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uv_handle_t* handle = reinterpret_cast<uv_handle_t*>(&WatchOf(env, args.values[0])->poll);
  if (args.Bool(1)) uv_ref(handle);
  else uv_unref(handle);
  return nullptr;
}

// unwatch(watch): once only; the wrapper in src/native/watch.ts takes care of that.
napi_value Unwatch(napi_env env, napi_callback_info info) {
  CloseWatch(WatchOf(env, Args<1>(env, info).values[0]));
  return nullptr;
}

}  // namespace

void InitProcess(napi_env env, napi_value exports) {
  Export(env, exports, "exitNow", ExitNow);
  Export(env, exports, "spawn", Spawn);
  Export(env, exports, "exec", Exec);
  Export(env, exports, "reap", Reap);
  Export(env, exports, "openPidFd", OpenPidFd);
  Export(env, exports, "signalPidFd", SignalPidFd);
  Export(env, exports, "queryExit", QueryExit);
  Export(env, exports, "queryReaped", QueryReaped);
  Export(env, exports, "letKernelReap", LetKernelReap);
  Export(env, exports, "signalOnHangup", SignalOnHangup);
  Export(env, exports, "environmentStamp", EnvironmentStamp);
  Export(env, exports, "ignoreSignal", IgnoreSignal);
  Export(env, exports, "socketPair", SocketPair);
  Export(env, exports, "pipe", Pipe);
  Export(env, exports, "sendMessage", SendMessage);
  Export(env, exports, "receiveMessage", ReceiveMessage);
  Export(env, exports, "refuseOtherIds", RefuseOtherIds);
  Export(env, exports, "pollReadable", PollReadable);
  Export(env, exports, "closeFd", CloseFd);
  Export(env, exports, "closeAtEnd", CloseAtEnd);
  Export(env, exports, "memoryFile", MemoryFile);
  Export(env, exports, "duplicate", Duplicate);
  Export(env, exports, "isOpenFd", IsOpenFd);
  Export(env, exports, "currentDirectory", CurrentDirectory);
  Export(env, exports, "watchReadable", WatchReadable);
  Export(env, exports, "refWatch", RefWatch);
  Export(env, exports, "unwatch", Unwatch);
}

}  // namespace nprocs
