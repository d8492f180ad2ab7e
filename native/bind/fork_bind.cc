// Forking a Node process: for the forkserver, and in the middle of running JavaScript (the start method `fork`).
//
// In the latter case the child must not go on with the caller's code: it has the caller's whole stack, and the promise
// reactions that wait behind it. V8 can unwind both: execution is terminated, which no `catch` or `finally` sees and
// which drops the pending microtasks. The child's own work has been put into the event loop before; when the stack is
// unwound to the loop, it begins there.
#include <unistd.h>

#include <atomic>

#include "bind/external_buffer.h"
#include "bind/file_watches.h"
#include "bind/napi_util.h"
#include "os/pages.h"
#include "os/process.h"
#include "os/shared.h"

namespace nprocs {
namespace {

enum class Watching { kAsBefore, kNothing };

void RenewLoop(uv_loop_t* loop, Watching files) {
  FileWatches watches(loop);
  if (uv_loop_fork(loop) != 0) _exit(70);
  if (files == Watching::kAsBefore) watches.Resume();
  else watches.Drop();
}

// Forks with an event loop that works in both. Returns the pid, 0 in the child, or -errno.
int ForkWithLoop(napi_env env, Watching files, uv_loop_t** loop) {
  *loop = LoopOf(env);
  int ready = os::AllowFork();
  if (ready < 0) return ready;
  pid_t pid = -1;
  // A thread of libuv's pool that handed over its work just now would leave the copy's mutex locked for ever.
  uv_mutex_lock(&(*loop)->wq_mutex);
  // Until the loop has its own pipe for signals, libuv's handlers would write into the parent's.
  int r = os::ForkWithSignals(&pid, [loop, files] { RenewLoop(*loop, files); });
  uv_mutex_unlock(&(*loop)->wq_mutex);
  return r < 0 ? r : pid;
}

// fork() → 0 in the child, its pid in the parent, -errno. For code that knows what it is doing in both: the
// forkserver's. The child's pages are made ready before anything of it runs.
napi_value Fork(napi_env env, napi_callback_info) {
  uv_loop_t* loop = nullptr;
  const int pid = ForkWithLoop(env, Watching::kAsBefore, &loop);
  if (pid == 0) os::ReadyPages();
  return Int(env, pid);
}

// V8's own functions, by their names in the running Node: Node-API has no counterpart. All are stable since Node 12.
struct Termination {
  void* (*current_isolate)();
  void (*terminate)(void* isolate);
  void (*cancel)(void* isolate);
  void (*run_microtasks)(void* isolate);
  bool Found() const { return current_isolate != nullptr && terminate != nullptr && cancel != nullptr && run_microtasks != nullptr; }
};

Termination FindTermination() {
  Termination out;
  Find(&out.current_isolate, "_ZN2v87Isolate10GetCurrentEv");
  Find(&out.terminate, "_ZN2v87Isolate18TerminateExecutionEv");
  Find(&out.cancel, "_ZN2v87Isolate24CancelTerminateExecutionEv");
  Find(&out.run_microtasks, "_ZN2v815MicrotasksScope17PerformCheckpointEPNS_7IsolateE");
  return out;
}

// A timer that waits until the child has begun.
struct Deferred {
  uv_timer_t* timer;
  uv_timer_cb callback;
  uint64_t due_in;
  uint64_t repeat;
};

// What the child begins with. Owns: the callback, until it has been called.
struct Beginning {
  uv_idle_t idle;
  Callback callback;
  std::vector<Deferred> timers;
};

// What the process's forks are to all copies of the library in it. Each copy has an addon of its own: what one of them
// forks is unwound through callbacks of others, and its loop may be watched by another one.
using ForkWords = std::atomic<uint32_t>[os::kForkWords];
ForkWords g_own_words;
std::atomic<std::atomic<uint32_t>*> g_words{g_own_words};

std::atomic<uint32_t>& WordOfForks(int index) { return g_words.load()[index]; }

// While the stack of a forked child is being unwound. There is one thread then.
bool IsUnwinding() { return WordOfForks(os::kIsUnwinding).load() != 0; }

// From here on, JavaScript runs again. What Node-API noted as an exception on the way was the termination.
void AllowJavaScript(napi_env env) {
  const Termination v8 = FindTermination();
  v8.cancel(v8.current_isolate());
  napi_value termination;
  napi_get_and_clear_last_exception(env, &termination);
}

void Begin(uv_idle_t* idle) {
  Beginning* beginning = static_cast<Beginning*>(idle->data);
  uv_idle_stop(idle);
  napi_env env = beginning->callback.env();
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  AllowJavaScript(env);
  WordOfForks(os::kIsUnwinding).store(0);
  for (const Deferred& one : beginning->timers) uv_timer_start(one.timer, one.callback, one.due_in, one.repeat);
  beginning->callback.Call();
  napi_close_handle_scope(env, scope);
}

// A link of libuv's queues, which are rings. Its own type for it has another name in each of its versions.
struct Link {
  Link* next;
  Link* previous;
};

template <typename Queue>
void EmptyQueue(Queue* queue) {
  static_assert(sizeof(Queue) == sizeof(Link), "libuv's queues are two pointers");
  Link* link = reinterpret_cast<Link*>(queue);
  link->next = link->previous = link;
}

template <typename Queue>
void Unlink(Queue* queue) {
  Link* link = reinterpret_cast<Link*>(queue);
  link->previous->next = link->next;
  link->next->previous = link->previous;
  EmptyQueue(queue);
}

// As libuv's uv__io_stop(), which it does not export, for all events.
void StopWatcher(uv_loop_t* loop, uv__io_t* watcher) {
  Unlink(&watcher->pending_queue);
  Unlink(&watcher->watcher_queue);
  watcher->pevents = watcher->events = 0;
  if (watcher->fd < 0 || static_cast<unsigned>(watcher->fd) >= loop->nwatchers || loop->watchers[watcher->fd] != watcher) return;
  loop->watchers[watcher->fd] = nullptr;
  loop->nfds--;
}

// Neither reads nor accepts nor writes what is waiting to be written: the parent will.
void QuietStream(uv_stream_t* stream) {
  uv_read_stop(stream);
  StopWatcher(stream->loop, &stream->io_watcher);
  EmptyQueue(&stream->write_queue);
  EmptyQueue(&stream->write_completed_queue);
  stream->write_queue_size = 0;
  stream->connect_req = nullptr;
  stream->shutdown_req = nullptr;
}

void QuietUdp(uv_udp_t* udp) {
  uv_udp_recv_stop(udp);
  StopWatcher(udp->loop, &udp->io_watcher);
  EmptyQueue(&udp->write_queue);
  EmptyQueue(&udp->write_completed_queue);
  udp->send_queue_size = udp->send_queue_count = 0;
}

// Node runs its timers again and again until they have come to an end: for ever, while the unwinding still forbids all
// JavaScript.
void Defer(uv_timer_t* timer, Beginning* beginning) {
  if (!uv_is_active(reinterpret_cast<uv_handle_t*>(timer))) return;
  beginning->timers.push_back({timer, timer->timer_cb, uv_timer_get_due_in(timer), uv_timer_get_repeat(timer)});
  uv_timer_stop(timer);
}

// The caller's connections and watches are its own business: the child neither reads from them nor lives for them.
void Quiet(uv_handle_t* handle, void* beginning) {
  if (uv_is_closing(handle)) return;
  switch (uv_handle_get_type(handle)) {
    case UV_TCP:
    case UV_NAMED_PIPE:
    case UV_TTY:
      QuietStream(reinterpret_cast<uv_stream_t*>(handle));
      break;
    case UV_UDP:
      QuietUdp(reinterpret_cast<uv_udp_t*>(handle));
      break;
    case UV_POLL:
      uv_poll_stop(reinterpret_cast<uv_poll_t*>(handle));
      break;
    case UV_FS_POLL:
      uv_fs_poll_stop(reinterpret_cast<uv_fs_poll_t*>(handle));
      break;
    case UV_TIMER:
      Defer(reinterpret_cast<uv_timer_t*>(handle), static_cast<Beginning*>(beginning));
      return;
    case UV_FS_EVENT:  // stopped already, see file_watches.h
    case UV_ASYNC:  // ports of channels between threads
    case UV_PROCESS:
      break;
    default:
      return;  // signals and the loop's own handles belong to Node
  }
  uv_unref(handle);  // of an IdleWatch, too, which references its keeper again at its next look
}

// What the caller waits for (files, names, connections, …) never happens in the child: its event loop must not live for
// it, nor find it done.
void DropRequests(uv_loop_t* loop) {
  EmptyQueue(&loop->wq);
  loop->active_reqs.count = 0;
}

// forkRunning(callback, leave) → the child's pid, or -errno; the child calls back from its event loop instead of
// returning. The generation is one higher in the child from the first moment on: the loop may run something before it
// gets to the callback. The child calls leave() before its stack is unwound.
napi_value ForkRunning(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  Termination termination = FindTermination();
  if (!termination.Found()) return Int(env, -ENOSYS);
  uv_loop_t* loop = nullptr;
  int pid = ForkWithLoop(env, Watching::kNothing, &loop);
  if (pid != 0) return Int(env, pid);
  WordOfForks(os::kForkGeneration).fetch_add(1);
  Beginning* beginning = new Beginning{};
  uv_walk(loop, Quiet, beginning);
  DropRequests(loop);
  beginning->callback = Callback(env, args.values[0], "nprocs:fork");
  beginning->idle.data = beginning;
  uv_idle_init(loop, &beginning->idle);
  uv_idle_start(&beginning->idle, Begin);
  napi_value receiver, ignored;
  napi_get_undefined(env, &receiver);
  if (napi_call_function(env, receiver, args.values[1], 0, nullptr, &ignored) == napi_pending_exception) napi_get_and_clear_last_exception(env, &ignored);
  WordOfForks(os::kIsUnwinding).store(1);
  void* isolate = termination.current_isolate();
  termination.terminate(isolate);
  // V8 drops the microtasks that wait when one of them is terminated. If none is running, they would be run after the
  // unwinding.
  termination.run_microtasks(isolate);
  termination.terminate(isolate);
  return nullptr;
}

// callBarrier(fn): calls fn(). The unwinding of a forked child ends here, in good order for the caller: Node's own
// loops (that of its timers) would not be able to go on after it.
napi_value CallBarrier(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  napi_value receiver, result;
  napi_get_undefined(env, &receiver);
  napi_status status = napi_call_function(env, receiver, args.values[0], 0, nullptr, &result);
  if (IsUnwinding()) AllowJavaScript(env);
  // Thrown once more from here, it would be said to come from here.
  else if (status == napi_pending_exception) ReportUncaught(env);
  return nullptr;
}

// V8's own tasks (a module of WebAssembly has been compiled, somebody has woken `Atomics.waitAsync`, an object has been
// collected) do not keep an event loop going. Node does those that are due before it ends, again and again until there
// are none. They come by a uv_async that Node's platform has made for this loop before anybody else could make one.
// (Others that do not keep the loop going, such as a thread's messages, are not awaited by Node either.)
void NoteFirstAsync(uv_handle_t* handle, void* found) {
  uv_async_t** first = static_cast<uv_async_t**>(found);
  if (*first == nullptr && uv_handle_get_type(handle) == UV_ASYNC) *first = reinterpret_cast<uv_async_t*>(handle);
}

bool AreTasksPending(uv_loop_t* loop) {
  uv_async_t* tasks = nullptr;
  uv_walk(loop, NoteFirstAsync, &tasks);
  return tasks != nullptr && __atomic_load_n(&tasks->pending, __ATOMIC_ACQUIRE) != 0;
}

// Notices that the event loop has nothing left to do, before Node does: what Node does then is not for a forked process
// (it waits for threads that are not there). The keeper keeps the loop going; before each poll, the loop is asked what
// it would be without it. Lives as long as the process.
struct IdleWatch {
  uv_async_t keeper;
  uv_prepare_t prepare;
  Callback callback;

