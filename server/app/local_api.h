#pragma once

#include <string>

#include "server/app/serve_file.h"
#include "shared/api/http.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh::server {

/// Asks a running server on this machine. A reply of any status is a value. sync.unreachable where
/// nothing listens there; sync.cut, sync.protocol.
Result<ApiReply> ask_running(const ServeFile& serve, const ApiRequest& request, Clock& clock);

/// The target of a request line for a path and a query, escaped.
std::string target_of(const ApiRequest& request);

/// The stable name of the error in a reply of the JSON API, "" where it is none.
std::string error_name_of(const ApiReply& reply);

}  // namespace lalanh::server
