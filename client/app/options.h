#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/console/restore_command.h"
#include "shared/console/show.h"
#include "shared/console/user_command.h"

namespace lalanh::client {

/// What the command line says. Values as typed; the API checks them.
struct Options {
  std::vector<std::string> command;  ///< {"household", "add"}, {"sync"}, …
  std::string folder;
  Manner manner;
  std::string actor;

  std::string id;                   ///< code or id of the household or entity
  std::vector<std::string> fields;  ///< name=value
  std::string unit;
  std::string period;
  std::string date;
  std::string text;   ///< searched
  std::string value;  ///< class
  std::string reason;
  std::string field;
  std::string removal;
  std::string file;
  std::string members_file;
  bool good = false;
  bool dry_run = false;
  bool all = false;
  bool removed = false;
  std::int64_t take = 0;
  std::int64_t offset = 0;
  std::int64_t limit = 100;
  std::uint16_t port = 0;
  std::optional<std::uint64_t> cut_after_bytes;
  std::string stick;  ///< init, enrol: folder for the request file
  std::string setting;
  std::vector<std::string> paths;  ///< bundles, or folders with them; set-aside enter: ids
  std::uint64_t part_bytes = 0;

  RestoreCommand restore;

  UserCommand user;           ///< also who signs in, and the first user of `init`
  std::string password_file;  ///< "": LALANH_PASSWORD_FILE, else asked at the terminal
  std::string recovery_key;   ///< file with the commune's public key
  bool no_users = false;      ///< init: neither users nor encryption
  bool locked = false;        ///< serve: until somebody signs in at the page
};

/// Reads the command line without the program's name, in UTF-8, into `out`. The text to print where
/// help or version was asked for, else "". Errors as parse_command_line; `out.manner` is right even
/// then.
Result<std::string> read_options(const std::vector<std::string>& arguments,
                                 const std::string& version, Options& out);

}  // namespace lalanh::client
