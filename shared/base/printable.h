#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lalanh {

/// Does the character steer what shows it? Control characters of ASCII and of Latin-1, such as
/// those that begin a terminal's commands, and marks that turn the direction of text, by which one
/// name can look like another.
bool is_control(std::uint32_t character);

/// The text as it may be shown: such characters, and bytes that are not UTF-8, are U+FFFD each.
/// Where `lines`, line feeds and tabs stay; a value within a line must not begin another.
std::string printable(std::string_view text, bool lines);

}  // namespace lalanh
