// The functions of src/native/memory-native.ts.
#include <fcntl.h>

#include "bind/napi_util.h"
#include "os/held.h"
#include "os/liveness.h"
#include "os/memory.h"

namespace nprocs {
namespace {

void BufferGone(napi_env env, void* data, void* held) { os::Forget(static_cast<os::Held*>(held)); }

// What JavaScript has of a mapping: { id, buffer }, or -errno.
napi_value SegmentObject(napi_env env, os::Held* held, const os::Mapping& mapping) {
  napi_value object, buffer;
  if (napi_create_external_arraybuffer(env, mapping.address, mapping.size, BufferGone, held, &buffer) != napi_ok) {
    os::Forget(held);
    return Int(env, -ENOTSUP);
  }
  napi_create_object(env, &object);
  napi_set_named_property(env, object, "id", Int(env, os::Id(held)));
  napi_set_named_property(env, object, "buffer", buffer);
  return object;
}

// By the guard it is known when giving the mapping up may remove its name. null: never; "": unless a message carries
// the segment; a path: unless that file exists.
void SetPath(napi_env env, os::Held* held, const std::string& path, napi_value guard) {
  napi_valuetype type = napi_null;
  napi_typeof(env, guard, &type);
  std::string guard_path = TextOf(env, guard);
  os::Removal removal = type != napi_string      ? os::Removal::kNever
                        : guard_path.empty() ? os::Removal::kUnlessInFlight
                                             : os::Removal::kUnlessGuarded;
  os::SetPath(held, path.c_str(), removal, guard_path.c_str());
}

// segmentCreate(directory, size, path, guard) → { id, buffer } or -errno
napi_value SegmentCreate(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  os::Mapping mapping;
  if (const int error = os::CreateUnnamed(args.Text(0).c_str(), args.Size(1), &mapping); error < 0) return Int(env, error);
  os::Held* held = os::Hold(mapping);
  SetPath(env, held, args.Text(2), args.values[3]);
  return SegmentObject(env, held, mapping);
}

// segmentCreateFilled(directory, path, head, data) → { id, buffer } or -errno
napi_value SegmentCreateFilled(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  const Bytes head = args.View(2), data = args.View(3);
  os::Mapping mapping;
  const int error = os::CreateFilled(args.Text(0).c_str(), head.data, head.size, data.data, data.size, &mapping);
  if (error < 0) return Int(env, error);
  os::Held* held = os::Hold(mapping);
  os::SetPath(held, args.Text(1).c_str(), os::Removal::kUnlessInFlight, "");
  return SegmentObject(env, held, mapping);
}

// segmentLink(id, path) → 0 or -errno
napi_value SegmentLink(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  return Int(env, os::Link(args.Int(0), args.Text(1).c_str()));
}

// segmentOpen(path, guard, mostBytes) → { id, buffer } or -errno
napi_value SegmentOpen(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  std::string path = args.Text(0);
  os::Mapping mapping;
  napi_valuetype guard = napi_null;
  napi_typeof(env, args.values[1], &guard);
  const int error = os::OpenHeld(path.c_str(), args.Size(2), guard == napi_string ? os::Owner::kThisUser : os::Owner::kAnyUser, &mapping);
  if (error < 0) return Int(env, error);
  os::Held* held = os::Hold(mapping);
  SetPath(env, held, path, args.values[1]);
  return SegmentObject(env, held, mapping);
}

// segmentAdopt(fd, path, mostBytes) → { id, buffer } or -errno
napi_value SegmentAdopt(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  os::Mapping mapping;
  if (const int error = os::Adopt(args.Int(0), args.Size(2), &mapping); error < 0) return Int(env, error);
  os::Held* held = os::Hold(mapping);
  os::SetPath(held, args.Text(1).c_str(), os::Removal::kUnlessInFlight, "");
  return SegmentObject(env, held, mapping);
}

napi_value SegmentDescriptor(napi_env env, napi_callback_info info) {
  return Int(env, os::DescriptorOf(Args<1>(env, info).Int(0)));
}

// linkDescriptor(fd, path) → 0 or -errno
napi_value LinkDescriptor(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  return Int(env, os::LinkDescriptor(args.Int(0), args.Text(1).c_str()));
}

// segmentGiveUp(id, buffer) → 1: the name was removed
napi_value SegmentGiveUp(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  napi_detach_arraybuffer(env, args.values[1]);
  return Int(env, os::GiveUp(args.Int(0)));
}

napi_value SegmentKeepName(napi_env env, napi_callback_info info) {
  os::KeepName(Args<1>(env, info).Int(0));
  return nullptr;
}

napi_value SegmentGiveUpAll(napi_env env, napi_callback_info info) {
  return Int(env, os::GiveUpAll());
}

// setInFlightCounters(offset, words)
napi_value SetInFlightCounters(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  os::SetInFlightCounters(args.Uint(0), args.Uint(1));
  return nullptr;
}

napi_value SegmentRemoveUnneeded(napi_env env, napi_callback_info info) {
  return Int(env, os::RemoveUnneeded(Args<1>(env, info).Text(0).c_str()));
}

napi_value OpenExclusive(napi_env env, napi_callback_info info) {
  return Int(env, os::OpenExclusive(Args<1>(env, info).Text(0).c_str()));
}

napi_value OpenToRead(napi_env env, napi_callback_info info) {
  return Int(env, os::OpenRegular(Args<1>(env, info).Text(0).c_str(), O_RDONLY, os::Owner::kThisUser));
}

napi_value PidNamespace(napi_env env, napi_callback_info info) { return Number(env, os::PidNamespace()); }

napi_value OpenShared(napi_env env, napi_callback_info info) {
  return Int(env, os::OpenShared(Args<1>(env, info).Text(0).c_str()));
}

// retireAtEnd(id, identity offset, generation offset) → 0 or -errno
napi_value RetireAtEnd(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  return Int(env, os::RetireAtEnd(args.Int(0), args.Uint(1), args.Uint(2)));
}

void GuardGone(napi_env env, void* page, void*) { os::FreeForkGuardPage(page); }

napi_value ForkGuard(napi_env env, napi_callback_info info) {
  napi_value buffer, words;
  void* page = nullptr;
  if (const int error = os::ForkGuardPage(&page); error < 0) return Int(env, error);
  if (napi_create_external_arraybuffer(env, page, sizeof(int32_t), GuardGone, nullptr, &buffer) != napi_ok) return nullptr;
  napi_create_typedarray(env, napi_int32_array, 1, buffer, 0, &words);
  return words;
}

napi_value Random64(napi_env env, napi_callback_info info) {
  uint64_t value = os::Random64();
  char text[16];
  for (int i = 0; i < 16; i++) text[i] = "0123456789abcdef"[(value >> (60 - 4 * i)) & 15];
  return String(env, text, sizeof text);
}

napi_value ProcessStartTime(napi_env env, napi_callback_info info) {
  return Number(env, os::ProcessStartTime(Args<1>(env, info).Int(0)));
}

napi_value ProcessId(napi_env env, napi_callback_info info) { return Int(env, os::ProcessId()); }
napi_value ThreadId(napi_env env, napi_callback_info info) { return Int(env, os::ThreadId()); }

}  // namespace

void InitMemory(napi_env env, napi_value exports) {
  Export(env, exports, "segmentCreate", SegmentCreate);
  Export(env, exports, "segmentCreateFilled", SegmentCreateFilled);
  Export(env, exports, "segmentLink", SegmentLink);
  Export(env, exports, "segmentOpen", SegmentOpen);
  Export(env, exports, "segmentAdopt", SegmentAdopt);
  Export(env, exports, "segmentDescriptor", SegmentDescriptor);
  Export(env, exports, "linkDescriptor", LinkDescriptor);
  Export(env, exports, "segmentGiveUp", SegmentGiveUp);
  Export(env, exports, "segmentKeepName", SegmentKeepName);
  Export(env, exports, "segmentGiveUpAll", SegmentGiveUpAll);
  Export(env, exports, "setInFlightCounters", SetInFlightCounters);
  Export(env, exports, "segmentRemoveUnneeded", SegmentRemoveUnneeded);
  Export(env, exports, "openExclusive", OpenExclusive);
  Export(env, exports, "openToRead", OpenToRead);
  Export(env, exports, "openShared", OpenShared);
  Export(env, exports, "retireAtEnd", RetireAtEnd);
  Export(env, exports, "forkGuard", ForkGuard);
  Export(env, exports, "random64", Random64);
  Export(env, exports, "processStartTime", ProcessStartTime);
  Export(env, exports, "pidNamespace", PidNamespace);
  Export(env, exports, "processId", ProcessId);
  Export(env, exports, "threadId", ThreadId);
}

}  // namespace nprocs
