#include "shared/base/ids.h"

#include <charconv>

#include "shared/base/limits.h"

namespace lalanh {
namespace {

bool number_from(std::string_view text, std::uint32_t& out) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return false;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, out);
  return failure == std::errc() && stop == end;
}

}  // namespace

std::string to_text(Scope scope) {
  std::string out = std::to_string(scope.unit.value);
  if (scope.channel == Channel::kReference) out.push_back('r');
  return out;
}

std::string to_text(const Dot& dot) {
  return to_hex(dot.writer.bytes) + "." + std::to_string(dot.counter);
}

bool dot_from_text(std::string_view text, Dot& out) {
  constexpr std::size_t kHex = 24;
  Bytes bytes;
  if (text.size() < kHex + 2 || text[kHex] != '.' || !from_hex(text.substr(0, kHex), bytes)) {
    return false;
  }
  std::memcpy(out.writer.bytes.data(), bytes.data(), bytes.size());
  return number_from(text.substr(kHex + 1), out.counter) && out.counter > 0 &&
         out.counter <= limits::kStreamEventsMax;
}

bool scope_from_text(std::string_view text, Scope& out) {
  out.channel = Channel::kRecords;
  if (!text.empty() && text.back() == 'r') {
    out.channel = Channel::kReference;
    text.remove_suffix(1);
  }
  return number_from(text, out.unit.value);
}

}  // namespace lalanh
