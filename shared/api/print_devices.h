#pragma once

#include <optional>
#include <string>

#include "shared/api/print_events.h"

namespace lalanh {

/// Replies about devices, tickets and what is set aside, in words; nothing where the command is
/// about something else.
std::optional<std::string> device_text(const EventWords& words, const std::string& first,
                                       const std::string& second, const JsonValue& reply);
/// Machines that were copied, a line each; "" where there are none.
std::string copied_lines(const Words& words, const JsonValue& reply);

}  // namespace lalanh
