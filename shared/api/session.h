#pragma once

#include "shared/accounts/desk.h"
#include "shared/api/http.h"

namespace lalanh {

/// POST, GET and DELETE /api/session: the only calls that need no session, and that work while the
/// database is locked. `desk` may be nullptr: a node without users. Takes the time of a password,
/// without the node's lock.
ApiReply answer_session(Desk* desk, const ApiRequest& request);

}  // namespace lalanh
