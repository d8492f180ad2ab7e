#include "os/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <vector>

#include "os/descriptor.h"

namespace nprocs::os {

namespace {

constexpr int kType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

struct Address {
  sockaddr_storage storage;
  socklen_t size;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

int MakeUnixAddress(const char* path, size_t length, Address* out) {
  auto* address = reinterpret_cast<sockaddr_un*>(&out->storage);
  std::memset(&out->storage, 0, sizeof out->storage);
  // A path needs its terminating zero; an abstract name is as long as it is told to be.
  const size_t limit = length > 0 && path[0] == 0 ? sizeof address->sun_path : sizeof address->sun_path - 1;
  if (length == 0 || length > limit) {
    errno = length == 0 ? EINVAL : ENAMETOOLONG;
    return -1;
  }
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, path, length);
  out->size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length + (path[0] == 0 ? 0 : 1));
  return 0;
}

int MakeTcpAddress(const char* host, uint16_t port, Address* out) {
  std::memset(&out->storage, 0, sizeof out->storage);
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out->storage);
  if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    out->size = sizeof *v4;
    return 0;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out->storage);
  if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    out->size = sizeof *v6;
    return 0;
  }
  errno = EINVAL;
  return -1;
}

int CloseKeepingErrno(int fd) {
  const int saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

// What is sent is a message that somebody waits for: never hold it back to make a fuller packet.
void SendAtOnce(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

double NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

}  // namespace

int UnixListen(const char* path, size_t length, int backlog) {
  Address address;
  if (MakeUnixAddress(path, length, &address) < 0) return -1;
  const int fd = socket(AF_UNIX, kType, 0);
  if (fd < 0) return -1;
  // The file takes its mode from the socket's inode, so it is never, not for a moment, open to other users.
  if (fchmod(fd, S_IRUSR | S_IWUSR) < 0) return CloseKeepingErrno(fd);
  if (bind(fd, address.get(), address.size) < 0) return CloseKeepingErrno(fd);
  if (listen(fd, backlog) < 0) return CloseKeepingErrno(fd);
  return fd;
}

int UnixConnect(const char* path, size_t length) {
  Address address;
  if (MakeUnixAddress(path, length, &address) < 0) return -1;
  const int fd = socket(AF_UNIX, kType, 0);
  if (fd < 0) return -1;
  int result;
  do result = connect(fd, address.get(), address.size);
  while (result < 0 && errno == EINTR);
  return result < 0 ? CloseKeepingErrno(fd) : fd;
}

int TcpListen(const char* host, uint16_t port, int backlog) {
  Address address;
  if (MakeTcpAddress(host, port, &address) < 0) return -1;
  const int fd = socket(address.storage.ss_family, kType, 0);
  if (fd < 0) return -1;
  const int on = 1;
  // As Python's: a server may be restarted at once on the port of its predecessor.
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) return CloseKeepingErrno(fd);
  if (bind(fd, address.get(), address.size) < 0) return CloseKeepingErrno(fd);
  if (listen(fd, backlog) < 0) return CloseKeepingErrno(fd);
  return fd;
}

int TcpConnect(const char* host, uint16_t port) {
  Address address;
  if (MakeTcpAddress(host, port, &address) < 0) return -1;
  const int fd = socket(address.storage.ss_family, kType, 0);
  if (fd < 0) return -1;
  SendAtOnce(fd);
  // An interrupted connect goes on by itself, just as one that is in progress.
  if (connect(fd, address.get(), address.size) < 0 && errno != EINPROGRESS && errno != EINTR) return CloseKeepingErrno(fd);
  return fd;
}

int SocketError(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? -1 : error;
}

int Accept(int fd) {
  for (;;) {
    const int accepted = accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      SendAtOnce(accepted);
      return accepted;
    }
    // A client that has gone already is no reason to fail: the next one may be there.
    if (errno != EINTR && errno != ECONNABORTED) return -1;
  }
}

int64_t Receive(int fd, void* into, size_t size) {
  ssize_t result;
  do result = recv(fd, into, size, MSG_DONTWAIT);
  while (result < 0 && errno == EINTR);
  return result;
}

