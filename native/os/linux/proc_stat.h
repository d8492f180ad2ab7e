// The fields of /proc/<pid>/stat.
#pragma once
#include <fcntl.h>
#include <sys/types.h>

#include <cstdio>
#include <cstring>

#include "os/linux/call.h"

namespace nprocs::os {

class ProcStat {
 public:
  // The sums over all threads of a process cost time.
  enum class Of { kProcess, kMainThread };
  explicit ProcStat(pid_t pid, Of of = Of::kProcess) {
    char path[48];
    const int id = static_cast<int>(pid);
    if (of == Of::kProcess) snprintf(path, sizeof path, "/proc/%d/stat", id);
    else snprintf(path, sizeof path, "/proc/%d/task/%d/stat", id, id);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      error_ = -errno;
      return;
    }
    const ssize_t length = Repeat([&] { return read(fd, text_, sizeof text_ - 1); });
    close(fd);
    text_[length < 0 ? 0 : length] = 0;
    error_ = length < 0 ? static_cast<int>(length) : 0;
    // The second field, the program's name, is in parentheses and may contain any byte.
    const char* end = strrchr(text_, ')');
    third_ = end == nullptr || end[1] != ' ' ? nullptr : end + 2;
  }
  // 0, or -errno: it could not be read.
  int error() const { return error_; }
  // 0: there is none.
  char state() const { return third_ == nullptr ? 0 : *third_; }
  // Counted from 1, as in proc(5); from 3 on. nullptr: there is none.
  const char* Field(int number) const {
    const char* at = third_;
    for (int i = 3; i < number && at != nullptr; i++) {
      at = strchr(at, ' ');
      if (at != nullptr) at++;
    }
    return at;
  }

 private:
  char text_[2048];
  const char* third_ = nullptr;
  int error_ = 0;
};

}  // namespace nprocs::os
