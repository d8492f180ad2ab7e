// The fork server is started with this addon as a preloaded library (LD_PRELOAD), and then Node's calls of mmap come here: see os/placement.h.
// In any other process Node has libc's mmap, and nobody calls this.
//
// It may run before anything in this process has been initialized, even a sanitizer.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "os/placement.h"

// Under both names that C libraries have for it, and whatever the headers call it.
extern "C" __attribute__((visibility("default"), no_sanitize("address", "undefined"))) void* PlacedMmap(
    void* address, size_t size, int protection, int flags, int fd, off_t offset) __asm__("mmap64");
extern "C" __attribute__((visibility("default"), alias("mmap64"))) void* PlacedMmapToo(
    void* address, size_t size, int protection, int flags, int fd, off_t offset) __asm__("mmap");

void* PlacedMmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
  bool may_move = address != nullptr && (flags & MAP_ANONYMOUS) != 0 && (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) == 0;
  if (may_move) address = reinterpret_cast<void*>(nprocs::os::NextToOthers(reinterpret_cast<uintptr_t>(address), size));
  return reinterpret_cast<void*>(syscall(SYS_mmap, address, size, protection, flags, fd, offset));
}
