#include "os/out_of_band.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "os/process.h"
#include "test/check.h"

using namespace nprocs::os;

namespace {

constexpr size_t kPage = 4096, kSize = 3 * kPage;
constexpr OutOfBandLayout kLayout = {128, 1152, 1156, kPage};

// A file as its sender has it: mapped, filled, and held by a lock.
struct Sent {
  std::string path = "/dev/shm/nprocs-native-test-XXXXXX";
  int fd = mkstemp(&path[0]);
  char* memory = nullptr;
  Sent() {
    if (ftruncate(fd, kPage + kSize) != 0 || flock(fd, LOCK_SH) != 0) return;
    memory = static_cast<char*>(mmap(nullptr, kPage + kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    *InFlight() = 77;
    *Use() = 1;
    memset(memory + kPage, 'x', kSize);
  }
  ~Sent() {
    LetGo();
    munmap(memory, kPage + kSize);
    unlink(path.c_str());
  }
  void LetGo() {
    if (fd >= 0) flock(fd, LOCK_UN), close(fd);
    fd = -1;
  }
  uint64_t* InFlight() { return reinterpret_cast<uint64_t*>(memory + kLayout.in_flight); }
  int32_t* IsLetGo() { return reinterpret_cast<int32_t*>(memory + kLayout.let_go); }
  int32_t* Use() { return reinterpret_cast<int32_t*>(memory + kLayout.use); }
  bool HasName() const { return access(path.c_str(), F_OK) == 0; }
};

OutOfBandFile* Open(const Sent& sent, size_t size = kSize) {
  OutOfBandFile* received = nullptr;
  return OpenOutOfBand(sent.path.c_str(), kLayout, size, &received) == 0 ? received : nullptr;
}

}  // namespace

TEST(WhatIsOpenIsInUseAndNotInFlight) {
  Sent sent;
  OutOfBandFile* received = Open(sent);
  CHECK(received != nullptr);
  CHECK(OpenOutOfBandBytes() >= kSize);
  CHECK_EQ(*sent.InFlight(), 0);
  CHECK_EQ(*sent.Use(), 1);
  CHECK(sent.HasName());  // its sender has it and may fill it again
  CHECK_EQ(static_cast<char*>(OutOfBandData(received))[kSize - 1], 'x');
  std::thread(CloseOutOfBand, received).join();
  CHECK_EQ(*sent.Use(), 0);
  CHECK_EQ(OpenOutOfBandBytes(), 0);
}

TEST(TheNameGoesWhenTheSenderHasLetGo) {
  Sent sent;
  sent.LetGo();
  OutOfBandFile* received = Open(sent);
  CHECK(received != nullptr);
  CHECK(!sent.HasName());
  CHECK_EQ(static_cast<char*>(OutOfBandData(received))[0], 'x');
  CloseOutOfBand(received);
  UnmapIdleOutOfBand(0);
}

TEST(WhatWasGivenBackStaysMappedForTheNextFilling) {
  Sent sent;
  OutOfBandFile* received = Open(sent, kPage);
  void* data = OutOfBandData(received);
  CloseOutOfBand(received);
  CHECK_EQ(*sent.Use(), 0);
  CHECK(UnmapIdleOutOfBand(60'000));
  *sent.InFlight() = 77;
  *sent.Use() = 1;
  memset(sent.memory + kPage, 'y', kSize);
  received = Open(sent, kSize);  // more of it than before
  CHECK(received != nullptr);
  CHECK(OutOfBandData(received) == data);
  CHECK_EQ(*sent.InFlight(), 0);
  CHECK_EQ(static_cast<char*>(data)[kSize - 1], 'y');
  CHECK_EQ(OpenOutOfBandBytes(), kPage + kSize);
  sent.LetGo();
  CloseOutOfBand(received);
  UnmapIdleOutOfBand(0);
  // Another file of the same name is another file.
  unlink(sent.path.c_str());
  Sent other;
  CHECK_EQ(rename(other.path.c_str(), sent.path.c_str()), 0);
  received = Open(sent, kSize);
  CHECK_EQ(static_cast<char*>(OutOfBandData(received))[0], 'x');
  CloseOutOfBand(received);
  UnmapIdleOutOfBand(0);
}

// Whether this process has something of the file mapped but for its sender's own.
bool IsMapped(const Sent& sent) {
  int count = 0;
  char line[512];
  FILE* maps = fopen("/proc/self/maps", "r");
  while (fgets(line, sizeof line, maps) != nullptr) count += strstr(line, sent.path.c_str()) != nullptr ? 1 : 0;
  fclose(maps);
  return count > 1;
}

TEST(WhatItsSenderHasLetGoOfIsUnmapped) {
  Sent sent, other;
  OutOfBandFile* received = Open(sent, kSize);
  OutOfBandFile* kept = Open(other, kSize);
  *sent.IsLetGo() = 1;
  CloseOutOfBand(received);
  CloseOutOfBand(kept);
  CHECK(!IsMapped(sent));
  CHECK(IsMapped(other));
  UnmapIdleOutOfBand(0);
  CHECK(!IsMapped(other));
}

TEST(WhatACopyMayStillNeedIsNotGivenBack) {
  Sent sent;
  OutOfBandFile* received = Open(sent);
  CHECK(received != nullptr);
  pid_t child;
  CHECK_EQ(ForkWithSignals(&child), 0);
  if (child == 0) {
    CloseOutOfBand(received);
    _exit(*sent.Use() == 1 ? 0 : 1);
  }
  CloseOutOfBand(received);
  CHECK_EQ(*sent.Use(), 1);
  Exit exit;
  CHECK_EQ(Reap(child, true, &exit), 1);
  CHECK_EQ(exit.code, 0);
}

TEST(AtItsEndAProcessGivesAllBack) {
  Sent one, two;
  OutOfBandFile* opened[] = {Open(one), Open(two)};
  CHECK(opened[0] != nullptr && opened[1] != nullptr);
  ReturnAllOutOfBand();
  CHECK_EQ(*one.Use() + *two.Use(), 0);
  CHECK_EQ(static_cast<char*>(OutOfBandData(opened[0]))[0], 'x');
  for (OutOfBandFile* received : opened) CloseOutOfBand(received);
}

TEST(WhatIsNotThereOrTooShortIsAnError) {
  OutOfBandFile* none = nullptr;
  CHECK_EQ(OpenOutOfBand("/dev/shm/nprocs-native-test-none", kLayout, kSize, &none), -ENOENT);
  Sent sent;
  CHECK_EQ(OpenOutOfBand(sent.path.c_str(), kLayout, kSize + 1, &none), -EIO);
  CHECK_EQ(*sent.InFlight(), 77);
}

CHECK_MAIN
