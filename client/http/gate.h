#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace lalanh::client {

/// What the gate looks at in a request. Views live as long as the call.
struct RequestFacts {
  std::string_view method;
  std::string_view target;      ///< as sent: path, query
  std::string_view host;        ///< "" where it is missing or given twice
  std::string_view origin;      ///< "" where it is missing
  std::string_view fetch_site;  ///< Sec-Fetch-Site
  std::string_view token;       ///< the header Lalanh-Token
  std::string_view cookie;      ///< the header Cookie
  std::string_view content_type;
};

/// A request that was let in.
struct Admitted {
  std::string target;      ///< without the token
  std::string set_cookie;  ///< value of Set-Cookie, or ""
  std::string redirect;    ///< not "": answer 303 with this Location
};

/// Decides who may talk to the program on 127.0.0.1, where every page of every browser on the
/// machine can reach it:
/// - Host must name the program itself, or a page whose name was made to resolve to 127.0.0.1
///   could read the register (421, trust.bad_host);
/// - the start token must be there, which only the user's own programs know: header Lalanh-Token,
///   or the cookie that a first GET with `?token=` sets (403, trust.bad_token);
/// - what is not GET or HEAD must not come from another site's page, for cookies do not tell ports
///   apart (403, trust.bad_host). Browsers before 2020 do not say where a form comes from, nor keep
///   a strict cookie back: there the cookie counts with JSON alone, which no form can send (403,
///   trust.bad_token).
/// Immutable, so thread-safe.
class Gate {
 public:
  Gate(std::uint16_t port, std::string token);

  Result<Admitted> admit(const RequestFacts& facts) const;

  /// The name of the cookie: it carries the port, since browsers send cookies to every port.
  const std::string& cookie_name() const { return cookie_name_; }
  /// The session of the page, in the header Cookie; "" where there is none. It carries the port
  /// too.
  std::string session_in(std::string_view cookies) const;
  /// The value of Set-Cookie that keeps a session, or ends the one that is kept ("").
  std::string keep_session(std::string_view session) const;
  /// "http://127.0.0.1:port/?token=...", for the user's browser.
  std::string start_address() const;

 private:
  bool is_own_host(std::string_view host) const;
  bool is_own_origin(std::string_view origin) const;
  bool is_token(std::string_view text) const;
  bool has_cookie(std::string_view header) const;

  std::string port_;
  std::string token_;
  std::string cookie_name_;
};

}  // namespace lalanh::client
