#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh {

/// Where a running `serve` is found by the other commands: `<folder>/serve.json`, readable
/// by its owner alone, {"port":8750,"token":"...","pid":4711}.
/// It may be left over from a program that was killed: the lock says who has the database.
struct ServeFile {
  std::uint16_t port = 0;
  std::string token;
  std::int64_t pid = 0;
};

/// The token of one start: 32 random bytes in hexadecimal.
std::string make_token(Random& random);
/// system.file, store.full, store.read_only.
Status write_serve_file(Files& files, const std::string& folder, const ServeFile& serve);
/// Nothing where there is none, or its process runs no more. system.file, input.*.
Result<std::optional<ServeFile>> read_serve_file(Files& files, const std::string& folder);
Status remove_serve_file(Files& files, const std::string& folder);

}  // namespace lalanh
