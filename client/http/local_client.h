#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "client/http/serve_file.h"
#include "shared/api/http.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "sync/link/http_connection.h"

namespace lalanh::client {

/// Hands a command's work to the `serve` that has the database open. One connection, kept from
/// one request to the next. Not thread-safe.
class LocalClient {
 public:
  /// `clock` outlives it. `stopped` is asked while it waits; may be empty.
  LocalClient(const ServeFile& serve, Clock& clock, std::function<bool()> stopped = {});

  /// Sends `request` (its actor is not sent: the server knows who sits there) and waits
  /// `deadline_ms` for the reply at most. A reply of any status is a value. Errors:
  /// sync.unreachable where nothing listens (a `serve.json` left over), sync.cut where the reply
  /// did not come whole (the work may be done or not), sync.protocol, system.cancelled.
  Result<ApiReply> request(const ApiRequest& request, std::int64_t deadline_ms);

 private:
  std::string host_;
  std::string token_;
  sync::HttpConnection connection_;
};

/// The request target of a path and a query, the reverse of split_target: what is not a letter, a
/// digit or one of "-._~/" is written in percent.
std::string target_of(const ApiRequest& request);

}  // namespace lalanh::client
