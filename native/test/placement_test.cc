#include "os/placement.h"

#include <thread>
#include <vector>

#include "test/check.h"

using namespace nprocs::os;

namespace {

constexpr size_t kPiece = 256 << 10, kSlack = kPiece - 4096;  // V8 asks for so much more
constexpr uintptr_t kHint = uintptr_t{0x1a85} << 32;

}  // namespace

TEST(WhatIsNotForTheHeapStaysWhereItWasAskedFor) {
  CHECK_EQ(NextToOthers(0x1000, kPiece + kSlack), uintptr_t{0x1000});                  // too low
  CHECK_EQ(NextToOthers(kHint + 4096, kPiece + kSlack), kHint + 4096);                 // not aligned as V8 does
  CHECK_EQ(NextToOthers(kHint, 4096), kHint);                                          // too small
  CHECK_EQ(NextToOthers(kHint, size_t{512} << 20), kHint);                             // a reservation
}

TEST(PiecesLieSideBySideAndNeverOverEachOther) {
  const uintptr_t first = NextToOthers(kHint, kPiece + kSlack);
  CHECK_EQ(first % kPiece, uintptr_t{0});
  const uintptr_t second = NextToOthers(uintptr_t{0x77} << 32, 3 * kPiece + kSlack);
  CHECK_EQ(second, first + kPiece);
  CHECK_EQ(NextToOthers(uintptr_t{0x55} << 32, kPiece + kSlack), second + 3 * kPiece);

  constexpr size_t kThreads = 4, kEach = 1000;
  std::vector<uintptr_t> got(kThreads * kEach);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; t++) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < kEach; i++) got[t * kEach + i] = NextToOthers(kHint, kPiece + kSlack);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<bool> is_taken(kThreads * kEach);
  for (uintptr_t address : got) {
    const size_t index = (address - second) / kPiece - 4;
    CHECK(index < is_taken.size());
    CHECK(!is_taken[index]);
    is_taken[index] = true;
  }
}

CHECK_MAIN