  bool IsLoopIdle() {
    uv_handle_t* handle = reinterpret_cast<uv_handle_t*>(&keeper);
    uv_unref(handle);
    bool alive = uv_loop_alive(keeper.loop) != 0;
    uv_ref(handle);
    return !alive;
  }
};

void BeforePoll(uv_prepare_t* prepare) {
  IdleWatch* watch = static_cast<IdleWatch*>(prepare->data);
  if (IsUnwinding() || !watch->IsLoopIdle() || AreTasksPending(watch->keeper.loop)) return;
  watch->callback.Call({0});
  if (!watch->IsLoopIdle()) return;
  watch->callback.Call({1});
  watch->callback.Call({2});
}

// onIdleLoop(callback): calls callback(0) when the event loop has nothing left to do, and, if that has not changed it,
// callback(1) and callback(2), which ends the process.
napi_value OnIdleLoop(napi_env env, napi_callback_info info) {
  uv_loop_t* loop = LoopOf(env);
  IdleWatch* watch = new IdleWatch{};
  watch->prepare.data = watch;
  watch->callback = Callback(env, Args<1>(env, info).values[0], "nprocs:idle");
  uv_async_init(loop, &watch->keeper, nullptr);
  uv_prepare_init(loop, &watch->prepare);
  uv_unref(reinterpret_cast<uv_handle_t*>(&watch->prepare));
  uv_prepare_start(&watch->prepare, BeforePoll);
  return nullptr;
}

// newForkState() → the words of forks, for all addons that this process is going to have. They are never freed: other
// threads may still look at them when JavaScript has ended.
napi_value NewForkState(napi_env env, napi_callback_info) {
  ForkWords* words = new ForkWords[1]{};
  napi_value buffer = ExternalBuffer(env, words, sizeof *words, [](void*) {}, nullptr);
  napi_value view;
  if (buffer == nullptr || napi_create_typedarray(env, napi_uint32_array, os::kForkWords, buffer, 0, &view) != napi_ok) return Null(env);
  return view;
}

// shareForkState(words): what newForkState of any addon of this process has returned.
napi_value ShareForkState(napi_env env, napi_callback_info info) {
  const Bytes words = Args<1>(env, info).View(0);
  if (words.size < sizeof(ForkWords)) return nullptr;
  g_words.store(reinterpret_cast<std::atomic<uint32_t>*>(words.data));
  os::CountForksIn(&WordOfForks(os::kForksBegun));
  return nullptr;
}

// pendingRequests() → how many the event loop waits for: files, names, connections, what threads of libuv's pool do.
napi_value PendingRequests(napi_env env, napi_callback_info) {
  return Int(env, static_cast<int>(LoopOf(env)->active_reqs.count));
}

// Calls back for a signal, in the event loop, which it does not keep going. A forked process has it, too. Lives as long
// as the process.
struct SignalWatch {
  uv_signal_t signal;
  Callback callback;
};

void OnSignalEvent(uv_signal_t* signal, int) { static_cast<SignalWatch*>(signal->data)->callback.Call(); }

// onSignal(signum, callback) → 0 or -errno
napi_value OnSignal(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  SignalWatch* watch = new SignalWatch{};
  watch->signal.data = watch;
  watch->callback = Callback(env, args.values[1], "nprocs:signal");
  uv_signal_init(LoopOf(env), &watch->signal);
  uv_unref(reinterpret_cast<uv_handle_t*>(&watch->signal));
  return Int(env, uv_signal_start(&watch->signal, OnSignalEvent, args.Int(0)));
}

}  // namespace

void ReportUncaught(napi_env env) {
  napi_value error;
  // Taken off in any case: the next finalizer would report what is left.
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok && !IsUnwinding()) napi_fatal_exception(env, error);
}

void InitFork(napi_env env, napi_value exports) {
  Export(env, exports, "fork", Fork);
  Export(env, exports, "forkRunning", ForkRunning);
  Export(env, exports, "callBarrier", CallBarrier);
  Export(env, exports, "newForkState", NewForkState);
  Export(env, exports, "shareForkState", ShareForkState);
  Export(env, exports, "onIdleLoop", OnIdleLoop);
  Export(env, exports, "onSignal", OnSignal);
  Export(env, exports, "pendingRequests", PendingRequests);
}

}  // namespace nprocs
