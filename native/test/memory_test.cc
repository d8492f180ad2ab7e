#include "os/memory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "os/held.h"
#include "test/check.h"

using namespace nprocs::os;

namespace {

const char* kDirectory = "/dev/shm";

std::string NewPath() {
  char name[64];
  snprintf(name, sizeof name, "/dev/shm/nprocs-native-test-%016llx", static_cast<unsigned long long>(Random64()));
  return name;
}

Mapping Create(const std::string& path, size_t size) {
  Mapping mapping;
  if (CreateUnnamed(kDirectory, size, &mapping) != 0 || LinkAs(&mapping, path.c_str()) != 0) abort();
  return mapping;
}

}  // namespace

TEST(ASegmentIsHeldAsLongAsItIsMapped) {
  const std::string path = NewPath();
  Mapping mapping = Create(path, 4096);
  static_cast<char*>(mapping.address)[8] = 42;
  CHECK_EQ(mapping.fd, -1);
  CHECK_EQ(OpenExclusive(path.c_str()), -EWOULDBLOCK);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 0), 0);
  Mapping other;
  CHECK_EQ(OpenHeld(path.c_str(), 0, Owner::kThisUser, &other), 0);
  CHECK_EQ(static_cast<char*>(other.address)[8], 42);
  Unmap(&mapping);
  Unmap(&mapping);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 0), 0);
  Unmap(&other);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 1), 1);
  CHECK_EQ(OpenHeld(path.c_str(), 0, Owner::kThisUser, &other), -ENOENT);
}

TEST(AFileWithoutANameIsAdoptedAndNamedLater) {
  const std::string path = NewPath();
  Mapping mapping, adopted;
  CHECK_EQ(CreateUnnamed(kDirectory, 8192, &mapping), 0);
  Held* held = Hold(mapping);
  SetPath(held, path.c_str(), Removal::kUnlessInFlight, "");
  const int fd = DescriptorOf(Id(held));
  CHECK(fd >= 0);
  CHECK_EQ(Adopt(fd, 4096, &adopted), 0);
  CHECK_EQ(adopted.size, size_t{4096});
  static_cast<char*>(mapping.address)[8] = 42;
  CHECK_EQ(static_cast<char*>(adopted.address)[8], 42);
  CHECK_EQ(LinkDescriptor(fd, path.c_str()), 0);
  CHECK_EQ(LinkDescriptor(fd, path.c_str()), -EEXIST);
  close(fd);
  Forget(held);  // the adopted one holds it still, by the same lock
  CHECK_EQ(OpenExclusive(path.c_str()), -EWOULDBLOCK);
  Unmap(&adopted);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 0), 1);
  CHECK_EQ(Adopt(fd, 0, &adopted), -EBADF);
}

TEST(WordsThatAreNotZeroKeepAName) {
  const std::string path = NewPath();
  Mapping mapping = Create(path, 4096);
  static_cast<uint64_t*>(mapping.address)[3] = 1;
  Unmap(&mapping);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 16, 4), 0);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 32, 4), 1);
}

TEST(AChildHoldsWhatItsParentHeldAndDeathLetsGo) {
  const std::string path = NewPath();
  Mapping mapping = Create(path, 4096);
  int ready[2];
  CHECK_EQ(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    ssize_t got = read(ready[0], &byte, 1);
    _exit(got == 1 ? 0 : 1);
  }
  Unmap(&mapping);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 0), 0);
  CHECK_EQ(kill(child, SIGKILL), 0);
  CHECK_EQ(waitpid(child, nullptr, 0), child);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 0), 1);
  close(ready[0]);
  close(ready[1]);
}

TEST(WhoHasItAloneIsWaitedFor) {
  const std::string path = NewPath();
  Mapping mapping = Create(path, 4096);
  Unmap(&mapping);
  const int fd = OpenExclusive(path.c_str());
  CHECK(fd >= 0);
  std::atomic<int> error{0};
  std::thread other([&] { error = OpenExclusive(path.c_str()); });
  CHECK_EQ(unlink(path.c_str()), 0);
  close(fd);
  other.join();
  CHECK_EQ(error.load(), -ENOENT);
}

TEST(OfManyWhoLetGoAtOnceTheLastRemovesIt) {
  for (int round = 0; round < 200; round++) {
    const std::string path = NewPath();
    Mapping mappings[4];
    mappings[0] = Create(path, 4096);
    for (int i = 1; i < 4; i++) CHECK_EQ(OpenHeld(path.c_str(), 0, Owner::kThisUser, &mappings[i]), 0);
    std::atomic<int> removed{0};
    std::vector<std::thread> threads;
    for (Mapping& mapping : mappings) {
      threads.emplace_back([&] {
        Unmap(&mapping);
        removed += RemoveIfUnused(path.c_str(), 0, 0) == 1;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(removed.load() >= 1);
    CHECK(!Exists(path.c_str()));
  }
}

TEST(TooMuchIsAnErrorAtCreation) {
  Mapping mapping;
  const int error = CreateUnnamed(kDirectory, size_t{1} << 50, &mapping);
  CHECK(error == -ENOSPC || error == -EFBIG);
}

TEST(AFilledSegmentHoldsWhatItWasGiven) {
  const std::string head(4096, 'h'), data(10000, 'd');
  Mapping mapping;
  CHECK_EQ(CreateFilled(kDirectory, head.data(), head.size(), data.data(), data.size(), &mapping), 0);
  CHECK_EQ(mapping.size, head.size() + data.size());
  CHECK(memcmp(mapping.address, (head + data).data(), mapping.size) == 0);
  const std::string path = std::string(kDirectory) + "/nprocs-native-test-filled";
  CHECK_EQ(LinkAs(&mapping, path.c_str()), 0);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 0), 0);  // it is held
  Unmap(&mapping);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 0), 1);
  CHECK_EQ(CreateFilled("/nprocs/none", head.data(), head.size(), data.data(), data.size(), &mapping), -ENOENT);
}

