#pragma once

#include <string>
#include <vector>

#include "shared/base/ports.h"
#include "shared/trust/sealed_stream.h"

/// The bytes of a backup (`docs/FORMATS.md`, Backup): its front, which anybody can read, and the
/// head of what is sealed.
namespace lalanh {

/// What the name of a backup ends with.
inline constexpr std::string_view kBackupEnding = ".llbak";

/// Whose backup it is, and of when.
struct BackupFront {
  UnitNo unit;
  std::string unit_code, unit_name;
  DeviceNo device;
  TimeMs time;               ///< by the machine's clock
  std::uint64_t number = 0;  ///< of automatic ones; 0: somebody asked for it
};

struct BackupBox {
  Hash reader{};  ///< Ed25519, public
  KeyBox box{};
};

/// The ways to the content key.
struct BackupKeys {
  std::vector<BackupBox> boxes;
  Bytes sealed;    ///< under the data key's "backup"; empty where there are no accounts
  Bytes accounts;  ///< the file, as it was; empty likewise
};

/// The whole front, as read from a file.
struct ReadBackupFront {
  BackupFront front;
  BackupKeys keys;
  std::uint64_t bytes = 0;  ///< of it all, the check included
  Bytes check;
};

Bytes write_backup_front(const BackupFront& front, const BackupKeys& keys);
/// Foreign bytes; needs no key. backup.not_one with `path`; format.newer; backup.altered.
Result<ReadBackupFront> read_backup_front(ByteSource& source, const std::string& path);

/// One file in a backup.
struct BackupItem {
  std::string name;
  std::uint64_t bytes = 0;
};

struct BackupHead {
  std::string program;  ///< version
  std::vector<BackupItem> items;
};

/// With its length before it.
Bytes write_backup_head(const BackupHead& head);
/// Without it. Bytes that a seal vouched for, read as strictly as foreign ones: format.*
Result<BackupHead> read_backup_head(ByteView bytes);

/// Every name that a backup may hold; lalanh.db is the first.
const std::vector<std::string>& backup_names();
/// Is it one of the databases among them? They are large; all else is small and secret.
bool is_database(std::string_view name);

}  // namespace lalanh
