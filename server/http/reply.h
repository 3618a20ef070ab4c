#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/api/http.h"
#include "shared/base/bytes.h"
#include "shared/base/error.h"

namespace lalanh::server {

/// A whole reply, built before its first byte is sent: a status cannot be changed afterwards.
struct Reply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields;  ///< besides Content-Length, Connection
  Bytes body;
};

/// As sent: status line, Content-Length, `Connection: close` where the connection ends, the fields,
/// the body. No Date, Server, Content-Type or Keep-Alive of its own: an idle sync has 400 bytes
/// both ways in all. `with_body` is false for HEAD.
std::string render(const Reply& reply, bool close, bool with_body);

/// 200 with a sync message as it is: Content-Length and nothing else.
Reply sync_reply(Bytes body);
/// An error of `/s/`: its status, the header `Lalanh-Error` with its stable name, no body.
/// Retry-After where the context has "seconds".
Reply sync_error(const Error& error, int status);
/// A reply of the JSON API with the header fields of private data: never stored, never sniffed.
Reply api_reply(const ApiReply& reply);
/// `error_reply` of shared/api with a status of the adapter's own.
Reply api_error(const Error& error, int status);
Reply text_reply(int status, std::string_view content_type, std::string_view body);

}  // namespace lalanh::server
