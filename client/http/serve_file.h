#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh::client {

/// Where a running `serve` is found by the other commands: `<folder>/serve.json`, readable by its
/// owner alone, {"port":8123,"token":"…","pid":4711}. It may be left over from a program that was
/// killed: lalanh.lock says who has the database, this says only where to knock.
struct ServeFile {
  std::uint16_t port = 0;
  std::string token;
  std::int64_t pid = 0;
};

/// The token of one start: 32 random bytes in hexadecimal.
std::string make_token(Random& random);

/// system.file, store.full, store.read_only.
Status write_serve_file(Files& files, const std::string& folder, const ServeFile& serve);

/// Nothing where there is none, or its process runs no more. system.file; input.not_json and the
/// other errors of a JSON reader where it was written by something else.
Result<std::optional<ServeFile>> read_serve_file(Files& files, const std::string& folder);

/// At the end of `serve`. system.file.
Status remove_serve_file(Files& files, const std::string& folder);

}  // namespace lalanh::client
