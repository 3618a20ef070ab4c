#include "client/http/local_client.h"

#include "shared/base/limits.h"

namespace lalanh::client {
namespace {

/// The longest reply: an export of a commune.
constexpr std::size_t kReplyBytesMax = limits::kCsvBytesMax;
/// On this machine: it is there or it is not.
constexpr std::int64_t kConnectMs = 5'000;
/// A sync in work sends nothing until it has ended: the deadline alone limits the wait.
constexpr std::int64_t kIdleMs = std::int64_t{1} << 40U;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void append_escaped(std::string& out, std::string_view text, bool slash_stays) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_plain(c) || (slash_stays && c == '/')) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 15U]);
  }
}

sync::HostPort address_of(const ServeFile& serve) { return {"127.0.0.1", serve.port}; }

}  // namespace

std::string target_of(const ApiRequest& request) {
  std::string out;
  append_escaped(out, request.path, true);
  char joint = '?';
  for (const auto& [name, value] : request.query) {
    out.push_back(joint);
    append_escaped(out, name, false);
    out.push_back('=');
    append_escaped(out, value, false);
    joint = '&';
  }
  return out;
}

LocalClient::LocalClient(const ServeFile& serve, Clock& clock, std::function<bool()> stopped)
    : host_(sync::to_text(address_of(serve))),
      token_(serve.token),
      connection_(sync::make_plain_stream(address_of(serve), clock, std::move(stopped)), clock,
                  {kConnectMs, kIdleMs}) {}

Result<ApiReply> LocalClient::request(const ApiRequest& request, std::int64_t deadline_ms) {
  const bool english = request.language == Language::kEnglish;
  std::string head = request.method + " " + target_of(request) + " HTTP/1.1\r\n";
  head += "Host: " + host_ + "\r\n";
  head += "Lalanh-Token: " + token_ + "\r\n";
  head += std::string("Accept-Language: ") + (english ? "en" : "vi") + "\r\n";
  head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
  TRY_ASSIGN(sync::HttpAnswer answer,
             connection_.exchange(head, as_bytes(request.body), kReplyBytesMax, deadline_ms));
  if (!answer.complete) return *answer.cut;
  ApiReply reply;
  reply.status = answer.status;
  reply.body = std::string(as_text(answer.body));
  reply.content_type = std::move(answer.content_type);
  reply.retry_after_s = answer.retry_after_s;
  return reply;
}

}  // namespace lalanh::client
