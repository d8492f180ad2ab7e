// os/owned.h on Linux.
#include "os/owned.h"

#include <ctime>
#include <mutex>
#include <unordered_set>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nprocs::os {
namespace {

struct Owned {
  std::unordered_set<int> descriptors;
  std::unordered_set<pid_t> children;
};

// Never destroyed by itself: in the main thread it may be needed until the very end.
thread_local Owned* t_owned = nullptr;

Owned& OfThisThread() {
  if (t_owned == nullptr) t_owned = new Owned;
  return *t_owned;
}

std::mutex g_mutex;
// Children of threads that have ended. Never destroyed.
std::unordered_set<pid_t>& Left() {
  static auto* left = new std::unordered_set<pid_t>;
  return *left;
}

bool IsMainThread() { return syscall(SYS_gettid) == getpid(); }

void ReapEnded(std::unordered_set<pid_t>* children) {
  for (auto child = children->begin(); child != children->end();) {
    // 0: it runs. -1: somebody else has reaped it.
    child = waitpid(*child, nullptr, WNOHANG) == 0 ? ++child : children->erase(child);
  }
}

// How often children that still run are looked at, and how long it waits in between.
constexpr int kMostLooks = 150;
constexpr timespec kPause = {0, 2'000'000};

}  // namespace

void OwnDescriptor(int fd) { OfThisThread().descriptors.insert(fd); }

void DisownDescriptor(int fd) {
  if (t_owned != nullptr) t_owned->descriptors.erase(fd);
}

void OwnChild(pid_t pid) { OfThisThread().children.insert(pid); }

void DisownChild(pid_t pid) {
  if (t_owned != nullptr) t_owned->children.erase(pid);
}

void GiveUpOwned() {
  if (t_owned == nullptr || IsMainThread()) return;
  for (const int fd : t_owned->descriptors) close(fd);
  t_owned->descriptors.clear();
  auto& children = t_owned->children;
  ReapEnded(&children);
  for (int i = 0; i < kMostLooks && !children.empty(); i++) {
    nanosleep(&kPause, nullptr);
    ReapEnded(&children);
  }
  if (!children.empty()) {
    std::lock_guard<std::mutex> guard(g_mutex);
    Left().insert(children.begin(), children.end());
  }
  delete t_owned;
  t_owned = nullptr;
  ReapLeft();
}

void ReapLeft() {
  std::lock_guard<std::mutex> guard(g_mutex);
  ReapEnded(&Left());
}

}  // namespace nprocs::os
