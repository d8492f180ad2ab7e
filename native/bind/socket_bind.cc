// Stream sockets.
#include "bind/napi_util.h"
#include "os/socket.h"

namespace nprocs {

namespace {

// The part [offset, offset + size) of a view. False when it is not within.
bool PartOf(const Args<4>& args, Bytes* part) {
  *part = args.View(1);
  const double offset = args.Double(2);
  const double size = args.Double(3);
  if (!(offset >= 0 && size >= 0 && offset + size <= static_cast<double>(part->size))) return false;
  part->data += static_cast<size_t>(offset);
  part->size = static_cast<size_t>(size);
  return true;
}

napi_value UnixListen(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  const Bytes path = args.View(0);
  return Int(env, os::UnixListen(reinterpret_cast<const char*>(path.data), path.size, args.Int(1)));
}

napi_value UnixConnect(napi_env env, napi_callback_info info) {
  const Bytes path = Args<1>(env, info).View(0);
  return Int(env, os::UnixConnect(reinterpret_cast<const char*>(path.data), path.size));
}

napi_value TcpListen(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  return Int(env, os::TcpListen(args.Text(0).c_str(), static_cast<uint16_t>(args.Uint(1)), args.Int(2)));
}

napi_value TcpConnect(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  return Int(env, os::TcpConnect(args.Text(0).c_str(), static_cast<uint16_t>(args.Uint(1))));
}

napi_value SocketError(napi_env env, napi_callback_info info) { return Int(env, os::SocketError(Args<1>(env, info).Int(0))); }

napi_value Accept(napi_env env, napi_callback_info info) { return Int(env, os::Accept(Args<1>(env, info).Int(0))); }

// The functions that read or write a part of a view: (fd, view, offset, size) → how many bytes, or -errno.
template <typename Transfer>
napi_value TransferPart(napi_env env, napi_callback_info info, Transfer transfer) {
  Args<4> args(env, info);
  Bytes part;
  if (!PartOf(args, &part)) return Int(env, -EINVAL);
  return Number(env, transfer(args.Int(0), part.data, part.size));
}

napi_value Receive(napi_env env, napi_callback_info info) { return TransferPart(env, info, os::Receive); }
napi_value Peek(napi_env env, napi_callback_info info) { return TransferPart(env, info, os::Peek); }
napi_value Send(napi_env env, napi_callback_info info) { return TransferPart(env, info, os::Send); }

// The path (bytes) or { host, port }; -errno when there is none.
napi_value SocketName(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  os::SocketName name;
  if (const int error = os::NameOfSocket(args.Int(0), args.Bool(1), &name); error < 0) return Int(env, error);
  napi_value result;
  if (name.family == os::SocketName::kUnix) {
    napi_create_buffer_copy(env, name.length, name.text, nullptr, &result);
    return result;
  }
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "host", String(env, name.text, name.length));
  napi_set_named_property(env, result, "port", Int(env, name.port));
  return result;
}

napi_value PeerUser(napi_env env, napi_callback_info info) {
  return Number(env, os::PeerUser(Args<1>(env, info).Int(0)));
}

// The numeric address, or a getaddrinfo error as a negative number.
napi_value ResolveHost(napi_env env, napi_callback_info info) {
  char numeric[64];
  const int result = os::ResolveHost(Args<1>(env, info).Text(0).c_str(), numeric, sizeof numeric);
  return result < 0 ? Int(env, result) : String(env, numeric);
}

}  // namespace

void InitSocket(napi_env env, napi_value exports) {
  Export(env, exports, "unixListen", UnixListen);
  Export(env, exports, "unixConnect", UnixConnect);
  Export(env, exports, "tcpListen", TcpListen);
  Export(env, exports, "tcpConnect", TcpConnect);
  Export(env, exports, "socketError", SocketError);
  Export(env, exports, "socketAccept", Accept);
  Export(env, exports, "socketReceive", Receive);
  Export(env, exports, "socketPeek", Peek);
  Export(env, exports, "socketSend", Send);
  Export(env, exports, "socketName", SocketName);
  Export(env, exports, "socketPeerUser", PeerUser);
  Export(env, exports, "resolveHost", ResolveHost);
}

}  // namespace nprocs
