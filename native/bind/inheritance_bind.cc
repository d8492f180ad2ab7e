// The functions of src/native/inheritance-native.ts.
#include <cstring>

#include "bind/napi_util.h"
#include "os/inheritance.h"

namespace nprocs {
namespace {

// The attributes in a Uint8Array; false when it has another size.
bool AttributesOf(napi_env env, napi_value bytes, os::Attributes** out) {
  const Bytes view = BytesOf(env, bytes);
  *out = reinterpret_cast<os::Attributes*>(view.data);
  return view.size == sizeof(os::Attributes);
}

napi_value CredentialsStamp(napi_env env, napi_callback_info) { return Number(env, static_cast<int64_t>(os::CredentialsStamp())); }

napi_value AttributesSize(napi_env env, napi_callback_info) { return Int(env, sizeof(os::Attributes)); }

// readAttributes(into)
napi_value ReadAttributes(napi_env env, napi_callback_info info) {
  os::Attributes* into;
  if (!AttributesOf(env, Args<1>(env, info).values[0], &into)) return Int(env, -EINVAL);
  os::Attributes attributes;  // the array may lie anywhere
  os::ReadAttributes(&attributes);
  memcpy(static_cast<void*>(into), &attributes, sizeof attributes);
  return Int(env, 0);
}

// canTakeAttributes(from, to) → boolean
napi_value CanTakeAttributes(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  os::Attributes *from_bytes, *to_bytes, from, to;
  napi_value result;
  bool can = AttributesOf(env, args.values[0], &from_bytes) && AttributesOf(env, args.values[1], &to_bytes);
  if (can) {
    memcpy(static_cast<void*>(&from), from_bytes, sizeof from);
    memcpy(static_cast<void*>(&to), to_bytes, sizeof to);
    can = os::CanTake(from, to);
  }
  napi_get_boolean(env, can, &result);
  return result;
}

// takeAttributes(bytes) → 0 or -errno
napi_value TakeAttributes(napi_env env, napi_callback_info info) {
  os::Attributes *bytes, attributes;
  if (!AttributesOf(env, Args<1>(env, info).values[0], &bytes)) return Int(env, -EINVAL);
  memcpy(static_cast<void*>(&attributes), bytes, sizeof attributes);
  return Int(env, os::TakeAttributes(attributes));
}

}  // namespace

void InitInheritance(napi_env env, napi_value exports) {
  Export(env, exports, "credentialsStamp", CredentialsStamp);
  Export(env, exports, "attributesSize", AttributesSize);
  Export(env, exports, "readAttributes", ReadAttributes);
  Export(env, exports, "canTakeAttributes", CanTakeAttributes);
  Export(env, exports, "takeAttributes", TakeAttributes);
}

}  // namespace nprocs
