// The table of os/held.h, and what ends with it.
#include "os/held.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "os/descriptor.h"
#include "os/liveness.h"
#include "os/out_of_band.h"

namespace nprocs::os {

struct Held {
  int32_t id;
  Mapping mapping;
  std::string path;
  std::string guard;
  Removal removal;
  bool given_up;
};

namespace {

struct Slot {
  int32_t pid;
  int32_t held_id;
  size_t identity_offset;
  size_t generation_offset;
};

struct Table {
  std::mutex mutex;
  std::unordered_map<int32_t, Held*> held;
  std::vector<Slot> slots;
  int32_t next_id = 1;
  size_t in_flight_offset = 0;
  size_t in_flight_counters = 0;
  ~Table() { GiveUpAll(); }
};

Table& table() {
  static Table instance;
  return instance;
}

void Retire(const Slot& slot, const Held* held) {
  if (slot.pid != ProcessId()) return;
  char* base = static_cast<char*>(held->mapping.address);
  __atomic_fetch_add(reinterpret_cast<int32_t*>(base + slot.generation_offset), 1, __ATOMIC_SEQ_CST);
  __atomic_store_n(reinterpret_cast<uint64_t*>(base + slot.identity_offset), 0, __ATOMIC_SEQ_CST);
}

void RetireSlotsIn(const Held* held) {
  auto& slots = table().slots;
  auto rest = std::stable_partition(slots.begin(), slots.end(), [held](const Slot& slot) { return slot.held_id != held->id; });
  for (auto slot = rest; slot != slots.end(); ++slot) Retire(*slot, held);
  slots.erase(rest, slots.end());
}

int RemoveName(const Held* held) {
  switch (held->removal) {
    case Removal::kUnlessInFlight:
      return RemoveIfUnused(held->path.c_str(), table().in_flight_offset, table().in_flight_counters);
    case Removal::kUnlessGuarded:
      return Exists(held->guard.c_str()) ? 0 : RemoveIfUnused(held->path.c_str(), 0, 0);
    default:
      return 0;
  }
}

int GiveUpLocked(Held* held) {
  if (held->given_up) return 0;
  held->given_up = true;
  table().held.erase(held->id);
  RetireSlotsIn(held);
  Unmap(&held->mapping);
  return RemoveName(held);
}

}  // namespace

Held* Hold(const Mapping& mapping) {
  std::lock_guard<std::mutex> guard(table().mutex);
  Held* held = new Held{table().next_id++, mapping, std::string(), std::string(), Removal::kNever, false};
  table().held.emplace(held->id, held);
  return held;
}

int32_t Id(const Held* held) { return held->id; }

int Link(int32_t id, const char* path) {
  std::lock_guard<std::mutex> guard(table().mutex);
  auto found = table().held.find(id);
  return found == table().held.end() ? -EBADF : LinkAs(&found->second->mapping, path);
}

int DescriptorOf(int32_t id) {
  std::lock_guard<std::mutex> guard(table().mutex);
  auto found = table().held.find(id);
  return found == table().held.end() ? -EBADF : Duplicate(found->second->mapping.fd, -1);
}

void SetPath(Held* held, const char* path, Removal removal, const char* guard) {
  held->path = path;
  held->guard = guard;
  held->removal = removal;
}

void KeepName(int32_t id) {
  std::lock_guard<std::mutex> guard(table().mutex);
  auto found = table().held.find(id);
  if (found != table().held.end()) found->second->removal = Removal::kNever;
}

void SetInFlightCounters(size_t offset, size_t count) {
  std::lock_guard<std::mutex> guard(table().mutex);
  table().in_flight_offset = offset;
  table().in_flight_counters = count;
}

int GiveUp(int32_t id) {
  std::lock_guard<std::mutex> guard(table().mutex);
  auto found = table().held.find(id);
  return found == table().held.end() ? 0 : GiveUpLocked(found->second);
}

void Forget(Held* held) {
  {
    std::lock_guard<std::mutex> guard(table().mutex);
    GiveUpLocked(held);
  }
  delete held;
}

int RemoveUnneeded(const char* path) {
  std::lock_guard<std::mutex> guard(table().mutex);
  return RemoveIfUnused(path, table().in_flight_offset, table().in_flight_counters);
}

int RetireAtEnd(int32_t id, size_t identity_offset, size_t generation_offset) {
  std::lock_guard<std::mutex> guard(table().mutex);
  table().slots.push_back(Slot{ProcessId(), id, identity_offset, generation_offset});
  return 0;
}

int GiveUpAll() {
  ReturnAllOutOfBand();
  std::lock_guard<std::mutex> guard(table().mutex);
  // First let go of all, then look who is left: one mapping may be there twice (once per thread).
  std::vector<Held*> all;
  for (auto& entry : table().held) all.push_back(entry.second);
  table().held.clear();
  for (Held* held : all) {
    held->given_up = true;
    RetireSlotsIn(held);
    Unmap(&held->mapping);
  }
  // Guards before what they guard.
  int removed = 0;
  for (bool guarded : {false, true}) {
    for (Held* held : all) {
      if ((held->removal == Removal::kUnlessGuarded) == guarded && RemoveName(held) == 1) removed++;
    }
  }
  return removed;
}

}  // namespace nprocs::os
