// The functions of src/native/process-native.ts, but for forks (fork_bind.cc) and what hears of the end (exit_bind.cc).
#include <unistd.h>

#include "bind/napi_util.h"
#include "os/owned.h"
#include "os/pages.h"
#include "os/process.h"

namespace nprocs {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(&text[0]);
  out.push_back(nullptr);
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
  const std::string file = args.Text(0), cwd = args.Text(3);
  std::vector<std::string> argv = args.Texts(1), envp = args.Texts(2);
  const std::vector<int32_t> fds = args.Ints(4);
  std::vector<char*> argv_pointers = Pointers(argv), env_pointers = Pointers(envp);
  os::SpawnRequest request = {file.c_str(), argv_pointers.data(), env_pointers.data(), cwd.empty() ? nullptr : cwd.c_str(), fds.data(), fds.size()};
  os::ReapLeft();
  const int64_t pid = os::Spawn(request);
  if (pid > 0) os::OwnChild(static_cast<pid_t>(pid));
  return Number(env, pid);
}

// exec(file, argv, env) → -errno; does not return when it succeeds
napi_value Exec(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  std::vector<std::string> argv = args.Texts(1), envp = args.Texts(2);
  return Int(env, os::Exec(args.Text(0).c_str(), Pointers(argv).data(), Pointers(envp).data()));
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

napi_value SignalOnHangup(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  return Int(env, os::SignalOnHangup(args.Int(0), args.Int(1)));
}

napi_value EnvironmentStamp(napi_env env, napi_callback_info) { return Number(env, static_cast<int64_t>(os::EnvironmentStamp())); }

napi_value IgnoreSignal(napi_env env, napi_callback_info info) { return Int(env, os::IgnoreSignal(Args<1>(env, info).Int(0))); }

// currentDirectory() → path, or -errno. Node remembers what it was.
napi_value CurrentDirectory(napi_env env, napi_callback_info) {
  char path[4096];
  if (getcwd(path, sizeof path) == nullptr) return Int(env, -errno);
  return String(env, path);
}

napi_value MakePageNote(napi_env env, napi_callback_info) { return Int(env, os::MakePageNote()); }

napi_value NotePages(napi_env env, napi_callback_info) { return Int(env, os::NotePages()); }

napi_value ReadyPages(napi_env, napi_callback_info) {
  os::ReadyPages();
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
  Export(env, exports, "signalOnHangup", SignalOnHangup);
  Export(env, exports, "environmentStamp", EnvironmentStamp);
  Export(env, exports, "ignoreSignal", IgnoreSignal);
  Export(env, exports, "currentDirectory", CurrentDirectory);
  Export(env, exports, "makePageNote", MakePageNote);
  Export(env, exports, "notePages", NotePages);
  Export(env, exports, "readyPages", ReadyPages);
}

}  // namespace nprocs
