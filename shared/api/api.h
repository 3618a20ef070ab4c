#pragma once

#include "shared/api/http.h"

namespace lalanh {

class Node;

/// Syncs with the parent where heads were not compared yet since the start (`identity.md`, Servers
/// put back). Changes nothing where the parent cannot be reached. Without the node's lock.
void compare_first(Node& node);

/// The JSON API (`shared/api/openapi.json`): finds the route, takes the node's lock, answers.
/// Never throws: a failure is error_reply.
ApiReply handle_api(Node& node, const ApiRequest& request);

}  // namespace lalanh
