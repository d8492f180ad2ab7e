// Shared memory as files that a process maps: made, found, held, given up.
//
// A holder keeps a shared flock for as long as the mapping exists: the lock belongs to the open file description, and a
// mapping keeps that alive after its descriptor is closed. So a held segment costs no descriptor, a forked child holds
// what its parent held, and the kernel lets go whatever ends the process.
//
// Every function returns 0 or more, or -errno.
#pragma once
#include <cstddef>
#include <cstdint>

namespace nprocs::os {

struct Mapping {
  void* address = nullptr;
  size_t size = 0;
  int fd = -1;  // while it has no name: from its making to LinkAs
};

// A file without a name in `directory`, its memory reserved (so that writing it later cannot fail), mapped and held.
int CreateUnnamed(const char* directory, size_t size, Mapping* out);
// The same with `head` and, behind it, `data` in it: each page is touched once. -ENOSPC leaves nothing behind.
int CreateFilled(const char* directory, const void* head, size_t head_size, const void* data, size_t data_size, Mapping* out);
// Gives it its name: from now on others find it. -EEXIST when the name is taken.
int LinkAs(Mapping* mapping, const char* path);
// The same for who has a descriptor of it, which stays open.
int LinkDescriptor(int fd, const char* path);
// Maps a file that another process has passed, at most its first `max_size` bytes (0: all). The lock that holds it is
// the one of whoever made it, since both have the same open file description. The descriptor stays the caller's.
int Adopt(int fd, size_t max_size, Mapping* out);
// What is opened by a name is a regular file, or nothing: /dev/shm is open to all, who may have put a link, a FIFO or a
// folder there under a name of ours. Those are -EINVAL, and are not touched. -EACCES: it belongs to another user than
// the effective one.
enum class Owner { kThisUser, kAnyUser };
int OpenRegular(const char* path, int access, Owner owner);

// Maps and holds an existing file, at most its first `max_size` bytes (0: all). -ENOENT also when it is being removed.
int OpenHeld(const char* path, size_t max_size, Owner owner, Mapping* out);
// Lets go: unmaps, and with the last mapping of the description the lock goes too. Idempotent.
void Unmap(Mapping* mapping);

// A descriptor that holds the file without mapping it, for a message that takes it along. Errors as OpenHeld.
int OpenShared(const char* path);
// Opens with an exclusive lock, for who wants to remove it: -EWOULDBLOCK when somebody holds it, -ENOENT when it is
// gone. Another one with such a lock is waited for; -ETIMEDOUT: it has been stopped. The result is a descriptor. Who
// locks several does it in the order of their names.
int OpenExclusive(const char* path);
// Removes the name when nobody holds the file and all `words` 64-bit words at `offset` in it are 0.
// 1: removed (or gone already), 0: it is needed.
int RemoveIfUnused(const char* path, size_t offset, size_t words);

bool Exists(const char* path);

// A page that reads as zeros in a child after fork(), however the fork was made.
int ForkGuardPage(void** out);
void FreeForkGuardPage(void* page);

uint64_t Random64();

}  // namespace nprocs::os
