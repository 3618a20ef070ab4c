#include "sync/link/local_client.h"

#include "shared/base/limits.h"

namespace lalanh::sync {
namespace {

/// The longest reply: an export of a commune.
constexpr std::size_t kReplyBytesMax = limits::kCsvBytesMax;
/// On this machine: it is there or it is not.
constexpr std::int64_t kConnectMs = 5'000;
/// A sync in work sends nothing until it has ended: the deadline alone limits the wait.
constexpr std::int64_t kIdleMs = std::int64_t{1} << 40U;

}  // namespace

LocalClient::LocalClient(std::uint16_t port, std::string token, Clock& clock,
                         std::function<bool()> stopped)
    : address_{"127.0.0.1", port},
      token_(std::move(token)),
      connection_(make_plain_stream(address_, clock, std::move(stopped)), clock,
                  {kConnectMs, kIdleMs}) {}

Result<ApiReply> LocalClient::request(const ApiRequest& request, std::int64_t deadline_ms) {
  const bool english = request.language == Language::kEnglish;
  std::string head = request.method + " " + target_of(request) + " HTTP/1.1\r\n";
  head += "Host: " + to_text(address_) + "\r\n";
  head += "Lalanh-Token: " + token_ + "\r\n";
  if (!request.session.empty()) head += "Lalanh-Session: " + request.session + "\r\n";
  head += std::string("Accept-Language: ") + (english ? "en" : "vi") + "\r\n";
  head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
  TRY_ASSIGN(HttpAnswer answer,
             connection_.exchange(head, as_bytes(request.body), kReplyBytesMax, deadline_ms));
  if (!answer.complete) return *answer.cut;
  ApiReply reply;
  reply.status = answer.status;
  reply.body = std::string(as_text(answer.body));
  reply.content_type = std::move(answer.content_type);
  reply.retry_after_s = answer.retry_after_s;
  return reply;
}

}  // namespace lalanh::sync
