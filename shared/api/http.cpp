#include "shared/api/http.h"

#include <charconv>

#include "shared/base/cbor.h"
#include "shared/base/limits.h"
#include "shared/catalogue/json_writer.h"

namespace lalanh {
namespace {

constexpr int kRetryAfterDefaultS = 2;
constexpr int kRetryAfterMaxS = 3'600;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// One part of a target without its escapes. `plus_is_space`: as forms write queries.
bool decode(std::string_view part, bool plus_is_space, std::string& out) {
  out.clear();
  out.reserve(part.size());
  for (std::size_t i = 0; i < part.size(); ++i) {
    const char c = part[i];
    if (c == '%') {
      if (i + 2 >= part.size()) return false;
      const int high = hex_digit(part[i + 1]);
      const int low = hex_digit(part[i + 2]);
      if (high < 0 || low < 0) return false;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else if (c == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (c == '#' || static_cast<unsigned char>(c) <= ' ' || c == '\x7f') {
      return false;  // a fragment is never sent; blanks and controls end or break a request line
    } else {
      out.push_back(c);
    }
  }
  return cbor::valid_utf8(out);
}

bool split_query(std::string_view text, ApiRequest& out) {
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    std::pair<std::string, std::string> decoded;
    if (!decode(pair.substr(0, equals), true, decoded.first)) return false;
    if (!decode(value, true, decoded.second)) return false;
    out.query.push_back(std::move(decoded));
  }
  return true;
}

int status_of_domain(std::string_view domain) {
  if (domain == "trust" || domain == "accounts") return 403;
  if (domain == "register") return 409;
  if (domain == "sync") return 502;
  if (domain == "store" || domain == "system") return 500;
  return 400;  // input, format, http and whatever comes
}

int status_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::input_too_large:
    case ErrorCode::format_limit:
    case ErrorCode::http_too_large: return 413;
    case ErrorCode::accounts_exists:
    case ErrorCode::accounts_last_one:
    case ErrorCode::accounts_none:
    case ErrorCode::input_nothing_to_do:
    case ErrorCode::input_not_settled:
    case ErrorCode::trust_not_enrolled:
    case ErrorCode::sync_no_parent:
    case ErrorCode::sync_is_top:
    case ErrorCode::sync_running:
    case ErrorCode::system_exists: return 409;
    case ErrorCode::accounts_sign_in:
    case ErrorCode::accounts_wrong_password:
    case ErrorCode::trust_unknown_certificate:
    case ErrorCode::trust_bad_request_signature: return 401;
    case ErrorCode::trust_bad_host: return 421;
    case ErrorCode::accounts_not_found:
    case ErrorCode::http_not_found:
    case ErrorCode::register_not_found:
    case ErrorCode::register_unknown_unit: return 404;
    case ErrorCode::http_method: return 405;
    case ErrorCode::http_timeout: return 408;
    case ErrorCode::accounts_too_many_tries:
    case ErrorCode::http_busy:
    case ErrorCode::sync_busy:
    case ErrorCode::store_busy:
    case ErrorCode::store_locked:
    case ErrorCode::system_cancelled: return 503;
    case ErrorCode::bundle_no_space:
    case ErrorCode::bundle_stick:
    case ErrorCode::store_full:
    case ErrorCode::store_read_only: return 507;
    default: return status_of_domain(error.domain());
  }
}

int retry_after_s(const Error& error) {
  const std::string_view text = error.value("seconds");
  int seconds = 0;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, seconds);
  if (read.ec != std::errc() || read.ptr != end || seconds < 0) return kRetryAfterDefaultS;
  return seconds < kRetryAfterMaxS ? seconds : kRetryAfterMaxS;
}

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

}  // namespace

bool split_target(std::string_view target, ApiRequest& out) {
  out.path.clear();
  out.query.clear();
  if (target.size() > limits::kApiPathBytesMax || target.empty() || target.front() != '/') {
    return false;
  }
  const std::size_t mark = target.find('?');
  if (!decode(target.substr(0, mark), false, out.path)) return false;
  return mark == std::string_view::npos || split_query(target.substr(mark + 1), out);
}

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

ApiReply error_reply(const Error& error) {
  ApiReply reply;
  reply.status = status_of(error);
  if (reply.status == 503) reply.retry_after_s = retry_after_s(error);
  JsonWriter json(reply.body);
  json.begin_object().key("error").begin_object();
  json.text("name", error.name());
  json.key("message").begin_object();
  json.text("vi", error.message(Language::kVietnamese));
  json.text("en", error.message(Language::kEnglish));
  json.end_object();
  json.key("context").begin_object();
  for (const auto& [name, value] : error.context) json.text(name, value);
  json.end_object().end_object().end_object();
  return reply;
}

}  // namespace lalanh
