#include "os/pages.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25  // Linux 6.1; older ones refuse it
#endif

namespace nprocs::os {
namespace {

constexpr uintptr_t kPage = 4 << 10, kLargePage = 2 << 20;  // of x86-64, and of arm64 where small ones have 4 KiB
constexpr uintptr_t kLargestMapping = 1 << 30;             // what is larger is not a program's heap but room that it has reserved

// The rest would become memory that nobody needs.
bool IsMostlyInUse(uintptr_t large_page) {
  unsigned char is_there[kLargePage / kPage];
  if (mincore(reinterpret_cast<void*>(large_page), kLargePage, is_there) != 0) return false;
  size_t used = 0;
  for (unsigned char flags : is_there) used += flags & 1;
  return used >= sizeof is_there / 2;
}

int JoinWithin(uintptr_t start, uintptr_t end) {
  if (end - start > kLargestMapping) return 0;
  int joined = 0;
  for (uintptr_t at = (start + kLargePage - 1) & ~(kLargePage - 1); at + kLargePage <= end; at += kLargePage) {
    if (IsMostlyInUse(at) && madvise(reinterpret_cast<void*>(at), kLargePage, MADV_COLLAPSE) == 0) joined++;
  }
  return joined;
}

}  // namespace

int JoinPages() {
  FILE* maps = fopen("/proc/self/maps", "re");
  if (maps == nullptr) return -errno;
  char line[4608];  // a path and what stands before it
  int joined = 0;
  while (fgets(line, sizeof line, maps) != nullptr) {
    unsigned long start, end;
    char permissions[5];
    int name = 0;
    if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %n", &start, &end, permissions, &name) < 3) continue;
    const bool is_anonymous = name == 0 || line[name] == '\0' || strncmp(line + name, "[heap]", 6) == 0;
    if (is_anonymous && permissions[1] == 'w' && permissions[3] == 'p') joined += JoinWithin(start, end);
  }
  fclose(maps);
  return joined;
}

}  // namespace nprocs::os
