// os/cargo.h on Linux.
#include "os/cargo.h"

#include <list>
#include <mutex>
#include <unordered_set>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "os/linux/call.h"
#include "os/memory.h"
#include "os/process.h"

namespace nprocs::os {

struct Cargo {
  char* address;
  size_t mapped;  // all of the file
  size_t size;    // from its beginning, what was asked for
  CargoLayout layout;
  uint32_t forks;  // that this process had made when it was opened
  dev_t device;
  ino_t inode;  // its file's, which no other file has as long as this one is mapped
  double idle_since_ms;
};

namespace {

// More than this is not kept mapped: page tables have a price, too.
constexpr size_t kMostIdleBytes = size_t{1} << 28;
constexpr size_t kMostIdle = 256;
// After the latest opening nothing is kept any more.
constexpr double kKeepMs = 1000;

struct State {
  std::mutex mutex;
  std::unordered_set<Cargo*> open;
  size_t open_bytes = 0;
  std::list<Cargo*> idle;  // the latest first
  size_t idle_bytes = 0;
  double opened_ms = 0;
};

// Never destroyed: buffers may be collected after all destructors.
State& state() {
  static State* instance = new State;
  return *instance;
}

int32_t* WordAt(const Cargo* cargo, size_t offset) { return reinterpret_cast<int32_t*>(cargo->address + offset); }

bool HasForkedSince(const Cargo* cargo) { return cargo->forks != ForkCount(); }

// Paired with the sender's load before it writes (cargo-pool.ts): whatever was read here has been read.
void Return(const Cargo* cargo) {
  if (!HasForkedSince(cargo)) __atomic_store_n(WordAt(cargo, cargo->layout.use), 0, __ATOMIC_SEQ_CST);
}

// After Return: a sender that lets go afterwards finds that nobody needs what is inside.
bool IsLetGo(const Cargo* cargo) { return __atomic_load_n(WordAt(cargo, cargo->layout.let_go), __ATOMIC_SEQ_CST) != 0; }

void Unmap(Cargo* cargo) {
  munmap(cargo->address, cargo->mapped);
  delete cargo;
}

void UnmapAll(const std::list<Cargo*>& all) {
  for (Cargo* cargo : all) Unmap(cargo);
}

Cargo* TakeIdle(State* state, const struct stat& file) {
  for (auto at = state->idle.begin(); at != state->idle.end(); ++at) {
    Cargo* cargo = *at;
    if (cargo->inode != file.st_ino || cargo->device != file.st_dev) continue;
    state->idle.erase(at);
    state->idle_bytes -= cargo->mapped;
    return cargo;
  }
  return nullptr;
}

// The mapping that was left of this file, if there is one.
Cargo* Reopen(const struct stat& file, size_t size) {
  std::lock_guard<std::mutex> guard(state().mutex);
  Cargo* cargo = TakeIdle(&state(), file);
  if (cargo == nullptr || cargo->mapped >= size) return cargo;
  Unmap(cargo);
  return nullptr;
}

Cargo* Map(int fd, const struct stat& file) {
  const size_t mapped = static_cast<size_t>(file.st_size);
  void* address = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return nullptr;
  Cargo* cargo = new Cargo{};
  cargo->address = static_cast<char*>(address);
  cargo->mapped = mapped;
  cargo->device = file.st_dev;
  cargo->inode = file.st_ino;
  return cargo;
}

// Those that are too old or too many, which are no longer in the list then.
std::list<Cargo*> TakeSurplus(State* state, double before_ms) {
  std::list<Cargo*> out;
  while (!state->idle.empty()) {
    Cargo* oldest = state->idle.back();
    if (oldest->idle_since_ms > before_ms && state->idle_bytes <= kMostIdleBytes && state->idle.size() <= kMostIdle) break;
    state->idle_bytes -= oldest->mapped;
    out.splice(out.end(), state->idle, std::prev(state->idle.end()));
  }
  return out;
}

// A sender that still has it holds a shared lock.
void RemoveIfLetGo(int fd, const char* path) {
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) return;
  unlink(path);
  flock(fd, LOCK_UN);  // the mapping would keep it
}

}  // namespace

int OpenCargo(const char* path, const CargoLayout& layout, size_t size, Cargo** out) {
  int fd = OpenRegular(path, O_RDWR, Owner::kThisUser);
  if (fd < 0) return fd;
  struct stat file;
  if (fstat(fd, &file) != 0) return CloseFailed(fd);
  const size_t needed = layout.data + size;
  if (!S_ISREG(file.st_mode) || static_cast<size_t>(file.st_size) < needed) return CloseWith(-EIO, fd);
  Cargo* cargo = Reopen(file, needed);
  if (cargo == nullptr && (cargo = Map(fd, file)) == nullptr) return CloseFailed(fd);
  cargo->size = needed;
  cargo->layout = layout;
  cargo->forks = ForkCount();
  // Before the look at the lock: if the sender lets go just now, one of both sees that the name is not needed.
  __atomic_store_n(reinterpret_cast<uint64_t*>(cargo->address + layout.carrier), 0, __ATOMIC_SEQ_CST);
  RemoveIfLetGo(fd, path);
  close(fd);
  std::lock_guard<std::mutex> guard(state().mutex);
  state().open.insert(cargo);
  state().open_bytes += needed;
  state().opened_ms = NowMs();
  *out = cargo;
  return 0;
}

void* CargoData(const Cargo* cargo) { return cargo->address + cargo->layout.data; }

void CloseCargo(Cargo* cargo) {
  std::list<Cargo*> unneeded;
  {
    std::lock_guard<std::mutex> guard(state().mutex);
    state().open.erase(cargo);
    state().open_bytes -= cargo->size;
    Return(cargo);
    cargo->idle_since_ms = NowMs();
    if (HasForkedSince(cargo) || IsLetGo(cargo) || cargo->idle_since_ms > state().opened_ms + kKeepMs) {
      unneeded.push_back(cargo);
    } else {
      state().idle.push_front(cargo);
      state().idle_bytes += cargo->mapped;
      unneeded = TakeSurplus(&state(), 0);
    }
  }
  UnmapAll(unneeded);
}

size_t OpenCargoBytes() {
  std::lock_guard<std::mutex> guard(state().mutex);
  return state().open_bytes;
}

bool UnmapIdleCargo(int64_t idle_ms) {
  const double now = NowMs();
  std::list<Cargo*> unneeded;
  bool goes_on;
  {
    std::lock_guard<std::mutex> guard(state().mutex);
    unneeded = TakeSurplus(&state(), now - idle_ms);
    goes_on = !state().idle.empty() || now <= state().opened_ms + kKeepMs;
  }
  UnmapAll(unneeded);
  return goes_on;
}

void ReturnAllCargo() {
  std::lock_guard<std::mutex> guard(state().mutex);
  for (const Cargo* cargo : state().open) Return(cargo);
}

}  // namespace nprocs::os
