#include "os/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <vector>

namespace nprocs::os {

namespace {

double NowMs() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

bool HasOwnIds(cmsghdr* message) {
  ucred sender;
  memcpy(&sender, CMSG_DATA(message), sizeof sender);
  return sender.uid == getuid() && sender.gid == getgid();
}

}  // namespace

int MakeSocketPair(PairKind kind, int out[2]) {
  int type = kind == PairKind::kStream ? SOCK_STREAM : SOCK_SEQPACKET;
  return socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, out) != 0 ? -errno : 0;
}

int MakePipe(int out[2]) { return pipe2(out, O_CLOEXEC) != 0 ? -errno : 0; }

int64_t SendMessage(int fd, const void* bytes, size_t length, bool block, const int* fds, size_t fd_count) {
  if (fd_count > kMaxPassedFds) return -EINVAL;
  iovec iov = {const_cast<void*>(bytes), length};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxPassedFds * sizeof(int))];
  memset(control, 0, sizeof control);
  msghdr message = {};
  message.msg_iov = &iov;
  message.msg_iovlen = 1;
  if (fd_count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
    memcpy(CMSG_DATA(c), fds, fd_count * sizeof(int));
  }
  ssize_t n;
  do {
    n = sendmsg(fd, &message, MSG_NOSIGNAL | (block ? 0 : MSG_DONTWAIT));
  } while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

int64_t ReceiveMessage(int fd, void* bytes, size_t capacity, bool block, int* fds, size_t* fd_count) {
  iovec iov = {bytes, capacity};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxPassedFds * sizeof(int)) + CMSG_SPACE(sizeof(ucred))];
  msghdr message = {};
  message.msg_iov = &iov;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  *fd_count = 0;
  ssize_t n;
  do {
    n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | (block ? 0 : MSG_DONTWAIT));
  } while (n < 0 && errno == EINTR);
  if (n < 0) return errno == ECONNRESET ? 0 : -errno;
  bool is_refused = false;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    if (c->cmsg_type == SCM_CREDENTIALS) is_refused = !HasOwnIds(c) && n > 0;
    if (c->cmsg_type != SCM_RIGHTS) continue;
    *fd_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds, CMSG_DATA(c), *fd_count * sizeof(int));
  }
  const bool is_cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  if (!is_cut && !is_refused) return n;
  for (size_t i = 0; i < *fd_count; i++) close(fds[i]);
  *fd_count = 0;
  if (is_refused) return -EPERM;
  return (message.msg_flags & MSG_CTRUNC) != 0 ? -EMFILE : -EMSGSIZE;
}

int RefuseOtherIds(int fd) {
  const int yes = 1;
  return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0 ? -errno : 0;
}

int PollReadable(const int* fds, size_t count, double timeout_ms, uint8_t* ready) {
  std::vector<pollfd> polls(count);
  for (size_t i = 0; i < count; i++) polls[i] = {fds[i], POLLIN, 0};
  double end = NowMs() + timeout_ms;
  for (;;) {
    double left = timeout_ms < 0 ? -1 : end - NowMs();
    timespec t = {};
    if (left > 0) {
      t.tv_sec = static_cast<time_t>(left / 1e3);
      t.tv_nsec = static_cast<long>((left - static_cast<double>(t.tv_sec) * 1e3) * 1e6);
    }
    int n = ppoll(polls.data(), count, timeout_ms < 0 ? nullptr : &t, nullptr);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
    for (size_t i = 0; i < count; i++) ready[i] = polls[i].revents != 0 ? 1 : 0;
    return n;
  }
}

int MakeMemoryFile() {
  int fd = memfd_create("nprocs", MFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int Duplicate(int from, int to) {
  if (to < 0) {
    int fd = fcntl(from, F_DUPFD_CLOEXEC, 3);
    return fd < 0 ? -errno : fd;
  }
  return dup2(from, to) < 0 ? -errno : to;
}

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) != -1; }

}  // namespace nprocs::os
