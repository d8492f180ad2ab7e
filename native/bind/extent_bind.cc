#include <string>

#include "bind/external_buffer.h"
#include "bind/napi_util.h"
#include "os/cargo.h"
#include "os/extent.h"

namespace nprocs {

namespace {

std::string TextOf(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return {};
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

napi_value Reserve(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  return ResultOrErrno(env, os::ReserveExtent(TextOf(env, args.values[0]).c_str(), static_cast<int64_t>(args.Double(1)),
                                              static_cast<int64_t>(args.Double(2))));
}

napi_value Release(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  return ResultOrErrno(env, os::ReleaseExtent(TextOf(env, args.values[0]).c_str(), static_cast<int64_t>(args.Double(1)),
                                              static_cast<int64_t>(args.Double(2))));
}

void Unmap(napi_env, void* address, void* size) { os::UnmapExtent(address, reinterpret_cast<size_t>(size)); }

napi_value Map(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  const auto size = static_cast<size_t>(args.Double(2));
  void* address = nullptr;
  if (os::MapExtent(TextOf(env, args.values[0]).c_str(), static_cast<int64_t>(args.Double(1)), size, &address) < 0) {
    return ResultOrErrno(env, -1);
  }
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, address, size, Unmap, reinterpret_cast<void*>(size), &buffer) != napi_ok) {
    os::UnmapExtent(address, size);
    return Int(env, -ENOTSUP);
  }
  return buffer;
}

void FreeCargo(void* cargo) { os::CloseCargo(static_cast<os::Cargo*>(cargo)); }

// openCargo(path, size, layout: Uint32Array) → buffer or -errno
napi_value OpenCargo(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  const auto size = static_cast<size_t>(args.Double(1));
  size_t count = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, args.values[2], nullptr, &count, &data, nullptr, nullptr) != napi_ok || count < 4) return Int(env, -EINVAL);
  const auto* offsets = static_cast<const uint32_t*>(data);
  const os::CargoLayout layout = {offsets[0], offsets[1], offsets[2], offsets[3]};
  os::Cargo* cargo = os::OpenCargo(TextOf(env, args.values[0]).c_str(), layout, size);
  if (cargo == nullptr) return ResultOrErrno(env, -1);
  napi_value buffer = ExternalBuffer(env, os::CargoData(cargo), size, FreeCargo, cargo);
  // V8 knows of the memory, but looks only here whether it should collect some.
  int64_t total;
  napi_adjust_external_memory(env, static_cast<int64_t>(size), &total);
  napi_adjust_external_memory(env, -static_cast<int64_t>(size), &total);
  return buffer == nullptr ? Int(env, -ENOTSUP) : buffer;
}

napi_value OpenCargoBytes(napi_env env, napi_callback_info) { return Number(env, static_cast<double>(os::OpenCargoBytes())); }

napi_value UnmapIdleCargo(napi_env env, napi_callback_info info) {
  napi_value goes_on;
  napi_get_boolean(env, os::UnmapIdleCargo(Args<1>(env, info).Int(0)), &goes_on);
  return goes_on;
}

// Other threads only map again what they need.
void UnmapAllIdle(void*) { os::UnmapIdleCargo(0); }

}  // namespace

void InitExtent(napi_env env, napi_value exports) {
  Export(env, exports, "reserveExtent", Reserve);
  Export(env, exports, "mapExtent", Map);
  Export(env, exports, "releaseExtent", Release);
  Export(env, exports, "openCargo", OpenCargo);
  Export(env, exports, "openCargoBytes", OpenCargoBytes);
  Export(env, exports, "unmapIdleCargo", UnmapIdleCargo);
  napi_add_env_cleanup_hook(env, UnmapAllIdle, nullptr);
}

}  // namespace nprocs
