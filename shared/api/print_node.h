#pragma once

#include "shared/api/print_words.h"
#include "shared/catalogue/json.h"

namespace lalanh {

// The node itself, in words.

std::string status_text(const Words& words, const JsonValue& reply);
std::string verify_text(const Words& words, const JsonValue& reply);
std::string config_text(const Words& words, const JsonValue& reply);
/// A backup that was made.
std::string backup_text(const Words& words, const JsonValue& reply);
/// A line where events wait for a cause; "" where none does.
std::string waiting_line(const Words& words, const JsonValue& reply);

}  // namespace lalanh
