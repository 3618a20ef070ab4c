#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "server/tree/schedule.h"
#include "shared/base/result.h"
#include "shared/console/restore_command.h"
#include "shared/console/show.h"
#include "shared/console/user_command.h"

namespace lalanh::server {

enum class Command : std::uint8_t {
  kInit,
  kCertify,
  kEnrol,
  kTicket,
  kTicketCancel,
  kTickets,
  kNewest,
  kDevices,
  kDeviceRevoke,
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
  kAudit,
  kBackup,
  kRestore,
  kRebuild,
  kRecoveryNew,
  kRecoverySet
};

/// What a command line of `lalanhd` says; each command uses its own part. Paths are UTF-8.
struct Options {
  Command command = Command::kStatus;
  std::string folder;  ///< of the database
  Manner manner;

  std::string units_file;  ///< init: units.csv, makes the root of a system; "": a child
  std::string actor;       ///< name and office written into what is done here
  std::string ticket;      ///< init of a child: its ticket file
  std::string stick;       ///< init, enrol: folder for the request file, without the network
  std::string answer;      ///< enrol: file or folder with the parent's answer; "": online
  std::string unit;        ///< report, reported, bundle export: official code
  std::string period;      ///< report; "": the newest
  std::string date;        ///< report: the day whose units it is by; "": today
  bool all = false;        ///< reported: every unit below, not the direct children alone

  std::vector<std::string> units;      ///< ticket: official codes
  std::string below;                   ///< ticket: all villages of this unit
  std::string role;                    ///< ticket: village, officer, server
  std::string name;                    ///< ticket: what people call the machine
  std::vector<std::string> addresses;  ///< ticket: where the child will find this server
  int days = 0;                        ///< ticket: how long it can be used; 0: as usual
  std::string out;                     ///< ticket, certify: file, or folder for several
  std::string id;                      ///< ticket cancel, device revoke
  std::string reason;                  ///< device revoke
  std::string lost_since;              ///< device revoke: a day
  bool nothing_stands = false;         ///< device revoke
  bool yes = false;                    ///< newest, device revoke: do it

  std::vector<std::string> paths;  ///< bundle, certify: folders and files
  std::uint64_t part_bytes = 0;    ///< bundle export; 0: as usual

  std::string password_file;  ///< restore; "": asked at the terminal
  RestoreCommand restore;     ///< also the folder or file of `recovery`
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
