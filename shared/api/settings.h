#pragma once

#include <string>

#include "shared/base/ids.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "shared/trust/crypto.h"

namespace lalanh {

/// What a node knows of itself beside its database: `<folder>/settings.json`.
struct NodeSettings {
  std::string actor;  ///< name and office written into events until sign-in comes
  UnitNo unit;        ///< 0 until enrolled
  std::string unit_code;
  std::string unit_name;
  std::string parent_address;     ///< "host:port"; "" for the province
  Hash parent_key{};              ///< of the parent's device; zeros for none
  std::uint32_t block_first = 0;  ///< device numbers that this node may give out
  std::uint32_t block_size = 0;
};

/// Names of a node's files.
struct NodeFiles {
  explicit NodeFiles(const std::string& folder);
  std::string database, lock, key, certificate, root_public, root_secret, settings, request, ticket,
      used_ticket, generation, tls, recovery;
};

/// A file of one key: the seed of a device's, or the public root. system.file, also where it is of
/// another length.
Result<Hash> read_key_file(Files& files, const std::string& path);
/// A file of one key in hexadecimal, a line: recovery.key or recovery.pub. input.wrong_file.
Result<Hash> read_hex_key(Files& files, const std::string& path);
/// Errors: system.file, input.* with file and line for a damaged or foreign file.
Result<NodeSettings> read_settings(Files& files, const std::string& folder);
/// Durable.
Status write_settings(Files& files, const std::string& folder, const NodeSettings& settings);

}  // namespace lalanh
