#include "client/http/gate.h"

#include <sodium.h>

namespace lalanh::client {
namespace {

constexpr std::string_view kTokenParameter = "token=";
constexpr std::string_view kApiPrefix = "/api/";
constexpr const char* kSessionSuffix = "-session";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_json(std::string_view content_type) {
  return lower(trimmed(content_type.substr(0, content_type.find(';')))) == "application/json";
}

/// Takes the parameter `token` out of a target; its value, or nothing.
std::optional<std::string> take_token(std::string_view target, std::string& rest) {
  const std::size_t mark = target.find('?');
  rest = std::string(target.substr(0, mark));
  if (mark == std::string_view::npos) return std::nullopt;
  std::optional<std::string> token;
  char joint = '?';
  std::string_view query = target.substr(mark + 1);
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (!token && pair.starts_with(kTokenParameter)) {
      token = std::string(pair.substr(kTokenParameter.size()));
      continue;
    }
    rest.push_back(joint);
    rest.append(pair);
    joint = '&';
  }
  return token;
}

Error bad_host(std::string_view host) {
  // Shown to the user, who wants no more of it than a line.
  return {ErrorCode::trust_bad_host, {{"host", std::string(host.substr(0, 100))}}};
}

}  // namespace

Gate::Gate(std::uint16_t port, std::string token)
    : port_(std::to_string(port)), token_(std::move(token)), cookie_name_("lalanh-" + port_) {
  CHECK(token_.size() >= 16);  // an empty one would let in everybody
}

std::string Gate::start_address() const {
  return "http://127.0.0.1:" + port_ + "/?" + std::string(kTokenParameter) + token_;
}

bool Gate::is_own_host(std::string_view host) const {
  const std::string given = lower(host);
  return given == "127.0.0.1:" + port_ || given == "localhost:" + port_;
}

bool Gate::is_own_origin(std::string_view origin) const {
  constexpr std::string_view kScheme = "http://";
  return origin.starts_with(kScheme) && is_own_host(origin.substr(kScheme.size()));
}

bool Gate::is_token(std::string_view text) const {
  // The length of a token is no secret; its bytes are compared in constant time.
  return text.size() == token_.size() &&
         sodium_memcmp(text.data(), token_.data(), token_.size()) == 0;
}

namespace {

/// Each value that the header gives to a name, until `take` has enough.
template <class Take>
bool any_cookie(std::string_view header, std::string_view name, Take take) {
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    const std::string_view pair = trimmed(header.substr(0, end));
    header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    if (take(pair.substr(equals + 1))) return true;
  }
  return false;
}

}  // namespace

bool Gate::has_cookie(std::string_view header) const {
  return any_cookie(header, cookie_name_,
                    [this](std::string_view value) { return is_token(value); });
}

std::string Gate::session_in(std::string_view cookies) const {
  std::string out;
  any_cookie(cookies, cookie_name_ + kSessionSuffix, [&](std::string_view value) {
    out = std::string(value);
    return true;
  });
  return out;
}

std::string Gate::keep_session(std::string_view session) const {
  std::string out = cookie_name_ + kSessionSuffix + "=" + std::string(session);
  out += "; Path=/; HttpOnly; SameSite=Strict";
  if (session.empty()) out += "; Max-Age=0";
  return out;
}

Result<Admitted> Gate::admit(const RequestFacts& facts) const {
  if (!is_own_host(facts.host)) return bad_host(facts.host);
  const bool reads = facts.method == "GET" || facts.method == "HEAD";
  const bool from_elsewhere = (!facts.origin.empty() && !is_own_origin(facts.origin)) ||
                              (!facts.fetch_site.empty() && facts.fetch_site != "same-origin" &&
                               facts.fetch_site != "none");
  if (!reads && from_elsewhere) {
    return bad_host(facts.origin.empty() ? facts.fetch_site : facts.origin);
  }
  Admitted out;
  const std::optional<std::string> in_target = take_token(facts.target, out.target);
  const bool says_where = !facts.origin.empty() || !facts.fetch_site.empty();
  const bool by_cookie = reads || says_where || is_json(facts.content_type);
  if (is_token(facts.token) || (by_cookie && has_cookie(facts.cookie))) return out;
  if (facts.method != "GET" || !in_target || !is_token(*in_target)) {
    return Error{ErrorCode::trust_bad_token};
  }
  out.set_cookie = cookie_name_ + "=" + token_ + "; Path=/; HttpOnly; SameSite=Strict";
  // A page is asked for again without the token, so that it does not stay in the address bar and
  // the history. The whole address: a path that begins with "//" would name another host.
  if (!out.target.starts_with(kApiPrefix)) {
    out.redirect = "http://" + std::string(facts.host) + out.target;
  }
  return out;
}

}  // namespace lalanh::client
