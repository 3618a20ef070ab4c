#include "shared/base/printable.h"

#include "shared/base/cbor.h"

namespace lalanh {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The character that begins well-formed UTF-8, and its bytes.
std::uint32_t first_of(std::string_view text, std::size_t& length) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char c = at(0);
  length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
  if (length == 1) return c;
  std::uint32_t out = c & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) out = (out << 6U) | (at(i) & 0x3FU);
  return out;
}

}  // namespace

bool is_control(std::uint32_t character) {
  return character < 0x20 || (character >= 0x7F && character < 0xA0) ||
         (character >= 0x202A && character <= 0x202E) ||
         (character >= 0x2066 && character <= 0x2069);
}

std::string printable(std::string_view text, bool lines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::string_view good = text.substr(0, cbor::valid_utf8_prefix(text));
    text.remove_prefix(good.size());
    while (!good.empty()) {
      std::size_t length = 0;
      const std::uint32_t c = first_of(good, length);
      const bool stays = !is_control(c) || (lines && (c == '\n' || c == '\t'));
      out += stays ? good.substr(0, length) : kReplacement;
      good.remove_prefix(length);
    }
    if (text.empty()) break;
    out += kReplacement;  // a byte that begins no character
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace lalanh
