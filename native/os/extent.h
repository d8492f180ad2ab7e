// Parts of a file in memory: reserved, mapped and given back one by one, so that a shared object can grow and shrink.
// Offsets and sizes are multiples of the page size. Every function returns 0 or more, or -errno.
#pragma once
#include <cstddef>
#include <cstdint>

namespace nprocs::os {

// A file is given by its path, or by a descriptor where it has none.
//
// Makes the file's memory [offset, offset + size) exist, all of it or (-ENOSPC) none; the file grows if it must.
int ReserveExtent(const char* path, int64_t offset, int64_t size);
int ReserveExtent(int fd, int64_t offset, int64_t size);
// Maps a part of the file, shared and writable.
int MapExtent(const char* path, int64_t offset, size_t size, void** address);
int MapExtent(int fd, int64_t offset, size_t size, void** address);
void UnmapExtent(void* address, size_t size);
// Gives the memory of a part back to the system; it reads as zeros from then on.
int ReleaseExtent(const char* path, int64_t offset, int64_t size);
int ReleaseExtent(int fd, int64_t offset, int64_t size);

}  // namespace nprocs::os
