// os/out_of_band.h on Linux.
#include "os/out_of_band.h"

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

struct OutOfBandFile {
  char* address;
  size_t mapped;  // all of the file
  size_t size;    // from its beginning, what was asked for
  OutOfBandLayout layout;
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
  std::unordered_set<OutOfBandFile*> open;
  size_t open_bytes = 0;
  std::list<OutOfBandFile*> idle;  // the latest first
  size_t idle_bytes = 0;
  double opened_ms = 0;
};

// Never destroyed: buffers may be collected after all destructors.
State& state() {
  static State* instance = new State;
  return *instance;
}

int32_t* WordAt(const OutOfBandFile* received, size_t offset) { return reinterpret_cast<int32_t*>(received->address + offset); }

bool HasForkedSince(const OutOfBandFile* received) { return received->forks != ForkCount(); }

// Paired with the sender's load before it writes (out-of-band-pool.ts): whatever was read here has been read.
void Return(const OutOfBandFile* received) {
  if (!HasForkedSince(received)) __atomic_store_n(WordAt(received, received->layout.use), 0, __ATOMIC_SEQ_CST);
}

// After Return: a sender that lets go afterwards finds that nobody needs what is inside.
bool IsLetGo(const OutOfBandFile* received) { return __atomic_load_n(WordAt(received, received->layout.let_go), __ATOMIC_SEQ_CST) != 0; }

void Unmap(OutOfBandFile* received) {
  munmap(received->address, received->mapped);
  delete received;
}

void UnmapAll(const std::list<OutOfBandFile*>& all) {
  for (OutOfBandFile* received : all) Unmap(received);
}

OutOfBandFile* TakeIdle(State* state, const struct stat& file) {
  for (auto at = state->idle.begin(); at != state->idle.end(); ++at) {
    OutOfBandFile* received = *at;
    if (received->inode != file.st_ino || received->device != file.st_dev) continue;
    state->idle.erase(at);
    state->idle_bytes -= received->mapped;
    return received;
  }
  return nullptr;
}

// The mapping that was left of this file, if there is one.
OutOfBandFile* Reopen(const struct stat& file, size_t size) {
  std::lock_guard<std::mutex> guard(state().mutex);
  OutOfBandFile* received = TakeIdle(&state(), file);
  if (received == nullptr || received->mapped >= size) return received;
  Unmap(received);
  return nullptr;
}

OutOfBandFile* Map(int fd, const struct stat& file) {
  const size_t mapped = static_cast<size_t>(file.st_size);
  void* address = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return nullptr;
  OutOfBandFile* received = new OutOfBandFile{};
  received->address = static_cast<char*>(address);
  received->mapped = mapped;
  received->device = file.st_dev;
  received->inode = file.st_ino;
  return received;
}

// Takes those out of the list that are too old or too many.
std::list<OutOfBandFile*> TakeSurplus(State* state, double before_ms) {
  std::list<OutOfBandFile*> out;
  while (!state->idle.empty()) {
    OutOfBandFile* oldest = state->idle.back();
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

int OpenOutOfBand(const char* path, const OutOfBandLayout& layout, size_t size, OutOfBandFile** out) {
  int fd = OpenRegular(path, O_RDWR, Owner::kThisUser);
  if (fd < 0) return fd;
  struct stat file;
  if (fstat(fd, &file) != 0) return CloseFailed(fd);
  const size_t needed = layout.data + size;
  if (!S_ISREG(file.st_mode) || static_cast<size_t>(file.st_size) < needed) return CloseWith(-EIO, fd);
  OutOfBandFile* received = Reopen(file, needed);
  if (received == nullptr && (received = Map(fd, file)) == nullptr) return CloseFailed(fd);
  received->size = needed;
  received->layout = layout;
  received->forks = ForkCount();
  // Before the look at the lock: if the sender lets go just now, one of both sees that the name is not needed.
  __atomic_store_n(reinterpret_cast<uint64_t*>(received->address + layout.in_flight), 0, __ATOMIC_SEQ_CST);
  RemoveIfLetGo(fd, path);
  close(fd);
  std::lock_guard<std::mutex> guard(state().mutex);
  state().open.insert(received);
  state().open_bytes += needed;
  state().opened_ms = NowMs();
  *out = received;
  return 0;
}

void* OutOfBandData(const OutOfBandFile* received) { return received->address + received->layout.data; }

void CloseOutOfBand(OutOfBandFile* received) {
  std::list<OutOfBandFile*> unneeded;
  {
    std::lock_guard<std::mutex> guard(state().mutex);
    state().open.erase(received);
    state().open_bytes -= received->size;
    Return(received);
    received->idle_since_ms = NowMs();
    if (HasForkedSince(received) || IsLetGo(received) || received->idle_since_ms > state().opened_ms + kKeepMs) {
      unneeded.push_back(received);
    } else {
      state().idle.push_front(received);
      state().idle_bytes += received->mapped;
      unneeded = TakeSurplus(&state(), 0);
    }
  }
  UnmapAll(unneeded);
}

size_t OpenOutOfBandBytes() {
  std::lock_guard<std::mutex> guard(state().mutex);
  return state().open_bytes;
}

bool UnmapIdleOutOfBand(int64_t idle_ms) {
  const double now = NowMs();
  std::list<OutOfBandFile*> unneeded;
  bool goes_on;
  {
    std::lock_guard<std::mutex> guard(state().mutex);
    unneeded = TakeSurplus(&state(), now - idle_ms);
    goes_on = !state().idle.empty() || now <= state().opened_ms + kKeepMs;
  }
  UnmapAll(unneeded);
  return goes_on;
}

void ReturnAllOutOfBand() {
  std::lock_guard<std::mutex> guard(state().mutex);
  for (const OutOfBandFile* received : state().open) Return(received);
}

}  // namespace nprocs::os