int64_t Peek(int fd, void* into, size_t size) {
  ssize_t result;
  do result = recv(fd, into, size, MSG_DONTWAIT | MSG_PEEK);
  while (result < 0 && errno == EINTR);
  return result;
}

int64_t ReceiveWithFds(int fd, void* into, size_t size, int* fds, size_t* fd_count) {
  iovec part = {into, size};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxPassedFds * sizeof(int))];
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  *fd_count = 0;
  ssize_t result;
  do result = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (result < 0 && errno == EINTR);
  if (result < 0) return -1;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    *fd_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::memcpy(fds, CMSG_DATA(c), *fd_count * sizeof(int));
  }
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    for (size_t i = 0; i < *fd_count; i++) close(fds[i]);
    *fd_count = 0;
  }
  return result;
}

int64_t Send(int fd, const void* data, size_t size) {
  ssize_t result;
  do result = send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (result < 0 && errno == EINTR);
  return result;
}

int CloseFd(int fd) { return close(fd); }

int NameOfSocket(int fd, bool peer, SocketName* out) {
  sockaddr_storage storage;
  socklen_t size = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if ((peer ? getpeername(fd, address, &size) : getsockname(fd, address, &size)) < 0) return -1;
  out->port = 0;
  if (storage.ss_family == AF_UNIX) {
    auto* name = reinterpret_cast<sockaddr_un*>(&storage);
    const size_t length = size > offsetof(sockaddr_un, sun_path) ? size - offsetof(sockaddr_un, sun_path) : 0;
    out->family = SocketName::kUnix;
    out->length = length > 0 && name->sun_path[0] != 0 ? strnlen(name->sun_path, length) : length;
    std::memcpy(out->text, name->sun_path, out->length);
    return 0;
  }
  out->family = SocketName::kTcp;
  const bool v6 = storage.ss_family == AF_INET6;
  const void* raw = v6 ? static_cast<void*>(&reinterpret_cast<sockaddr_in6*>(&storage)->sin6_addr)
                       : static_cast<void*>(&reinterpret_cast<sockaddr_in*>(&storage)->sin_addr);
  if (inet_ntop(storage.ss_family, raw, out->text, sizeof out->text) == nullptr) return -1;
  out->length = std::strlen(out->text);
  out->port = ntohs(v6 ? reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port : reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
  return 0;
}

int64_t PeerUser(int fd) {
  ucred credentials;
  socklen_t size = sizeof credentials;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0 ? -1 : static_cast<int64_t>(credentials.uid);
}

int ResolveHost(const char* name, char* out, size_t size) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int result = getaddrinfo(name, nullptr, &hints, &found);
  if (result != 0) return result < 0 ? result : -result;
  const int named = getnameinfo(found->ai_addr, found->ai_addrlen, out, static_cast<socklen_t>(size), nullptr, 0, NI_NUMERICHOST);
  freeaddrinfo(found);
  return named == 0 ? 0 : (named < 0 ? named : -named);
}

int WaitForFds(const int32_t* fds, const int32_t* wanted, int32_t* ready, size_t count, double timeout_ms) {
  std::vector<pollfd> polled(count);
  for (size_t i = 0; i < count; i++) {
    const int events = ((wanted[i] & kReadable) ? POLLIN : 0) | ((wanted[i] & kWritable) ? POLLOUT : 0);
    polled[i] = {fds[i], static_cast<short>(events), 0};
  }
  const double end = timeout_ms < 0 ? 0 : NowMs() + timeout_ms;
  int result;
  for (;;) {
    const double left = timeout_ms < 0 ? -1 : end - NowMs();
    const int slice = timeout_ms < 0 ? -1 : left <= 0 ? 0 : left > 1e9 ? 1000000000 : static_cast<int>(std::ceil(left));
    result = poll(polled.data(), count, slice);
    if (result >= 0 || errno != EINTR) break;
  }
  if (result < 0) return -1;
  for (size_t i = 0; i < count; i++) {
    const short seen = polled[i].revents;
    if (seen & (POLLERR | POLLHUP | POLLNVAL)) ready[i] = wanted[i];
    else ready[i] = ((seen & POLLIN) ? kReadable : 0) | ((seen & POLLOUT) ? kWritable : 0);
  }
  return result;
}

}  // namespace nprocs::os
