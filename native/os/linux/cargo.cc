#include "os/cargo.h"

#include "os/memory.h"

#include <cerrno>
#include <mutex>
#include <unordered_set>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/process.h"

namespace nprocs::os {

struct Cargo {
  char* address;
  size_t size;
  CargoLayout layout;
  uint32_t forks;  // that this process had made when it was opened
};

namespace {

struct Open {
  std::mutex mutex;
  std::unordered_set<Cargo*> cargo;
  size_t bytes = 0;
};

// Never destroyed: buffers may be collected after all destructors.
Open& open_cargo() {
  static Open* instance = new Open;
  return *instance;
}

// Paired with the sender's load before it writes (cargo-pool.ts): whatever was read here has been read.
void Return(const Cargo* cargo) {
  if (cargo->forks == ForkCount()) __atomic_store_n(reinterpret_cast<int32_t*>(cargo->address + cargo->layout.use), 0, __ATOMIC_SEQ_CST);
}

Cargo* Fail(int fd, int error) {
  close(fd);
  errno = error;
  return nullptr;
}

// A sender that still has it holds a shared lock.
void RemoveIfLetGo(int fd, const char* path) {
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) return;
  unlink(path);
  flock(fd, LOCK_UN);  // the mapping would keep it
}

}  // namespace

Cargo* OpenCargo(const char* path, const CargoLayout& layout, size_t size) {
  int fd = OpenRegular(path, O_RDWR, Owner::kThisUser);
  if (fd < 0) return nullptr;
  struct stat status;
  if (fstat(fd, &status) != 0) return Fail(fd, errno);
  if (!S_ISREG(status.st_mode) || static_cast<size_t>(status.st_size) < layout.data + size) return Fail(fd, EIO);
  void* address = mmap(nullptr, layout.data + size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return Fail(fd, errno);
  Cargo* cargo = new Cargo{static_cast<char*>(address), layout.data + size, layout, ForkCount()};
  // Before the look at the lock: if the sender lets go just now, one of both sees that the name is not needed.
  __atomic_store_n(reinterpret_cast<uint64_t*>(cargo->address + layout.carrier), 0, __ATOMIC_SEQ_CST);
  RemoveIfLetGo(fd, path);
  close(fd);
  std::lock_guard<std::mutex> guard(open_cargo().mutex);
  open_cargo().cargo.insert(cargo);
  open_cargo().bytes += cargo->size;
  return cargo;
}

void* CargoData(const Cargo* cargo) { return cargo->address + cargo->layout.data; }

void CloseCargo(Cargo* cargo) {
  std::lock_guard<std::mutex> guard(open_cargo().mutex);
  open_cargo().cargo.erase(cargo);
  open_cargo().bytes -= cargo->size;
  Return(cargo);
  munmap(cargo->address, cargo->size);
  delete cargo;
}

size_t OpenCargoBytes() {
  std::lock_guard<std::mutex> guard(open_cargo().mutex);
  return open_cargo().bytes;
}

void ReturnAllCargo() {
  std::lock_guard<std::mutex> guard(open_cargo().mutex);
  for (const Cargo* cargo : open_cargo().cargo) Return(cargo);
}

}  // namespace nprocs::os
