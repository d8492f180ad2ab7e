#include "bind/file_watches.h"

namespace nprocs {

FileWatches::FileWatches(uv_loop_t* loop) : loop_(loop) {
  // The kernel is not to hear of it: its watches are the parent's.
  const int inotify = loop->inotify_fd;
  loop->inotify_fd = -1;
  uv_walk(loop, Stop, this);
  loop->inotify_fd = inotify;
  in_use_ = loop->inotify_watchers;
  loop->inotify_watchers = nullptr;
}

void FileWatches::Stop(uv_handle_t* handle, void* self) {
  if (uv_handle_get_type(handle) != UV_FS_EVENT || !uv_is_active(handle)) return;
  uv_fs_event_t* event = reinterpret_cast<uv_fs_event_t*>(handle);
  static_cast<FileWatches*>(self)->watches_.push_back({event, event->cb, event->path});
  uv_fs_event_stop(event);
}

void FileWatches::Resume() {
  PutBack();
  for (const Watch& one : watches_) uv_fs_event_start(one.handle, one.callback, one.path.c_str(), 0);
}

void FileWatches::Drop() { PutBack(); }

// libuv goes on with what it was doing when its stack is unwound to it: it reads the next changes, and frees what it
// had in use. For that it needs a descriptor to read from, which a watch leaves behind.
void FileWatches::PutBack() {
  if (in_use_ == nullptr) return;
  uv_fs_event_t* event = new uv_fs_event_t;
  uv_fs_event_init(loop_, event);
  uv_fs_event_start(event, [](uv_fs_event_t*, const char*, int, int) {}, "/", 0);
  uv_close(reinterpret_cast<uv_handle_t*>(event), [](uv_handle_t* handle) { delete reinterpret_cast<uv_fs_event_t*>(handle); });
  loop_->inotify_watchers = in_use_;
}

}  // namespace nprocs
