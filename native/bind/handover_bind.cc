// Descriptors that wait to be fetched by another process.
#include <string>

#include "bind/napi_util.h"
#include "os/handover.h"

namespace nprocs {
namespace {

std::string Text(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return {};
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

napi_value HandoverAddress(napi_env env, napi_callback_info) {
  char address[os::kTicketLength];
  os::HandoverAddress(address);
  napi_value out;
  napi_create_string_latin1(env, address, sizeof address, &out);
  return out;
}

napi_value OfferDescriptor(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  const std::string ticket = Text(env, args.values[0]), carrier = Text(env, args.values[2]);
  if (ticket.size() != os::kTicketLength) return Int(env, -EINVAL);
  return Int(env, os::OfferDescriptor(ticket.c_str(), args.Int(1), carrier.c_str()));
}

napi_value WithdrawDescriptor(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  return Int(env, os::WithdrawDescriptor(Text(env, args.values[0]).c_str()));
}

napi_value CountOffers(napi_env env, napi_callback_info info) {
  return Int(env, os::CountOffers(Text(env, Args<1>(env, info).values[0]).c_str()));
}

napi_value FetchDescriptor(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  const std::string address = Text(env, args.values[0]), ticket = Text(env, args.values[1]);
  if (address.size() != os::kTicketLength || ticket.size() != os::kTicketLength) return Int(env, -EINVAL);
  return Int(env, os::FetchDescriptor(address.c_str(), ticket.c_str(), args.Double(2)));
}

}  // namespace

void InitHandover(napi_env env, napi_value exports) {
  Export(env, exports, "handoverAddress", HandoverAddress);
  Export(env, exports, "offerDescriptor", OfferDescriptor);
  Export(env, exports, "withdrawDescriptor", WithdrawDescriptor);
  Export(env, exports, "countOffers", CountOffers);
  Export(env, exports, "fetchDescriptor", FetchDescriptor);
}

}  // namespace nprocs
