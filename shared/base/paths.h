#pragma once

#include <cstdint>
#include <string>

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

}  // namespace lalanh
