#include "server/http/request_head.h"

#include <algorithm>
#include <charconv>

namespace lalanh::server {
namespace {

Error malformed(const char* why) { return Error(ErrorCode::http_malformed, {{"why", why}}); }

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

/// Printable, without space: what a target may hold. Bytes above ASCII must come escaped.
bool is_target(std::string_view text) {
  return !text.empty() && text.front() == '/' &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Cuts the next line off `rest`; false where no CR LF ends it.
bool next_line(std::string_view& rest, std::string_view& line) {
  const std::size_t end = rest.find("\r\n");
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return true;
}

Status parse_request_line(std::string_view line, RequestHead& out) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return malformed("request line");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || method.size() > 16) return malformed("method");
  if (!is_target(target)) return malformed("target");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return malformed("version");
  out.method = method;
  out.target = target;
  out.minor_version = version.back() - '0';
  return {};
}

}  // namespace

std::string_view RequestHead::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

bool RequestHead::has(std::string_view name) const {
  return std::ranges::any_of(fields, [&](const auto& f) { return f.first == name; });
}

bool RequestHead::keep_alive() const {
  const std::string connection = lower(field("connection"));
  if (connection.find("close") != std::string::npos) return false;
  return minor_version == 1 || connection.find("keep-alive") != std::string::npos;
}

Result<RequestHead> parse_request_head(std::string_view bytes) {
  RequestHead head;
  std::string_view line;
  if (!next_line(bytes, line)) return malformed("request line");
  TRY(parse_request_line(line, head));
  while (next_line(bytes, line)) {
    if (line.empty()) {
      if (!bytes.empty()) return malformed("bytes after the head");
      return head;
    }
    if (head.fields.size() == kHeadFieldsMax) return malformed("too many header fields");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return malformed("header field");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!is_token(name) || !is_value(value)) return malformed("header field");
    head.fields.emplace_back(lower(name), value);
  }
  return malformed("end of the head");
}

Result<std::optional<std::uint64_t>> content_length(const RequestHead& head) {
  const auto named =
      std::ranges::count_if(head.fields, [](const auto& f) { return f.first == "content-length"; });
  if (named == 0) return std::optional<std::uint64_t>();
  if (named > 1 || head.has("transfer-encoding")) return malformed("Content-Length");
  const std::string_view text = head.field("content-length");
  std::uint64_t length = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) {
    return malformed("Content-Length");
  }
  return std::optional<std::uint64_t>(length);
}

}  // namespace lalanh::server
