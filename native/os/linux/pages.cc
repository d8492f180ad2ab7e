// os/pages.h on Linux: /proc/self/pagemap tells which pages a process has, MADV_POPULATE_READ and _WRITE (Linux 5.14)
// get them. Older kernels refuse that, and all is as without a note.
#include "os/pages.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "os/linux/call.h"

namespace nprocs::os {

namespace {

// Of linux/mman.h, and of proc_pid_pagemap(5).
constexpr int kPopulateRead = 22, kPopulateWrite = 23;
constexpr uint64_t kPresent = 1ull << 63, kOfFile = 1ull << 61, kExclusive = 1ull << 56;

constexpr uint32_t kMaxRuns = 2040;
constexpr uint64_t kMaxWritten = 2048, kMaxRead = 1 << 15;
constexpr uint64_t kLargestMapping = 1ull << 30;  // what is larger is room that has been reserved

// A run of pages in one word, so that whoever reads it has a whole one: the first page's number, how many, and whether
// they are written to.
struct Run {
  uint64_t word;
  static Run Of(uint64_t first, uint64_t count, bool is_written) { return {first << 24 | count << 1 | (is_written ? 1u : 0u)}; }
  uint64_t first() const { return word >> 24; }
  uint64_t count() const { return (word >> 1) & 0x7fffff; }
  bool is_written() const { return (word & 1) != 0; }
};

struct Note {
  std::atomic<uint32_t> count;
  std::atomic<uint64_t> runs[kMaxRuns];
};

// Whoever notes something writes the note that is not valid. If it is killed meanwhile, nobody notes anything any more,
// and what is valid stays.
struct Notes {
  std::atomic<uint32_t> is_being_written;
  std::atomic<uint32_t> made;  // how many; 0: none is valid
  Note both[2];
  Note& NumberOf(uint32_t number) { return both[number % 2]; }
};

Notes* g_notes = nullptr;
uint32_t g_ready = 0;  // the number of the note by which this copy has got ready

uint64_t PageSize() { return static_cast<uint64_t>(sysconf(_SC_PAGESIZE)); }

// Makes runs of pages that come one after the other.
class Writer {
 public:
  explicit Writer(Note* note) : note_(note) {}
  void Add(uint64_t page, bool is_written) {
    if (page != first_ + length_ || is_written != is_written_ || length_ == 0) {
      EndRun();
      first_ = page;
      is_written_ = is_written;
    }
    length_++;
  }
  void EndRun() {
    if (length_ == 0) return;
    if (runs_ < kMaxRuns) note_->runs[runs_].store(Run::Of(first_, length_, is_written_).word, std::memory_order_relaxed);
    runs_++;
    (is_written_ ? written_ : read_) += length_;
    length_ = 0;
  }
  bool IsTooMuch() const { return runs_ > kMaxRuns || written_ > kMaxWritten || read_ > kMaxRead; }
  void Finish() { note_->count.store(runs_); }
  int pages() const { return static_cast<int>(written_ + read_); }

 private:
  Note* note_;
  uint32_t runs_ = 0;
  uint64_t first_ = 0, length_ = 0, written_ = 0, read_ = 0;
  bool is_written_ = false;
};

// What nobody else has is this copy's because it has written to it.
void NoteMapping(int pagemap, uint64_t page, uint64_t end, Writer* writer) {
  uint64_t entries[512];
  while (page < end && !writer->IsTooMuch()) {
    const size_t wanted = end - page < 512 ? end - page : 512;
    const ssize_t length = Repeat([&] { return pread(pagemap, entries, wanted * 8, static_cast<off_t>(page * 8)); });
    if (length < 8) return;
    for (size_t i = 0; i < static_cast<size_t>(length) / 8; i++, page++) {
      if ((entries[i] & kPresent) == 0) continue;
      const bool is_of_file = (entries[i] & kOfFile) != 0;
      if (is_of_file || (entries[i] & kExclusive) != 0) writer->Add(page, !is_of_file);
    }
  }
}

void NoteMappings(int maps, int pagemap, Writer* writer) {
  static char buffer[1 << 16];  // a copy has one thread
  const uint64_t page_size = PageSize();
  size_t kept = 0;
  for (;;) {
    const ssize_t length = Repeat([&] { return read(maps, buffer + kept, sizeof buffer - 1 - kept); });
    if (length <= 0) break;
    kept += static_cast<size_t>(length);
    buffer[kept] = 0;
    char* line = buffer;
    while (char* end_of_line = strchr(line, '\n')) {
      *end_of_line = 0;
      unsigned long start, end;
      char mode[5];
      // The kernel's own pages are none of the process's.
      if (sscanf(line, "%lx-%lx %4s", &start, &end, mode) == 3 && mode[0] == 'r' && mode[3] == 'p' && end - start <= kLargestMapping &&
          strstr(line, "[v") == nullptr)
        NoteMapping(pagemap, start / page_size, end / page_size, writer);
      line = end_of_line + 1;
    }
    kept -= static_cast<size_t>(line - buffer);
    memmove(buffer, line, kept);
  }
  writer->EndRun();
}

int NoteInto(Note* note) {
  const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return -errno;
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (pagemap < 0) return CloseFailed(maps);
  Writer writer(note);
  NoteMappings(maps, pagemap, &writer);
  close(pagemap);
  close(maps);
  if (writer.IsTooMuch()) return 0;
  writer.Finish();
  return writer.pages();
}

}  // namespace

int MakePageNote() {
  void* room = mmap(nullptr, sizeof(Notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return -errno;
  g_notes = static_cast<Notes*>(room);
  return 0;
}

int NotePages() {
  if (g_notes == nullptr || g_notes->is_being_written.exchange(1) != 0) return 0;
  const uint32_t next = g_notes->made.load() + 1;
  const int result = NoteInto(&g_notes->NumberOf(next));
  if (result > 0) g_notes->made.store(next);
  g_notes->is_being_written.store(0);
  return result;
}

void ReadyPages() {
  const uint32_t last = g_notes == nullptr ? 0 : g_notes->made.load();
  if (last == g_ready) return;
  g_ready = last;
  const Note& note = g_notes->NumberOf(last);
  const uint32_t count = note.count.load();
  const uint64_t page_size = PageSize();
  uint64_t pages = 0;
  for (uint32_t i = 0; i < count && i < kMaxRuns; i++) {
    const Run run{note.runs[i].load(std::memory_order_relaxed)};
    pages += run.count();
    if (pages > kMaxWritten + kMaxRead) break;
    // Whatever is wrong with one run says nothing of the next, but for a kernel that cannot do it at all.
    const int advice = run.is_written() ? kPopulateWrite : kPopulateRead;
    if (madvise(reinterpret_cast<void*>(run.first() * page_size), run.count() * page_size, advice) != 0 && errno == EINVAL) break;
  }
}

}  // namespace nprocs::os
