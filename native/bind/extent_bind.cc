#include <string>

#include "bind/napi_util.h"
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

struct View {
  const void* data = nullptr;
  size_t size = 0;
};

// The bytes of a Uint8Array.
View ViewOf(napi_env env, napi_value value) {
  napi_typedarray_type type;
  View view;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &view.size, &data, nullptr, nullptr) != napi_ok) return {};
  view.data = data;
  return view;
}

napi_value Write(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  const View head = ViewOf(env, args.values[2]);
  const View data = ViewOf(env, args.values[3]);
  return ResultOrErrno(env, os::WriteFile(TextOf(env, args.values[0]).c_str(), TextOf(env, args.values[1]).c_str(), head.data, head.size,
                                          data.data, data.size));
}

}  // namespace

void InitExtent(napi_env env, napi_value exports) {
  Export(env, exports, "reserveExtent", Reserve);
  Export(env, exports, "mapExtent", Map);
  Export(env, exports, "releaseExtent", Release);
  Export(env, exports, "writeFile", Write);
}

}  // namespace nprocs
