// os/descriptor.h on Linux: pairs of sockets, SCM_RIGHTS, poll.
#include "os/descriptor.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <vector>

#include "os/linux/call.h"
#include "os/owned.h"

namespace nprocs::os {

namespace {

bool HasOwnIds(cmsghdr* message) {
  ucred sender;
  memcpy(&sender, CMSG_DATA(message), sizeof sender);
  return sender.uid == getuid() && sender.gid == getgid();
}

// What has come with some bytes.
struct Received {
  int64_t length;
  int flags;  // of struct msghdr
  bool is_refused;
};

Received Receive(int fd, void* bytes, size_t capacity, int flags, int* fds, size_t* fd_count) {
  iovec iov = {bytes, capacity};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxPassedFds * sizeof(int)) + CMSG_SPACE(sizeof(ucred))];
  msghdr message = {};
  message.msg_iov = &iov;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  *fd_count = 0;
  const int64_t n = Repeat([&] { return recvmsg(fd, &message, MSG_CMSG_CLOEXEC | flags); });
  Received out = {n, message.msg_flags, false};
  if (n < 0) return out;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    if (c->cmsg_type == SCM_CREDENTIALS) out.is_refused = !HasOwnIds(c) && n > 0;
    if (c->cmsg_type != SCM_RIGHTS) continue;
    *fd_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds, CMSG_DATA(c), *fd_count * sizeof(int));
  }
  return out;
}

void CloseAll(const int* fds, size_t* fd_count) {
  for (size_t i = 0; i < *fd_count; i++) close(fds[i]);
  *fd_count = 0;
}

}  // namespace

int MakeSocketPair(PairKind kind, int out[2]) {
  int type = kind == PairKind::kStream ? SOCK_STREAM : SOCK_SEQPACKET;
  return OrErrno(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, out));
}

int MakePipe(int out[2]) { return OrErrno(pipe2(out, O_CLOEXEC)); }

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
  return Repeat([&] { return sendmsg(fd, &message, MSG_NOSIGNAL | (block ? 0 : MSG_DONTWAIT)); });
}

int64_t ReceiveMessage(int fd, void* bytes, size_t capacity, bool block, int* fds, size_t* fd_count) {
  const Received got = Receive(fd, bytes, capacity, block ? 0 : MSG_DONTWAIT, fds, fd_count);
  if (got.length < 0) return got.length == -ECONNRESET ? 0 : got.length;
  const bool is_cut = (got.flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  if (!is_cut && !got.is_refused) return got.length;
  CloseAll(fds, fd_count);
  if (got.is_refused) return -EPERM;
  return (got.flags & MSG_CTRUNC) != 0 ? -EMFILE : -EMSGSIZE;
}

int64_t ReceiveBytes(int fd, void* bytes, size_t capacity, int* fds, size_t* fd_count) {
  const Received got = Receive(fd, bytes, capacity, MSG_DONTWAIT, fds, fd_count);
  if ((got.flags & MSG_CTRUNC) != 0) CloseAll(fds, fd_count);
  return got.length;
}

int RefuseOtherIds(int fd) {
  const int yes = 1;
  return OrErrno(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes));
}

int WaitForFds(const int32_t* fds, const int32_t* wanted, int32_t* ready, size_t count, double timeout_ms) {
  auto wants = [wanted](size_t i) { return wanted == nullptr ? kReadable : wanted[i]; };
  std::vector<pollfd> polled(count);
  for (size_t i = 0; i < count; i++) {
    const int events = ((wants(i) & kReadable) ? POLLIN : 0) | ((wants(i) & kWritable) ? POLLOUT : 0);
    polled[i] = {fds[i], static_cast<short>(events), 0};
  }
  const double end = timeout_ms > 0 ? NowMs() + timeout_ms : 0;
  const int result = Repeat([&] {
    const double left = timeout_ms > 0 ? end - NowMs() : 0;
    const timespec time = TimeOf(left > 0 ? left : 0);
    return ppoll(polled.data(), count, timeout_ms < 0 ? nullptr : &time, nullptr);
  });
  if (result < 0) return result;
  for (size_t i = 0; i < count; i++) {
    const short seen = polled[i].revents;
    if (seen & (POLLERR | POLLHUP | POLLNVAL)) ready[i] = wants(i);
    else ready[i] = ((seen & POLLIN) ? kReadable : 0) | ((seen & POLLOUT) ? kWritable : 0);
  }
  return result;
}

int MakeMemoryFile() { return OrErrno(memfd_create("nprocs", MFD_CLOEXEC)); }

int Duplicate(int from, int to) { return OrErrno(to < 0 ? fcntl(from, F_DUPFD_CLOEXEC, 3) : dup2(from, to)); }

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) != -1; }

int CloseFd(int fd) {
  DisownDescriptor(fd);
  return OrErrno(close(fd));
}

}  // namespace nprocs::os
