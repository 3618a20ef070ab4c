#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/error.h"

namespace lalanh {

/// A bounded request of the JSON API, as an HTTP adapter hands it over: no socket, no header.
struct ApiRequest {
  std::string method;  ///< "GET", "POST", ...
  std::string path;    ///< decoded, without query, such as "/api/households"
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order
  std::string body;
  /// The person who asks, name and office as shown; "" for the node's own. Where the node has
  /// users, whoever is signed in acts, and another name is refused.
  std::string actor;
  /// Who is signed in: the token of a session, or a proof (`Desk`); from the header Lalanh-Session
  /// or the page's cookie.
  std::string session;
  Language language = Language::kVietnamese;
};

struct ApiReply {
  int status = 200;
  std::string body;
  std::string content_type = "application/json; charset=utf-8";
  /// Seconds after which to try again (with 503).
  std::optional<int> retry_after_s;
  /// For the page's cookie: the token of a session that has begun, or "" for one that has ended.
  std::optional<std::string> session;
};

/// Decodes a request target ("/api/x?a=b%20c") into path and query; false where it is malformed
/// (bad escape, not UTF-8, NUL, too long). Both adapters use it.
bool split_target(std::string_view target, ApiRequest& out);

/// The target of a path and a query, the reverse of split_target: what is not a letter, a digit or
/// one of "-._~/" is written in percent.
std::string target_of(const ApiRequest& request);

/// The error reply that every adapter and handler gives: {"error":{"name","message":{"vi","en"},
/// "context":{...}}}, with the HTTP status that fits its domain.
ApiReply error_reply(const Error& error);

}  // namespace lalanh
