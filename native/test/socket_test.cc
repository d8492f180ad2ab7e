#include "os/descriptor.h"
#include "os/socket.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "test/check.h"

using namespace nprocs::os;

namespace {

// A name in the abstract namespace that no other process uses.
std::string AbstractName() { return std::string(1, '\0') + "nprocs-native-test-" + std::to_string(getpid()); }

}  // namespace

TEST(UnixSocketsCarryBytesBothWays) {
  const std::string name = AbstractName();
  int listener = UnixListen(name.data(), name.size(), 4);
  CHECK(listener >= 0);
  int client = UnixConnect(name.data(), name.size());
  CHECK(client >= 0);
  int32_t wanted = kReadable, ready = 0;
  CHECK_EQ(WaitForFds(&listener, &wanted, &ready, 1, -1), 1);
  int server = Accept(listener);
  CHECK(server >= 0);
  CHECK(fcntl(server, F_GETFD) & FD_CLOEXEC);
  CHECK_EQ(PeerUser(server), getuid());
  char byte;
  CHECK_EQ(Receive(server, &byte, 1), -EAGAIN);
  CHECK_EQ(Send(client, "x", 1), 1);
  CHECK_EQ(WaitForFds(&server, &wanted, &ready, 1, -1), 1);
  CHECK_EQ(Receive(server, &byte, 1), 1);
  CHECK_EQ(byte, 'x');
  CloseFd(client);
  CHECK_EQ(WaitForFds(&server, &wanted, &ready, 1, -1), 1);
  CHECK_EQ(Receive(server, &byte, 1), 0);
  CHECK_EQ(Send(server, "x", 1), -EPIPE);  // No SIGPIPE.
  CloseFd(server);
  CloseFd(listener);
  CHECK_EQ(UnixConnect(name.data(), name.size()), -ECONNREFUSED);
}

TEST(TcpSocketsTellTheirNames) {
  int listener = TcpListen("127.0.0.1", 0, 4);
  CHECK(listener >= 0);
  SocketName name;
  CHECK_EQ(NameOfSocket(listener, false, &name), 0);
  CHECK_EQ(name.family, SocketName::kTcp);
  CHECK(name.port > 0);
  int client = TcpConnect("127.0.0.1", name.port);
  CHECK(client >= 0);
  int32_t wanted = kWritable, ready = 0;
  CHECK_EQ(WaitForFds(&client, &wanted, &ready, 1, -1), 1);
  CHECK_EQ(SocketError(client), 0);
  CloseFd(client);
  CloseFd(listener);
}

TEST(ManyBytesBetweenTwoThreads) {
  const std::string name = AbstractName();
  int listener = UnixListen(name.data(), name.size(), 1);
  int client = UnixConnect(name.data(), name.size());
  int server = Accept(listener);
  CHECK(server >= 0);
  constexpr size_t kTotal = 4 << 20;
  std::thread sender([&] {
    std::vector<char> bytes(kTotal, 'z');
    for (size_t sent = 0; sent < kTotal;) {
      int64_t n = Send(client, bytes.data() + sent, kTotal - sent);
      int32_t wanted = kWritable, ready;
      if (n > 0) sent += static_cast<size_t>(n);
      else WaitForFds(&client, &wanted, &ready, 1, -1);
    }
    CloseFd(client);
  });
  size_t total = 0;
  std::vector<char> buffer(1 << 16);
  for (;;) {
    int64_t n = Receive(server, buffer.data(), buffer.size());
    int32_t wanted = kReadable, ready;
    if (n == 0) break;
    if (n > 0) total += static_cast<size_t>(n);
    else WaitForFds(&server, &wanted, &ready, 1, -1);
  }
  sender.join();
  CHECK_EQ(total, kTotal);
  CloseFd(server);
  CloseFd(listener);
}

CHECK_MAIN
