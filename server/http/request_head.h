#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/result.h"

namespace lalanh::server {

/// The request line and the header fields of one HTTP/1.x request. Owns its text.
struct RequestHead {
  std::string method;
  std::string target;                                       ///< as sent, starts with "/"
  int minor_version = 1;                                    ///< of HTTP/1.x: 0 or 1
  std::vector<std::pair<std::string, std::string>> fields;  ///< names in lower case, values trimmed

  /// The first value of a field (`name` in lower case), or "".
  std::string_view field(std::string_view name) const;
  bool has(std::string_view name) const;
  /// Does the client want the connection kept? By version and the field Connection.
  bool keep_alive() const;
};

/// Reads a head that ends with an empty line (included in `bytes`). Strict, since a proxy may stand
/// before us and two readings of one request are an attack: CR LF only, no folded lines, no space
/// before a colon, no control characters, at most kHeadFieldsMax fields.
/// http.malformed with the reason. Pure.
Result<RequestHead> parse_request_head(std::string_view bytes);

/// Fields of one head: a browser sends about 15, ours 3.
inline constexpr std::size_t kHeadFieldsMax = 64;

/// The length of the body that follows; nullopt where none is named. http.malformed where it is
/// sent twice, is not a number, or comes together with Transfer-Encoding.
Result<std::optional<std::uint64_t>> content_length(const RequestHead& head);

}  // namespace lalanh::server
