#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace lalanh {

/// A fixed list of (value, word in packs); both directions.
template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

template <class Enum, std::size_t N>
std::string_view name_in(const Names<Enum, N>& names, Enum value) {
  for (const auto& [held, name] : names) {
    if (held == value) return name;
  }
  return {};
}

/// False where the word is not in the list.
template <class Enum, std::size_t N>
bool value_in(const Names<Enum, N>& names, std::string_view word, Enum& out) {
  for (const auto& [held, name] : names) {
    if (name == word) {
      out = held;
      return true;
    }
  }
  return false;
}

}  // namespace lalanh
