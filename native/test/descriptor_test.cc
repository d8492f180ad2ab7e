#include "os/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <thread>

#include "test/check.h"

using namespace nprocs::os;

TEST(MessagesKeepTheirBoundaries) {
  int pair[2];
  CHECK_EQ(MakeSocketPair(PairKind::kMessages, pair), 0);
  CHECK_EQ(SendMessage(pair[0], "ab", 2, true, nullptr, 0), 2);
  CHECK_EQ(SendMessage(pair[0], "c", 1, true, nullptr, 0), 1);
  char bytes[8];
  int fds[kMaxPassedFds];
  size_t count = 0;
  CHECK_EQ(ReceiveMessage(pair[1], bytes, sizeof bytes, true, fds, &count), 2);
  CHECK_EQ(ReceiveMessage(pair[1], bytes, sizeof bytes, true, fds, &count), 1);
  CHECK_EQ(bytes[0], 'c');
  CHECK_EQ(ReceiveMessage(pair[1], bytes, sizeof bytes, false, fds, &count), -EAGAIN);
  close(pair[0]);
  CHECK_EQ(ReceiveMessage(pair[1], bytes, sizeof bytes, true, fds, &count), 0);
  close(pair[1]);
}

TEST(AMessageThatIsTooLongIsAnError) {
  int pair[2];
  CHECK_EQ(MakeSocketPair(PairKind::kMessages, pair), 0);
  CHECK_EQ(SendMessage(pair[0], "abcd", 4, true, nullptr, 0), 4);
  char bytes[2];
  int fds[kMaxPassedFds];
  size_t count = 0;
  CHECK_EQ(ReceiveMessage(pair[1], bytes, sizeof bytes, true, fds, &count), -EMSGSIZE);
  close(pair[0]);
  close(pair[1]);
}

TEST(PassedDescriptorsWorkAndAreClosedOnExec) {
  int pair[2], pipe[2];
  CHECK_EQ(MakeSocketPair(PairKind::kMessages, pair), 0);
  CHECK_EQ(MakePipe(pipe), 0);
  CHECK_EQ(SendMessage(pair[0], "x", 1, true, &pipe[1], 1), 1);
  char byte;
  int fds[kMaxPassedFds];
  size_t count = 0;
  CHECK_EQ(ReceiveMessage(pair[1], &byte, 1, true, fds, &count), 1);
  CHECK_EQ(count, 1);
  CHECK(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
  CHECK_EQ(write(fds[0], "y", 1), 1);
  CHECK_EQ(read(pipe[0], &byte, 1), 1);
  CHECK_EQ(byte, 'y');
  for (int fd : {pair[0], pair[1], pipe[0], pipe[1], fds[0]}) close(fd);
}

TEST(PollTellsWhichIsReadable) {
  int pipes[2][2];
  for (auto& pipe : pipes) CHECK_EQ(MakePipe(pipe), 0);
  int fds[] = {pipes[0][0], pipes[1][0]};
  int32_t ready[2] = {9, 9};
  CHECK_EQ(WaitForFds(fds, nullptr, ready, 2, 0), 0);
  std::thread writer([&] { (void)!write(pipes[1][1], "x", 1); });
  CHECK_EQ(WaitForFds(fds, nullptr, ready, 2, -1), 1);
  writer.join();
  CHECK_EQ(ready[0], 0);
  CHECK_EQ(ready[1], kReadable);
  close(pipes[0][1]);  // A closed peer counts as readable.
  CHECK_EQ(WaitForFds(fds, nullptr, ready, 1, -1), 1);
  for (int fd : {pipes[0][0], pipes[1][0], pipes[1][1]}) close(fd);
}

TEST(DuplicatesAndMemoryFiles) {
  int file = MakeMemoryFile();
  CHECK(file >= 0);
  CHECK(IsOpen(file));
  CHECK_EQ(write(file, "abc", 3), 3);
  int copy = Duplicate(file, -1);
  CHECK(copy >= 0 && copy != file);
  close(file);
  CHECK(!IsOpen(file));
  char bytes[3];
  CHECK_EQ(pread(copy, bytes, 3, 0), 3);
  CHECK_EQ(memcmp(bytes, "abc", 3), 0);
  close(copy);
}

CHECK_MAIN
