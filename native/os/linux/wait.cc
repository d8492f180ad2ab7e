// os/wait.h on Linux: the futex system call, and datagrams between abstract Unix sockets.
#include "os/wait.h"

#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include <linux/futex.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "os/linux/call.h"
#include "os/memory.h"

namespace nprocs::os {
namespace {

// The name begins with a zero byte: it lives in the abstract namespace and vanishes with its socket.
socklen_t AddressOf(uint64_t address, sockaddr_un* out) {
  memset(out, 0, sizeof *out);
  out->sun_family = AF_UNIX;
  int length = snprintf(out->sun_path + 1, sizeof out->sun_path - 1, "nprocs.%016" PRIx64, address);
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + static_cast<size_t>(length));
}

int NewSocket() { return socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

// One unbound socket to send from, for all threads; a forked child may go on with it.
int Sender() {
  static std::atomic<int> shared{-1};
  int fd = shared.load();
  if (fd >= 0) return fd;
  int made = NewSocket();
  if (made < 0) return -errno;
  if (shared.compare_exchange_strong(fd, made)) return made;
  close(made);
  return fd;
}

}  // namespace

int FutexWait(int32_t* word, int32_t expected, double timeout_ms) {
  const timespec timeout = TimeOf(timeout_ms);
  if (syscall(SYS_futex, word, FUTEX_WAIT, expected, &timeout, nullptr, 0) == 0) return 0;
  return errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT ? 0 : -errno;
}

int FutexWake(int32_t* word, int32_t count) {
  return static_cast<int>(OrErrno(syscall(SYS_futex, word, FUTEX_WAKE, count, nullptr, nullptr, 0)));
}

int DoorbellCreate(uint64_t* address) {
  int fd = NewSocket();
  if (fd < 0) return -errno;
  for (;;) {
    *address = Random64();
    sockaddr_un name;
    socklen_t length = AddressOf(*address, &name);
    if (*address != 0 && bind(fd, reinterpret_cast<sockaddr*>(&name), length) == 0) return fd;
    if (*address != 0 && errno != EADDRINUSE) return CloseFailed(fd);
  }
}

int DoorbellDrain(int fd, Notice* notices, size_t capacity) {
  size_t count = 0;
  while (count < capacity) {
    ssize_t got = recv(fd, &notices[count], sizeof(Notice), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    if (got == sizeof(Notice)) count++;
  }
  return static_cast<int>(count);
}

int DoorbellRing(uint64_t address, const Notice& notice) {
  int fd = Sender();
  if (fd < 0) return fd;
  sockaddr_un name;
  socklen_t length = AddressOf(address, &name);
  const auto sent = Repeat([&] { return sendto(fd, &notice, sizeof notice, MSG_DONTWAIT | MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&name), length); });
  return sent < 0 ? static_cast<int>(sent) : 0;
}

}  // namespace nprocs::os
