// Parts of a file in memory: reserved, mapped and given back one by one, so that a shared object can grow and shrink.
// Offsets and sizes are multiples of the page size. Every function returns 0 or more, or -1 with errno set.
#pragma once
#include <cstddef>
#include <cstdint>

namespace nprocs::os {

// Makes the file's memory [offset, offset + size) exist, all of it or (ENOSPC) none; the file grows if it must.
int ReserveExtent(const char* path, int64_t offset, int64_t size);
// Maps it, shared and writable.
int MapExtent(const char* path, int64_t offset, size_t size, void** address);
void UnmapExtent(void* address, size_t size);
// Gives the memory back to the system; it reads as zeros from then on.
int ReleaseExtent(const char* path, int64_t offset, int64_t size);

// A new file that holds `head` and, behind it, `data`: complete before it has its name `path`, and never mapped by its writer,
// so that each page is touched once. ENOSPC leaves nothing behind.
int WriteFile(const char* directory, const char* path, const void* head, size_t head_size, const void* data, size_t size);

}  // namespace nprocs::os
