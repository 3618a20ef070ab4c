#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

/// Paths as texts: UTF-8, with either slash.
namespace lalanh {

/// The folder that a path names something in; "." where it names none.
inline std::string folder_of(const std::string& path) {
  const std::size_t at = path.find_last_of("/\\");
  if (at == std::string::npos) return ".";
  return at == 0 ? path.substr(0, 1) : path.substr(0, at);
}

/// A name in the same folder as `path` that no other process uses, where each `count` is new.
inline std::string passing_name(const std::string& path, const std::string& prefix,
                                std::uint64_t process, std::uint64_t count) {
  const std::size_t at = path.find_last_of("/\\");
  return path.substr(0, at == std::string::npos ? 0 : at + 1) + prefix + std::to_string(process) +
         "-" + std::to_string(count) + ".tmp";
}

/// Is `name` one that passing_name made of this prefix?
inline bool is_passing_name(std::string_view name, std::string_view prefix) {
  constexpr std::string_view kEnd = ".tmp";
  if (!name.starts_with(prefix) || name.size() < prefix.size() + kEnd.size()) return false;
  const std::string_view tail = name.substr(name.size() - kEnd.size());
  // FAT without long names says .TMP.
  return std::equal(tail.begin(), tail.end(), kEnd.begin(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

}  // namespace lalanh
