#pragma once

#include "shared/api/print_events.h"

namespace lalanh {

/// What was written to a stick, in words.
std::string bundles_written(const Words& words, const JsonValue& reply);
/// What lies on a stick, and what was taken from it, in words.
std::string bundles_read(const Words& words, const JsonValue& reply);

}  // namespace lalanh
