#include "os/cargo.h"

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
constexpr CargoLayout kLayout = {128, 1152, 1156, kPage};

// A file as its sender has it: mapped, filled, and held by a lock.
struct Sent {
  std::string path = "/dev/shm/nprocs-native-test-XXXXXX";
  int fd = mkstemp(&path[0]);
  char* memory = nullptr;
  Sent() {
    if (ftruncate(fd, kPage + kSize) != 0 || flock(fd, LOCK_SH) != 0) return;
    memory = static_cast<char*>(mmap(nullptr, kPage + kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    *Carrier() = 77;
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
  uint64_t* Carrier() { return reinterpret_cast<uint64_t*>(memory + kLayout.carrier); }
  int32_t* IsLetGo() { return reinterpret_cast<int32_t*>(memory + kLayout.let_go); }
  int32_t* Use() { return reinterpret_cast<int32_t*>(memory + kLayout.use); }
  bool HasName() const { return access(path.c_str(), F_OK) == 0; }
};

Cargo* Open(const Sent& sent, size_t size = kSize) {
  Cargo* cargo = nullptr;
  return OpenCargo(sent.path.c_str(), kLayout, size, &cargo) == 0 ? cargo : nullptr;
}

}  // namespace

TEST(WhatIsOpenIsInUseAndNotCarried) {
  Sent sent;
  Cargo* cargo = Open(sent);
  CHECK(cargo != nullptr);
  CHECK(OpenCargoBytes() >= kSize);
  CHECK_EQ(*sent.Carrier(), 0);
  CHECK_EQ(*sent.Use(), 1);
  CHECK(sent.HasName());  // its sender has it and may fill it again
  CHECK_EQ(static_cast<char*>(CargoData(cargo))[kSize - 1], 'x');
  std::thread(CloseCargo, cargo).join();
  CHECK_EQ(*sent.Use(), 0);
  CHECK_EQ(OpenCargoBytes(), 0);
}

TEST(TheNameGoesWhenTheSenderHasLetGo) {
  Sent sent;
  sent.LetGo();
  Cargo* cargo = Open(sent);
  CHECK(cargo != nullptr);
  CHECK(!sent.HasName());
  CHECK_EQ(static_cast<char*>(CargoData(cargo))[0], 'x');
  CloseCargo(cargo);
  UnmapIdleCargo(0);
}

TEST(WhatWasGivenBackStaysMappedForTheNextFilling) {
  Sent sent;
  Cargo* cargo = Open(sent, kPage);
  void* data = CargoData(cargo);
  CloseCargo(cargo);
  CHECK_EQ(*sent.Use(), 0);
  CHECK(UnmapIdleCargo(60'000));
  *sent.Carrier() = 77;
  *sent.Use() = 1;
  memset(sent.memory + kPage, 'y', kSize);
  cargo = Open(sent, kSize);  // more of it than before
  CHECK(cargo != nullptr);
  CHECK(CargoData(cargo) == data);
  CHECK_EQ(*sent.Carrier(), 0);
  CHECK_EQ(static_cast<char*>(data)[kSize - 1], 'y');
  CHECK_EQ(OpenCargoBytes(), kPage + kSize);
  sent.LetGo();
  CloseCargo(cargo);
  UnmapIdleCargo(0);
  // Another file of the same name is another file.
  unlink(sent.path.c_str());
  Sent other;
  CHECK_EQ(rename(other.path.c_str(), sent.path.c_str()), 0);
  cargo = Open(sent, kSize);
  CHECK_EQ(static_cast<char*>(CargoData(cargo))[0], 'x');
  CloseCargo(cargo);
  UnmapIdleCargo(0);
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
  Cargo* cargo = Open(sent, kSize);
  Cargo* kept = Open(other, kSize);
  *sent.IsLetGo() = 1;
  CloseCargo(cargo);
  CloseCargo(kept);
  CHECK(!IsMapped(sent));
  CHECK(IsMapped(other));
  UnmapIdleCargo(0);
  CHECK(!IsMapped(other));
}

TEST(WhatACopyMayStillNeedIsNotGivenBack) {
  Sent sent;
  Cargo* cargo = Open(sent);
  CHECK(cargo != nullptr);
  pid_t child;
  CHECK_EQ(ForkWithSignals(&child), 0);
  if (child == 0) {
    CloseCargo(cargo);
    _exit(*sent.Use() == 1 ? 0 : 1);
  }
  CloseCargo(cargo);
  CHECK_EQ(*sent.Use(), 1);
  Exit exit;
  CHECK_EQ(Reap(child, true, &exit), 1);
  CHECK_EQ(exit.code, 0);
}

TEST(AtItsEndAProcessGivesAllBack) {
  Sent one, two;
  Cargo* opened[] = {Open(one), Open(two)};
  CHECK(opened[0] != nullptr && opened[1] != nullptr);
  ReturnAllCargo();
  CHECK_EQ(*one.Use() + *two.Use(), 0);
  CHECK_EQ(static_cast<char*>(CargoData(opened[0]))[0], 'x');
  for (Cargo* cargo : opened) CloseCargo(cargo);
}

TEST(WhatIsNotThereOrTooShortIsAnError) {
  Cargo* none = nullptr;
  CHECK_EQ(OpenCargo("/dev/shm/nprocs-native-test-none", kLayout, kSize, &none), -ENOENT);
  Sent sent;
  CHECK_EQ(OpenCargo(sent.path.c_str(), kLayout, kSize + 1, &none), -EIO);
  CHECK_EQ(*sent.Carrier(), 77);
}

CHECK_MAIN
