#pragma once

#include <filesystem>

#include "shared/api/backup.h"
#include "shared/api/restore.h"
#include "tests/unit/shared/api/users.h"

namespace lalanh::testing {

constexpr const char* kCanary = "Chim Hoàng Yến";
constexpr std::int64_t kDayMs = 86'400'000;

inline std::string digest(Node& node) {
  const Got verified = post(node, "/api/verify");
  INFO(verified.body);
  REQUIRE(verified.yes("ok"));
  return verified.text("digest");
}

inline Got back_up(Node& node, const std::string& path) {
  return post(node, "/api/backup", R"({"path":")" + path + R"("})");
}

inline std::unique_ptr<Restore> restore_of(World& world, const std::string& backup,
                                           const std::string& name) {
  return must(Restore::open(*world.files, backup, world.path(name)));
}

inline std::string name_of(const Status& status) {
  return status.ok() ? "" : status.error().name();
}
template <class T>
std::string name_of(const Result<T>& result) {
  return result.ok() ? "" : result.error().name();
}

/// A village's laptop with one household, synced.
inline Node& laptop(World& world) {
  Node& node = world.add("thon", "1440101", "province");
  household(node, "1440101", std::string(R"({"head":")") + kCanary + R"("})");
  world.sync("thon", "province");
  return node;
}

inline Hash recovery_seed(World& world, const std::string& name) {
  const KeyPair pair = KeyPair::make(world.random);
  must(world.files->replace(NodeFiles(world.path(name)).recovery,
                            as_bytes(to_hex(pair.public_key()) + "\n"), false));
  return pair.seed();
}

inline bool contains(const Bytes& bytes, std::string_view text) {
  return as_text(bytes).find(text) != std::string_view::npos;
}

inline Bytes bytes_of_file(World& world, const std::string& path) {
  return must(world.files->read(path, std::size_t{1} << 30U));
}

/// All files below a folder, with their bytes.
inline std::map<std::string, Bytes> files_below(World& world, const std::string& folder) {
  std::map<std::string, Bytes> out;
  for (const std::filesystem::directory_entry& each :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (each.is_regular_file()) {
      out[each.path().string()] = bytes_of_file(world, each.path().string());
    }
  }
  return out;
}

/// A laptop, its backup on a stick, and a household that came later and is not in it.
inline std::string backup_and_unsent(World& world) {
  laptop(world);
  std::filesystem::create_directory(world.path("stick"));
  std::string path = back_up(world.node("thon"), world.path("stick") + "/x.llbak").text("path");
  household(world.node("thon"), "1440101", R"({"head":"Chưa Gửi"})");
  return path;
}

}  // namespace lalanh::testing
