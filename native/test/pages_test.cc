#include "os/pages.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

using namespace nprocs::os;

namespace {

constexpr size_t kPages = 256;
const size_t g_page = static_cast<size_t>(sysconf(_SC_PAGESIZE));

// Private memory that a copy shares until one of them writes to it.
char* Memory(size_t pages) {
  void* memory = mmap(nullptr, pages * g_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  memset(memory, 'a', pages * g_page);
  return static_cast<char*>(memory);
}

void Write(char* memory, size_t pages, char what) {
  for (size_t i = 0; i < pages; i++) memory[i * g_page] = what;
}

long Faults() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// What a copy returns, as its exit code.
template <typename Run>
int InCopy(Run run) {
  const pid_t pid = fork();
  if (pid == 0) _exit(run());
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

[[maybe_unused]] bool CanPopulate() {
  char* memory = Memory(1);
  return madvise(memory, g_page, 23) == 0;
}

}  // namespace

#ifndef __SANITIZE_THREAD__  // ThreadSanitizer itself writes to more pages than a note has room for.
TEST(ACopyHasThePagesThatAnotherOneHasWrittenToAndTheirContentIsItsParents) {
  char* memory = Memory(kPages);
  CHECK_EQ(MakePageNote(), 0);
  const bool can_populate = CanPopulate();
  const int noted = InCopy([&] {
    Write(memory, kPages, 'b');
    return NotePages() >= static_cast<int>(kPages) ? 0 : 1;
  });
  CHECK_EQ(noted, 0);
  const int faults = InCopy([&] {
    ReadyPages();
    for (size_t i = 0; i < kPages * g_page; i++)
      if (memory[i] != 'a') return 200;
    const long before = Faults();
    Write(memory, kPages, 'c');
    const long made = Faults() - before;
    return made > 199 ? 199 : static_cast<int>(made);
  });
  CHECK(faults < (can_populate ? 16 : 200));
  CHECK_EQ(memory[0], 'a');
}
#endif

TEST(WithoutANoteNothingIsMadeReady) {
  CHECK_EQ(MakePageNote(), 0);
  char* memory = Memory(kPages);
  const int faults = InCopy([&] {
    ReadyPages();
    const long before = Faults();
    Write(memory, kPages, 'c');
    return Faults() - before >= static_cast<long>(kPages) ? 0 : 1;
  });
  CHECK_EQ(faults, 0);
}

#ifndef __SANITIZE_THREAD__  // ThreadSanitizer itself writes to more pages than a note has room for.
TEST(TheLastNoteCountsAndOneThatIsTooLongIsNotMade) {
  CHECK_EQ(MakePageNote(), 0);
  char* memory = Memory(4096);
  CHECK_EQ(InCopy([&] { return NotePages() > 0 ? 0 : 1; }), 0);
  CHECK_EQ(InCopy([&] {
             Write(memory, 4096, 'b');
             return NotePages();
           }),
           0);
  if (!CanPopulate()) return;
  CHECK_EQ(InCopy([&] {
             Write(memory + 100 * g_page, 100, 'b');
             return NotePages() > 100 ? 0 : 1;
           }),
           0);
  CHECK_EQ(InCopy([&] {
             ReadyPages();
             const long before = Faults();
             Write(memory + 100 * g_page, 100, 'c');
             const long noted = Faults() - before;
             Write(memory, 100, 'c');
             return noted < 16 && Faults() - before - noted >= 100 ? 0 : 1;
           }),
           0);
}
#endif

TEST(MemoryThatIsGoneMeanwhileOrIsOnlyReadHarmsNothing) {
  CHECK_EQ(MakePageNote(), 0);
  char* memory = Memory(kPages);
  CHECK_EQ(InCopy([&] {
             Write(memory, kPages, 'b');
             return NotePages() > 0 ? 0 : 1;
           }),
           0);
  munmap(memory, kPages / 2 * g_page);
  mprotect(memory + kPages / 2 * g_page, kPages / 2 * g_page, PROT_READ);
  CHECK_EQ(InCopy([&] {
             ReadyPages();
             return memory[kPages / 2 * g_page] == 'a' ? 0 : 1;
           }),
           0);
}

// As one that is killed in the middle of it: it never says that it is done.
TEST(WhatWasNotedStaysWhenACopyDiesWhileItNotes) {
  CHECK_EQ(MakePageNote(), 0);
  CHECK_EQ(InCopy([&] { return NotePages() > 0 ? 0 : 1; }), 0);
  for (int i = 0; i < 200; i++) {
    const pid_t pid = fork();
    if (pid == 0) {
      NotePages();
      for (;;) pause();
    }
    usleep(static_cast<unsigned>(i) * 5);
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    CHECK_EQ(InCopy([&] {
               ReadyPages();
               return 0;
             }),
             0);
  }
}

CHECK_MAIN
