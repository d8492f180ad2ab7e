// What all of os/linux needs for its system calls: their errors, their repetition when a signal interrupts them, the
// clock of their timeouts.
#pragma once
#include <cerrno>
#include <ctime>

#include <unistd.h>

namespace nprocs::os {

// What a system call has returned, or -errno.
template <typename Result>
Result OrErrno(Result result) {
  return result < 0 ? static_cast<Result>(-errno) : result;
}

// The same of a call that is repeated for as long as signals interrupt it.
template <typename Call>
auto Repeat(Call call) {
  decltype(call()) result;
  do result = call();
  while (result < 0 && errno == EINTR);
  return OrErrno(result);
}

// Closes a descriptor with which something has failed just now. Returns -errno of that.
inline int CloseFailed(int fd) {
  const int error = errno;
  close(fd);
  return -error;
}
// Closes a descriptor; for the error that is to be returned.
inline int CloseWith(int error, int fd) {
  close(fd);
  return error;
}

inline double NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

inline timespec TimeOf(double ms) {
  timespec time;
  time.tv_sec = static_cast<time_t>(ms / 1e3);
  time.tv_nsec = static_cast<long>((ms - static_cast<double>(time.tv_sec) * 1e3) * 1e6);
  return time;
}

}  // namespace nprocs::os
