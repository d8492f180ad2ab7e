// The end of a process as Node goes about it: errors that nobody has caught, and what comes after the last JavaScript.
#include <unistd.h>

#include <functional>

#include "bind/napi_util.h"

namespace node {
class Environment;
}

namespace nprocs {
namespace {

// Node's embedder API (node.h, V8's v8.h), by names in the running Node: Node-API has no counterpart. All are there in
// Node 20 to 26.
struct Embedder {
  void* (*current_isolate)();
  void* (*current_context)(void* isolate);
  node::Environment* (*environment)(void* context);
  void (*set_exit_handler)(node::Environment*, std::function<void(node::Environment*, int)>&&);
  void (*default_exit)(node::Environment*, int);
  bool Found() const {
    return current_isolate != nullptr && current_context != nullptr && environment != nullptr && set_exit_handler != nullptr && default_exit != nullptr;
  }
};

Embedder FindEmbedder() {
  Embedder out;
  Find(&out.current_isolate, "_ZN2v87Isolate10GetCurrentEv");
  Find(&out.current_context, "_ZN2v87Isolate17GetCurrentContextEv");
  Find(&out.environment, "_ZN4node21GetCurrentEnvironmentEN2v85LocalINS0_7ContextEEE");
  Find(&out.set_exit_handler, "_ZN4node21SetProcessExitHandlerEPNS_11EnvironmentEOSt8functionIFvS1_iEE");
  Find(&out.default_exit, "_ZN4node25DefaultProcessExitHandlerEPNS_11EnvironmentEi");
  return out;
}

// What is called when Node is about to end the process. Lives as long as the process.
struct ExitHook {
  Embedder node;
  napi_env env;
  napi_ref callback;
  bool is_running;
};

void RunHook(ExitHook* hook, node::Environment* environment, int code) {
  // The callback itself may end the process, by an error or otherwise.
  if (!hook->is_running) {
    hook->is_running = true;
    napi_env env = hook->env;
    napi_handle_scope scope;
    napi_open_handle_scope(env, &scope);
    napi_value callback, receiver, result;
    napi_value argument = Int(env, code);
    napi_get_reference_value(env, hook->callback, &callback);
    napi_get_undefined(env, &receiver);
    napi_call_function(env, receiver, callback, 1, &argument, &result);
    napi_close_handle_scope(env, scope);
  }
  hook->node.default_exit(environment, code);
}

// onProcessExit(callback) → 0, or -ENOSYS where this Node has no such thing. Calls callback(code) when Node ends the
// process by itself or by `process.reallyExit()`: after the last handler, and after it has printed the error that is
// the reason. Not at a natural end. For the main thread.
napi_value OnProcessExit(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  Embedder node = FindEmbedder();
  if (!node.Found()) return Int(env, -ENOSYS);
  node::Environment* environment = node.environment(node.current_context(node.current_isolate()));
  if (environment == nullptr) return Int(env, -ENOSYS);
  ExitHook* hook = new ExitHook{node, env, nullptr, false};
  napi_create_reference(env, args.values[0], 1, &hook->callback);
  node.set_exit_handler(environment, [hook](node::Environment* ending, int code) { RunHook(hook, ending, code); });
  return Int(env, 0);
}

// reportUncaught(error): as if the error had been thrown where nobody catches it. What is printed shows the place that
// the error comes from.
napi_value ReportUncaughtError(napi_env env, napi_callback_info info) {
  napi_fatal_exception(env, Args<1>(env, info).values[0]);
  return nullptr;
}

}  // namespace

void InitExit(napi_env env, napi_value exports) {
  Export(env, exports, "onProcessExit", OnProcessExit);
  Export(env, exports, "reportUncaught", ReportUncaughtError);
}

}  // namespace nprocs
