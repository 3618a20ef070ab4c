#pragma once

#include <optional>
#include <string>

#include "shared/api/print_events.h"

namespace lalanh {

/// Replies about devices, tickets and what is set aside, in words; nothing where the command is
/// about something else.
std::optional<std::string> device_text(const EventWords& words, const std::string& first,
                                       const std::string& second, const JsonValue& reply);
/// Of a sync: that the parent holds less than it had confirmed; else "".
std::string taken_back(const Words& words, const JsonValue& reply);
/// What the tiers above the parent have of what was written here, a line each.
std::string tier_lines(const Words& words, const JsonValue& status);
/// Machines that were copied, a line each; "" where there are none.
std::string copied_lines(const Words& words, const JsonValue& reply);

}  // namespace lalanh
