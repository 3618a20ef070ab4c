#pragma once

#include "shared/accounts/roles.h"
#include "shared/api/call.h"

/// Inside shared/api: who may make a call, and the record of what was read.
namespace lalanh {

/// Finds who acts and sets it in the call; then checks the table of roles: his role, the unit that
/// the call concerns against his own, and the certificate of this device, beyond which no session
/// goes. What the call concerns, for the record: an entry's id, a unit or a login, never a value.
/// Errors: accounts.sign_in, accounts.disabled, accounts.not_allowed, accounts.other_unit,
/// accounts.device_not_allowed, and those of finding the entry or the unit.
Result<std::string> authorize(Call& call, const Operation& operation);

/// Before a call that changes accounts: the record can be written, or nothing is changed. The first
/// account gives the node a key, while this record of its is open in the clear still: store.*
Status prepare_note(Call& call, const Operation& operation);
/// Writes down a call that reads sensitive fields, exports, or has changed accounts. Where that is
/// not possible, nothing is shown: store.*
Status note(Call& call, const Operation& operation, const std::string& what);

}  // namespace lalanh
