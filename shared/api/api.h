#pragma once

#include "shared/api/http.h"

namespace lalanh {

class Node;

/// The JSON API (`shared/api/openapi.json`): finds the route, takes the node's lock, answers.
/// Never throws: a failure is error_reply.
ApiReply handle_api(Node& node, const ApiRequest& request);

}  // namespace lalanh
