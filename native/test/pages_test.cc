#include "os/pages.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>

#include "test/check.h"

using namespace nprocs::os;

namespace {

constexpr size_t kSmall = 4096, kLarge = 2 << 20, kSize = 4 * kLarge;

uint8_t* MapPrivate() {
  void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<uint8_t*>(memory);
}

}  // namespace

TEST(JoinedMemoryHoldsWhatItHeldAndBelongsToEachProcessAlone) {
  uint8_t* memory = MapPrivate();
  CHECK(memory != nullptr);
  for (size_t at = 0; at < kSize; at += kSmall) memory[at] = static_cast<uint8_t>(at / kSmall * 7);
  // Where the kernel cannot do it, or has no large page free, nothing is joined, and nothing changed.
  CHECK(JoinPages() >= 0);
  for (size_t at = 0; at < kSize; at += kSmall) CHECK_EQ(memory[at], static_cast<uint8_t>(at / kSmall * 7));
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    for (size_t at = 0; at < kSize; at += kSmall) memory[at]++;
    _exit(0);
  }
  memory[kLarge] = 1;
  int status;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  for (size_t at = 0; at < kSize; at += kSmall) CHECK_EQ(memory[at], at == kLarge ? 1 : static_cast<uint8_t>(at / kSmall * 7));
  munmap(memory, kSize);
}

TEST(MemoryThatIsNotInUseStaysUnused) {
  uint8_t* memory = MapPrivate();
  CHECK(memory != nullptr);
  for (size_t at = 0; at < kSize; at += kLarge) memory[at] = 1;
  CHECK(JoinPages() >= 0);
  unsigned char is_there[kSize / kSmall];
  CHECK_EQ(mincore(memory, kSize, is_there), 0);
  size_t used = 0;
  for (unsigned char flags : is_there) used += flags & 1;
  CHECK(used <= kSize / kLarge);
  munmap(memory, kSize);
}

CHECK_MAIN
