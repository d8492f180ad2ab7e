#include "os/wait.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "os/liveness.h"
#include "test/check.h"

using namespace nprocs::os;

namespace {

constexpr int kRounds = 2000;

int32_t Load(const int32_t* word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

// Waits until *word is not `value` any more, as waiter.ts does: in slices.
void AwaitChange(int32_t* word, int32_t value) {
  while (Load(word) == value) FutexWait(word, value, 100);
}

}  // namespace

TEST(AFutexOfSharedMemoryWakesAnotherProcess) {
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  auto* word = static_cast<int32_t*>(memory);
  pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < kRounds; i++) AwaitChange(word, 2 * i), __atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST), FutexWake(word, 1);
    _exit(0);
  }
  for (int i = 0; i < kRounds; i++) {
    __atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
    FutexWake(word, 1);
    AwaitChange(word, 2 * i + 1);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK_EQ(Load(word), 2 * kRounds);
  munmap(memory, 4096);
}

TEST(AWaitForAnotherValueReturnsAtOnceAndATimeoutEnds) {
  int32_t word = 5;
  CHECK_EQ(FutexWait(&word, 4, 1e9), 0);
  CHECK_EQ(FutexWait(&word, 5, 1.5), 0);
  CHECK_EQ(FutexWake(&word, 1), 0);
}

TEST(ThreadsPassATokenAround) {
  int32_t turn = 0;
  std::vector<std::thread> threads;
  int64_t sum = 0;  // guarded by `turn`: ThreadSanitizer sees whether it is
  constexpr int kThreads = 4;
  for (int i = 0; i < kThreads; i++) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 500; round++) {
        for (int32_t seen = Load(&turn); seen % kThreads != i; seen = Load(&turn)) FutexWait(&turn, seen, 100);
        sum += 1;
        __atomic_fetch_add(&turn, 1, __ATOMIC_SEQ_CST);
        FutexWake(&turn, kThreads);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_EQ(sum, 2000);
}

TEST(ADoorbellCarriesNoticesAndSaysWhenItIsFullOrGone) {
  uint64_t address = 0;
  int fd = DoorbellCreate(&address);
  CHECK(fd >= 0);
  CHECK_EQ(DoorbellRing(address, Notice{{1, 2, 3}}), 0);
  CHECK_EQ(DoorbellRing(address, Notice{{-1, 5, 6}}), 0);
  pollfd watched = {fd, POLLIN, 0};
  CHECK_EQ(poll(&watched, 1, -1), 1);
  Notice notices[8];
  CHECK_EQ(DoorbellDrain(fd, notices, 8), 2);
  CHECK_EQ(notices[0].words[2], 3);
  CHECK_EQ(notices[1].words[0], -1);
  CHECK_EQ(DoorbellDrain(fd, notices, 8), 0);
  int sent = 0, error = 0;
  while (sent < 100000 && (error = DoorbellRing(address, Notice{{0, 0, 0}})) == 0) sent++;
  CHECK_EQ(error, -EAGAIN);
  int drained = 0;
  for (int got = 0; (got = DoorbellDrain(fd, notices, 8)) > 0;) drained += got;
  CHECK_EQ(drained, sent);
  close(fd);
  CHECK_EQ(DoorbellRing(address, Notice{{1, 2, 3}}), -ECONNREFUSED);
}

TEST(ManyThreadsRingOneDoorbell) {
  uint64_t address = 0;
  int fd = DoorbellCreate(&address);
  std::vector<std::thread> threads;
  std::atomic<int> sent{0}, running{4};
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([&] {
      for (int round = 0; round < 2000; round++) sent += DoorbellRing(address, Notice{{1, 2, 3}}) == 0 ? 1 : 0;
      running--;
    });
  }
  int received = 0;
  Notice notices[16];
  while (running > 0) received += DoorbellDrain(fd, notices, 16);
  for (auto& thread : threads) thread.join();
  for (int got = 0; (got = DoorbellDrain(fd, notices, 16)) > 0;) received += got;
  CHECK_EQ(received, sent.load());
  close(fd);
}

TEST(AProcessIsKnownByItsStartTime) {
  int64_t own = ProcessStartTime(ProcessId());
  CHECK(own > 0);
  CHECK_EQ(ProcessStartTime(ProcessId()), own);
  int block[2];
  CHECK_EQ(pipe(block), 0);
  pid_t child = fork();
  if (child == 0) {
    char byte;
    _exit(read(block[0], &byte, 1) == 1 ? 0 : 1);
  }
  CHECK(ProcessStartTime(child) >= own);
  kill(child, SIGSTOP);
  CHECK_EQ(waitpid(child, nullptr, WUNTRACED), child);
  CHECK(ProcessStartTime(child) >= own);  // stopped is alive
  kill(child, SIGKILL);
  siginfo_t info;
  CHECK_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  CHECK_EQ(ProcessStartTime(child), -ESRCH);  // a zombie is dead
  CHECK_EQ(waitpid(child, nullptr, 0), child);
  CHECK_EQ(ProcessStartTime(child), -ESRCH);
  close(block[0]);
  close(block[1]);
}

CHECK_MAIN
