#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "server/tree/schedule.h"
#include "shared/base/result.h"
#include "shared/console/show.h"
#include "shared/console/user_command.h"

namespace lalanh::server {

enum class Command : std::uint8_t {
  kInit,
  kCertify,
  kEnrol,
  kServe,
  kSyncUp,
  kReport,
  kReported,
  kStatus,
  kVerify,
  kBundleExport,
  kBundleImport,
  kBundleInspect,
  kUser,
  kAudit
};

/// What a command line of `lalanhd` says; each command uses its own part. Paths are UTF-8.
struct Options {
  Command command = Command::kStatus;
  std::string folder;  ///< of the database
  Manner manner;

  std::string units_file;        ///< init: units.csv, makes the root of a system; "": a child
  std::string name;              ///< init of a child: what people call this machine
  std::string actor;             ///< init: name and office written into what is done here
  std::string request_file;      ///< certify
  std::string unit;              ///< certify, report, reported, bundle export: official code
  std::string out_file;          ///< certify: the child's certificate file
  std::string address;           ///< certify: where the child will find this server
  std::string certificate_file;  ///< enrol: of the parent
  std::string period;            ///< report; "": the newest
  std::string date;              ///< report: the day whose units it is by; "": today
  bool all = false;              ///< reported: every unit below, not the direct children alone

  std::vector<std::string> paths;  ///< bundle: folders and files
  std::uint64_t part_bytes = 0;    ///< bundle export; 0: as usual

  UserCommand user;
  std::int64_t limit = 100;  ///< audit: lines

  std::string host = "127.0.0.1";  ///< serve
  std::uint16_t port = 8'750;
  bool lan = false;  ///< other machines can reach it
  UpSyncSettings sync_up;
  int threads = 16;
  std::string log_file;  ///< "": standard error
};

/// Reads a command line (without the program's name) into `out`. The text to print where help or
/// version was asked for, else "". Errors as parse_command_line, and input.usage with what is
/// wrong; `out.manner` is right even then.
Result<std::string> parse_options(const std::vector<std::string>& arguments, Options& out);

/// "HH:MM" as minutes after midnight; false where it is not one.
bool minutes_from_text(const std::string& text, int& out);
/// Is the address one that only this machine can reach (127.x.x.x, ::1)?
bool is_loopback(const std::string& host);

}  // namespace lalanh::server
