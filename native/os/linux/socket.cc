// os/socket.h on Linux.
#include "os/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>

#include "os/linux/call.h"

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
  if (length == 0 || length > limit) return length == 0 ? -EINVAL : -ENAMETOOLONG;
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
  return -EINVAL;
}

// What is sent is a message that somebody waits for: never hold it back to make a fuller packet.
void SendAtOnce(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

int UnixListen(const char* path, size_t length, int backlog) {
  Address address;
  if (const int error = MakeUnixAddress(path, length, &address); error < 0) return error;
  const int fd = socket(AF_UNIX, kType, 0);
  if (fd < 0) return -errno;
  // The file takes its mode from the socket's inode, so it is never, not for a moment, open to other users.
  if (fchmod(fd, S_IRUSR | S_IWUSR) < 0) return CloseFailed(fd);
  if (bind(fd, address.get(), address.size) < 0) return CloseFailed(fd);
  if (listen(fd, backlog) < 0) return CloseFailed(fd);
  return fd;
}

int UnixConnect(const char* path, size_t length) {
  Address address;
  if (const int error = MakeUnixAddress(path, length, &address); error < 0) return error;
  const int fd = socket(AF_UNIX, kType, 0);
  if (fd < 0) return -errno;
  const int error = Repeat([&] { return connect(fd, address.get(), address.size); });
  return error < 0 ? CloseWith(error, fd) : fd;
}

int TcpListen(const char* host, uint16_t port, int backlog) {
  Address address;
  if (const int error = MakeTcpAddress(host, port, &address); error < 0) return error;
  const int fd = socket(address.storage.ss_family, kType, 0);
  if (fd < 0) return -errno;
  const int on = 1;
  // As Python's: a server may be restarted at once on the port of its predecessor.
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) return CloseFailed(fd);
  if (bind(fd, address.get(), address.size) < 0) return CloseFailed(fd);
  if (listen(fd, backlog) < 0) return CloseFailed(fd);
  return fd;
}

int TcpConnect(const char* host, uint16_t port) {
  Address address;
  if (const int error = MakeTcpAddress(host, port, &address); error < 0) return error;
  const int fd = socket(address.storage.ss_family, kType, 0);
  if (fd < 0) return -errno;
  SendAtOnce(fd);
  // An interrupted connect goes on by itself, just as one that is in progress.
  if (connect(fd, address.get(), address.size) < 0 && errno != EINPROGRESS && errno != EINTR) return CloseFailed(fd);
  return fd;
}

int SocketError(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? -errno : -error;
}

int Accept(int fd) {
  for (;;) {
    const int accepted = accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      SendAtOnce(accepted);
      return accepted;
    }
    // A client that has gone already is no reason to fail: the next one may be there.
    if (errno != EINTR && errno != ECONNABORTED) return -errno;
  }
}

int64_t Receive(int fd, void* into, size_t size) {
  return Repeat([&] { return recv(fd, into, size, MSG_DONTWAIT); });
}

int64_t Peek(int fd, void* into, size_t size) {
  return Repeat([&] { return recv(fd, into, size, MSG_DONTWAIT | MSG_PEEK); });
}

int64_t Send(int fd, const void* data, size_t size) {
  return Repeat([&] { return send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL); });
}

int NameOfSocket(int fd, bool peer, SocketName* out) {
  sockaddr_storage storage;
  socklen_t size = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if ((peer ? getpeername(fd, address, &size) : getsockname(fd, address, &size)) < 0) return -errno;
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
  if (inet_ntop(storage.ss_family, raw, out->text, sizeof out->text) == nullptr) return -errno;
  out->length = std::strlen(out->text);
  out->port = ntohs(v6 ? reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port : reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
  return 0;
}

int64_t PeerUser(int fd) {
  ucred credentials;
  socklen_t size = sizeof credentials;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0 ? -errno : static_cast<int64_t>(credentials.uid);
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

}  // namespace nprocs::os
