#pragma once

#include <span>
#include <string_view>

#include "shared/api/call.h"

namespace lalanh {

/// One operation of the JSON API; `pattern` as in openapi.json.
/// Handlers that are nullptr run outside of the node's lock.
struct ApiRoute {
  std::string_view method;
  std::string_view pattern;
  Handler handler;
};

/// Every route, for the router and for the test that compares it with openapi.json.
std::span<const ApiRoute> api_routes();

}  // namespace lalanh
