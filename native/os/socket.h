// Stream sockets of the Unix and TCP families: always non-blocking, closed on exec, and free of SIGPIPE.
//
// Every function returns 0 or more, or -1 with errno set; none of them ever waits, but WaitForFds, which is how a
// thread that may block waits for any of them. Interrupted calls are repeated here, so EINTR is never seen above.
#pragma once
#include <cstddef>
#include <cstdint>

namespace nprocs::os {

// `path` may begin with a zero byte: a name in the abstract namespace. The socket's file is made with mode 0600.
int UnixListen(const char* path, size_t length, int backlog);
// EAGAIN: the listener's backlog is full for now.
int UnixConnect(const char* path, size_t length);

// `host` is numeric, IPv4 or IPv6.
int TcpListen(const char* host, uint16_t port, int backlog);
// Begins to connect. When the socket has become writable, SocketError tells how it went.
int TcpConnect(const char* host, uint16_t port);
// SO_ERROR, as a positive number; 0 for none.
int SocketError(int fd);

int Accept(int fd);
int64_t Receive(int fd, void* into, size_t size);
// As Receive, but what it gives stays in the socket. Descriptors that came with it stay too.
int64_t Peek(int fd, void* into, size_t size);
// As Receive, with the descriptors that came with the bytes: at most kMaxPassedFds, into `fds`. Where they find no
// place in this process, all that came with the same bytes are lost.
int64_t ReceiveWithFds(int fd, void* into, size_t size, int* fds, size_t* fd_count);
int64_t Send(int fd, const void* data, size_t size);
int CloseFd(int fd);

struct SocketName {
  enum Family { kUnix, kTcp } family;
  char text[108];  // the path, or the numeric host
  size_t length;
  uint16_t port;
};
// The address of the socket itself, or of its peer.
int NameOfSocket(int fd, bool peer, SocketName* out);
// The user at the other end of a Unix socket, or -1.
int64_t PeerUser(int fd);

// The first numeric address of a name; blocks. Returns a getaddrinfo error (not errno) as a negative number.
int ResolveHost(const char* name, char* out, size_t size);

enum : int32_t { kReadable = 1, kWritable = 2 };
// Waits until one of the descriptors is ready for what `wanted` says, and puts into `ready` what each is ready for.
// Hang-ups and errors count as ready for everything that was wanted. Returns how many are; 0 when the time is up.
// timeout < 0: no end.
int WaitForFds(const int32_t* fds, const int32_t* wanted, int32_t* ready, size_t count, double timeout_ms);

}  // namespace nprocs::os
