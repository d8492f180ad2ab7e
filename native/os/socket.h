// Stream sockets of the Unix and TCP families: always non-blocking, closed on exec, and free of SIGPIPE.
//
// Every function returns 0 or more, or -errno; none of them ever waits, but for ResolveHost: a thread that may block
// waits for any of them by WaitForFds (descriptor.h). Interrupted calls are repeated here, so EINTR is never seen
// above.
#pragma once
#include <cstddef>
#include <cstdint>

namespace nprocs::os {

// `path` may begin with a zero byte: a name in the abstract namespace. The socket's file is made with mode 0600.
int UnixListen(const char* path, size_t length, int backlog);
// -EAGAIN: the listener's backlog is full for now.
int UnixConnect(const char* path, size_t length);

// `host` is numeric, IPv4 or IPv6.
int TcpListen(const char* host, uint16_t port, int backlog);
// Begins to connect. When the socket has become writable, SocketError tells how it went.
int TcpConnect(const char* host, uint16_t port);
// What has failed since; 0 for nothing.
int SocketError(int fd);

int Accept(int fd);
int64_t Receive(int fd, void* into, size_t size);
// As Receive, but what it gives stays in the socket. Descriptors that came with it stay too.
int64_t Peek(int fd, void* into, size_t size);
int64_t Send(int fd, const void* data, size_t size);

struct SocketName {
  enum Family { kUnix, kTcp } family;
  char text[108];  // the path, or the numeric host
  size_t length;
  uint16_t port;
};
// The address of the socket itself, or of its peer.
int NameOfSocket(int fd, bool peer, SocketName* out);
// The user at the other end of a Unix socket.
int64_t PeerUser(int fd);

// The first numeric address of a name; blocks. Returns a getaddrinfo error (not errno) as a negative number.
int ResolveHost(const char* name, char* out, size_t size);

}  // namespace nprocs::os
