#pragma once

#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/catalogue/json.h"

namespace lalanh {

/// A reply of the JSON API as text for a person; the command says which reply it is.
std::string text_of(const std::vector<std::string>& command, const JsonValue& reply,
                    Language language);

/// The sentence of an error reply; "" where it is none.
std::string message_of(const JsonValue& reply, Language language);
/// Its stable name; "" where it is none.
std::string error_name_of(const JsonValue& reply);

/// A bar "[#####     ] 52 %" of so much of a whole; the whole 0: unknown.
std::string bar(std::uint64_t done, std::uint64_t whole);

}  // namespace lalanh
