#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "shared/api/http.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "sync/link/http_connection.h"

namespace lalanh::sync {

/// Hands a command's work to the `serve` that has the database open. One connection, kept from
/// one request to the next. Not thread-safe.
class LocalClient {
 public:
  /// Port and token are those of its `serve.json`. `clock` outlives it. `stopped` is asked while it
  /// waits; may be empty.
  LocalClient(std::uint16_t port, std::string token, Clock& clock,
              std::function<bool()> stopped = {});

  /// Sends `request` (its actor is not sent: the server knows who sits there) and waits
  /// `deadline_ms` for the reply at most. A reply of any status is a value. Errors:
  /// sync.unreachable where nothing listens (a `serve.json` left over), sync.cut where the reply
  /// did not come whole (the work may be done or not), sync.protocol, system.cancelled.
  Result<ApiReply> request(const ApiRequest& request, std::int64_t deadline_ms);

 private:
  const HostPort address_;
  const std::string token_;
  HttpConnection connection_;
};

}  // namespace lalanh::sync
