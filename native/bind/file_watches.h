// The watches of files (`fs.watch`) of an event loop, across a fork.
//
// The kernel's watches belong to an inotify descriptor, which parent and child would share; so libuv gives the child
// one of its own, and watches each file anew. But it fails, and leaves the loop unusable, when a file is gone by then,
// or when the user has no more such descriptors; and where the fork is in the midst of telling of a change, it frees
// what is still in use. So here the watches of the child are stopped first, and begun again one by one.
#pragma once
#include <uv.h>

#include <string>
#include <vector>

namespace nprocs {

class FileWatches {
 public:
  // In the child, before uv_loop_fork(). The parent's watches stay as they are.
  explicit FileWatches(uv_loop_t* loop);

  // After it. A file that cannot be watched any more is watched no more.
  void Resume();

  // After it, instead: the child watches none of them.
  void Drop();

 private:
  struct Watch {
    uv_fs_event_t* handle;
    uv_fs_event_cb callback;
    std::string path;
  };
  static void Stop(uv_handle_t* handle, void* self);
  void PutBack();

  uv_loop_t* loop_;
  std::vector<Watch> watches_;
  // What libuv keeps of files whose changes it is telling of just now.
  void* in_use_ = nullptr;
};

}  // namespace nprocs
