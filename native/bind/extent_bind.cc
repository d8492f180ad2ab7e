// The functions of src/native/extent-native.ts.
#include "bind/external_buffer.h"
#include "bind/napi_util.h"
#include "os/out_of_band.h"
#include "os/extent.h"

namespace nprocs {

namespace {

// The first argument is a path or a descriptor.
bool IsDescriptor(napi_env env, napi_value file) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, file, &type);
  return type == napi_number;
}

napi_value Reserve(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  if (IsDescriptor(env, args.values[0])) return Int(env, os::ReserveExtent(args.Int(0), args.Int64(1), args.Int64(2)));
  return Int(env, os::ReserveExtent(args.Text(0).c_str(), args.Int64(1), args.Int64(2)));
}

napi_value Release(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  if (IsDescriptor(env, args.values[0])) return Int(env, os::ReleaseExtent(args.Int(0), args.Int64(1), args.Int64(2)));
  return Int(env, os::ReleaseExtent(args.Text(0).c_str(), args.Int64(1), args.Int64(2)));
}

void Unmap(napi_env, void* address, void* size) { os::UnmapExtent(address, reinterpret_cast<size_t>(size)); }

napi_value Map(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  const size_t size = args.Size(2);
  void* address = nullptr;
  const int error = IsDescriptor(env, args.values[0]) ? os::MapExtent(args.Int(0), args.Int64(1), size, &address)
                                                      : os::MapExtent(args.Text(0).c_str(), args.Int64(1), size, &address);
  if (error < 0) return Int(env, error);
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, address, size, Unmap, reinterpret_cast<void*>(size), &buffer) != napi_ok) {
    os::UnmapExtent(address, size);
    return Int(env, -ENOTSUP);
  }
  return buffer;
}

void FreeOutOfBand(void* received) { os::CloseOutOfBand(static_cast<os::OutOfBandFile*>(received)); }

// openOutOfBand(path, size, layout: Uint32Array) → buffer or -errno
napi_value OpenOutOfBand(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  const size_t size = args.Size(1);
  const Bytes view = args.View(2);
  if (view.size < 4 * sizeof(uint32_t)) return Int(env, -EINVAL);
  const auto* offsets = reinterpret_cast<const uint32_t*>(view.data);
  const os::OutOfBandLayout layout = {offsets[0], offsets[1], offsets[2], offsets[3]};
  os::OutOfBandFile* received = nullptr;
  if (const int error = os::OpenOutOfBand(args.Text(0).c_str(), layout, size, &received); error < 0) return Int(env, error);
  napi_value buffer = ExternalBuffer(env, os::OutOfBandData(received), size, FreeOutOfBand, received);
  // V8 knows of the memory, but looks only here whether it should collect some.
  int64_t total;
  napi_adjust_external_memory(env, static_cast<int64_t>(size), &total);
  napi_adjust_external_memory(env, -static_cast<int64_t>(size), &total);
  return buffer == nullptr ? Int(env, -ENOTSUP) : buffer;
}

napi_value OpenOutOfBandBytes(napi_env env, napi_callback_info) { return Number(env, static_cast<int64_t>(os::OpenOutOfBandBytes())); }

napi_value UnmapIdleOutOfBand(napi_env env, napi_callback_info info) {
  napi_value goes_on;
  napi_get_boolean(env, os::UnmapIdleOutOfBand(Args<1>(env, info).Int(0)), &goes_on);
  return goes_on;
}

// Other threads only map again what they need.
void UnmapAllIdle(void*) { os::UnmapIdleOutOfBand(0); }

}  // namespace

void InitExtent(napi_env env, napi_value exports) {
  Export(env, exports, "reserveExtent", Reserve);
  Export(env, exports, "mapExtent", Map);
  Export(env, exports, "releaseExtent", Release);
  Export(env, exports, "openOutOfBand", OpenOutOfBand);
  Export(env, exports, "openOutOfBandBytes", OpenOutOfBandBytes);
  Export(env, exports, "unmapIdleOutOfBand", UnmapIdleOutOfBand);
  napi_add_env_cleanup_hook(env, UnmapAllIdle, nullptr);
}

}  // namespace nprocs
