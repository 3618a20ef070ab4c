#include "server/app/local_api.h"

#include "shared/base/limits.h"
#include "shared/catalogue/json.h"
#include "sync/link/byte_stream.h"
#include "sync/link/http_connection.h"

namespace lalanh::server {
namespace {

constexpr std::int64_t kConnectMs = 5'000;
/// A verification of a province, or a long sync, answers only at its end.
constexpr std::int64_t kAnswerMs = 6 * 3'600'000;
constexpr std::size_t kReplyBytesMax = limits::kCsvBytesMax;

void append_escaped(std::string& out, std::string_view text, bool slash_stays) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && slash_stays);
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
}

}  // namespace

std::string target_of(const ApiRequest& request) {
  std::string out;
  append_escaped(out, request.path, true);
  char joint = '?';
  for (const auto& [name, value] : request.query) {
    out += joint;
    append_escaped(out, name, false);
    out += '=';
    append_escaped(out, value, false);
    joint = '&';
  }
  return out;
}

Result<ApiReply> ask_running(const ServeFile& serve, const ApiRequest& request, Clock& clock) {
  const sync::HostPort address{"127.0.0.1", serve.port};
  sync::HttpConnection connection(sync::make_plain_stream(address, clock, {}), clock,
                                  {kConnectMs, kAnswerMs});
  std::string head = request.method + " " + target_of(request) + " HTTP/1.1\r\n";
  head += "Host: " + sync::to_text(address) + "\r\nLalanh-Token: " + serve.token + "\r\n";
  head += request.language == Language::kEnglish ? "Accept-Language: en\r\n" : "";
  head += "Connection: close\r\n";
  head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
  TRY_ASSIGN(sync::HttpAnswer answer,
             connection.exchange(head, as_bytes(request.body), kReplyBytesMax, kAnswerMs));
  if (!answer.complete) return *answer.cut;
  ApiReply reply;
  reply.status = answer.status;
  reply.body = std::string(as_text(answer.body));
  reply.content_type = std::move(answer.content_type);
  reply.retry_after_s = answer.retry_after_s;
  return reply;
}

std::string error_name_of(const ApiReply& reply) {
  if (reply.status < 400) return {};
  const auto value = parse_json(reply.body, "reply");
  const JsonValue* error = value.ok() ? value->find("error") : nullptr;
  const JsonValue* name = error != nullptr ? error->find("name") : nullptr;
  const std::string* text = name != nullptr ? name->text() : nullptr;
  return text != nullptr ? *text : "system.internal";
}

}  // namespace lalanh::server
