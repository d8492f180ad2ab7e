// Descriptors that wait to be fetched by another process.
#include "bind/napi_util.h"
#include "os/handover.h"

namespace nprocs {
namespace {

napi_value HandoverAddress(napi_env env, napi_callback_info) {
  char address[os::kTicketLength];
  os::HandoverAddress(address);
  return String(env, address, sizeof address);
}

napi_value OfferDescriptor(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  const std::string ticket = args.Text(0), channel = args.Text(2);
  if (ticket.size() != os::kTicketLength) return Int(env, -EINVAL);
  return Int(env, os::OfferDescriptor(ticket.c_str(), args.Int(1), channel.c_str()));
}

napi_value WithdrawDescriptor(napi_env env, napi_callback_info info) {
  return Int(env, os::WithdrawDescriptor(Args<1>(env, info).Text(0).c_str()));
}

napi_value CountOffers(napi_env env, napi_callback_info info) {
  return Int(env, os::CountOffers(Args<1>(env, info).Text(0).c_str()));
}

napi_value FetchDescriptor(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  const std::string address = args.Text(0), ticket = args.Text(1);
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