TEST(AFileOfAnotherUserIsNotTakenForOurs) {
  if (geteuid() != 0) return;
  const std::string path = NewPath();
  Mapping mapping = Create(path, 4096), other;
  CHECK_EQ(chown(path.c_str(), 12345, 12345), 0);
  CHECK_EQ(OpenHeld(path.c_str(), 0, Owner::kThisUser, &other), -EACCES);
  CHECK_EQ(OpenHeld(path.c_str(), 0, Owner::kAnyUser, &other), 0);
  Unmap(&mapping);
  Unmap(&other);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 0), -EACCES);
  CHECK_EQ(unlink(path.c_str()), 0);
}

TEST(WhatIsNoFileIsNotOpened) {
  const std::string path = NewPath(), target = NewPath();
  Mapping mapping = Create(target, 4096), other;
  for (const int kind : {0, 1, 2}) {
    if (kind == 0) CHECK_EQ(mkfifo(path.c_str(), 0600), 0);
    if (kind == 1) CHECK_EQ(mkdir(path.c_str(), 0700), 0);
    if (kind == 2) CHECK_EQ(symlink(target.c_str(), path.c_str()), 0);
    for (const Owner owner : {Owner::kThisUser, Owner::kAnyUser}) {
      CHECK_EQ(OpenHeld(path.c_str(), 0, owner, &other), -EINVAL);
      CHECK_EQ(OpenRegular(path.c_str(), O_RDONLY, owner), -EINVAL);
    }
    CHECK_EQ(OpenShared(path.c_str()), -EINVAL);
    CHECK_EQ(OpenExclusive(path.c_str()), -EINVAL);
    CHECK_EQ(kind == 1 ? rmdir(path.c_str()) : unlink(path.c_str()), 0);
  }
  Unmap(&mapping);
  CHECK_EQ(RemoveIfUnused(target.c_str(), 0, 0), 1);
}

TEST(OnlyTheStartIsMappedWhenAsked) {
  const std::string path = NewPath();
  Mapping mapping = Create(path, 8192), other;
  CHECK_EQ(OpenHeld(path.c_str(), 4096, Owner::kAnyUser, &other), 0);
  CHECK_EQ(static_cast<int64_t>(other.size), 4096);
  Unmap(&mapping);
  Unmap(&other);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 0), 1);
}

TEST(TheGuardPageReadsZeroInAChild) {
  void* page = nullptr;
  CHECK_EQ(ForkGuardPage(&page), 0);
  auto* guard = static_cast<int32_t*>(page);
  CHECK(guard != nullptr);
  *guard = 1;
  pid_t child = fork();
  if (child == 0) _exit(*guard);
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_EQ(*guard, 1);
  FreeForkGuardPage(guard);
}

TEST(ThreadsOpenAndGiveUpOneObjectAtOnce) {
  SetInFlightCounters(128, 1);
  for (int round = 0; round < 50; round++) {
    const std::string path = NewPath();
    Mapping first = Create(path, 4096);
    Held* held = Hold(first);
    SetPath(held, path.c_str(), Removal::kUnlessInFlight, "");
    std::atomic<int> removed{0}, opened{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) {
      threads.emplace_back([&] {
        Mapping mapping;
        if (OpenHeld(path.c_str(), 0, Owner::kThisUser, &mapping) != 0) return;
        opened++;
        Held* mine = Hold(mapping);
        SetPath(mine, path.c_str(), Removal::kUnlessInFlight, "");
        if (GiveUp(Id(mine)) == 1) removed++;
        Forget(mine);
      });
    }
    if (GiveUp(Id(held)) == 1) removed++;
    Forget(held);
    for (auto& thread : threads) thread.join();
    CHECK_EQ(removed.load(), 1);
    CHECK_EQ(access(path.c_str(), F_OK), -1);
  }
}

TEST(AGuardedNameGoesWithItsGuard) {
  const std::string guard = NewPath(), path = guard + ".block";
  Mapping guard_mapping = Create(guard, 4096), mapping = Create(path, 4096);
  Held* guard_held = Hold(guard_mapping);
  Held* held = Hold(mapping);
  SetPath(guard_held, guard.c_str(), Removal::kUnlessInFlight, "");
  SetPath(held, path.c_str(), Removal::kUnlessGuarded, guard.c_str());
  GiveUpAll();
  CHECK_EQ(access(path.c_str(), F_OK), -1);
  CHECK_EQ(access(guard.c_str(), F_OK), -1);
  Forget(guard_held);
  Forget(held);
}

TEST(ASlotIsRetiredWithItsMapping) {
  const std::string path = NewPath();
  Mapping mapping = Create(path, 4096), other;
  CHECK_EQ(OpenHeld(path.c_str(), 0, Owner::kThisUser, &other), 0);
  auto* words = static_cast<uint64_t*>(other.address);
  words[1] = 77;
  words[2] = 5;
  Held* held = Hold(mapping);
  SetPath(held, path.c_str(), Removal::kUnlessInFlight, "");
  CHECK_EQ(RetireAtEnd(Id(held), 8, 16), 0);
  GiveUp(Id(held));
  Forget(held);
  CHECK_EQ(static_cast<int64_t>(words[1]), 0);
  CHECK_EQ(static_cast<int64_t>(words[2]), 6);
  Unmap(&other);
  CHECK_EQ(RemoveIfUnused(path.c_str(), 0, 0), 1);
}

CHECK_MAIN
