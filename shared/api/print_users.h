#pragma once

#include "shared/api/print_events.h"

namespace lalanh {

/// The accounts of a machine, in words.
std::string users_listed(const Words& words, const JsonValue& reply);
/// Who read and exported what, in words.
std::string audit_listed(const Words& words, const JsonValue& reply);

}  // namespace lalanh
