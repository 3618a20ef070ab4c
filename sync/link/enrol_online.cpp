#include "sync/link/enrol_online.h"

#include "shared/base/limits.h"
#include "sync/link/http_link.h"
#include "sync/session/frame.h"

namespace lalanh::sync {
namespace {

constexpr std::int64_t kExchangeMs = 60'000;
constexpr int kOk = 200;

Result<Bytes> ask(const HostPort& address, const Ticket& ticket, ByteView request, Clock& clock,
                  const std::function<bool()>& stopped) {
  HttpLinkOptions options;
  options.parent = address;
  options.parent_key = ticket.parent.device().key;
  options.clock = &clock;
  options.stopped = stopped;
  HttpLink link(options);
  TRY_ASSIGN(LinkReply reply, link.post(kPathEnrol, request, kExchangeMs));
  if (!reply.complete) return *reply.cut;
  if (reply.status == kOk) return std::move(reply.body);
  if (reply.error_name == "http.busy" || reply.error_name == "sync.busy") {
    return Error{ErrorCode::sync_busy,
                 {{"seconds", std::to_string(reply.retry_after_s.value_or(10))}}};
  }
  const std::optional<Error> named = error_of_name(reply.error_name);
  if (named) return *named;
  return Error{ErrorCode::sync_refused, {{"why", reply.error_name}}};
}

}  // namespace

Result<Bytes> enrol_online(const Ticket& ticket, ByteView request, Clock& clock,
                           const std::function<bool()>& stopped) {
  Error last(ErrorCode::sync_no_parent);
  for (const std::string& text : ticket.addresses) {
    TRY_ASSIGN(const HostPort address, host_port_from_text(text, "ticket"));
    Result<Bytes> answer = ask(address, ticket, request, clock, stopped);
    if (answer.ok()) return answer;
    last = answer.error();
    // Where the parent itself has answered, another of its addresses says the same.
    const bool elsewhere =
        last.code == ErrorCode::sync_unreachable || last.code == ErrorCode::sync_not_tls ||
        last.code == ErrorCode::trust_other_server || last.code == ErrorCode::trust_not_our_server;
    if (!elsewhere) break;
  }
  return last;
}

}  // namespace lalanh::sync
