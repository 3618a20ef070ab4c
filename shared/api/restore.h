#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/accounts/accounts.h"
#include "shared/api/settings.h"
#include "shared/backup/backup_file.h"

/// Putting a backup back, and beginning anew from the parent. Both put aside what is in the folder
/// and delete nothing. No program may have the node open.
namespace lalanh {

/// What is in a folder now.
struct FolderNow {
  bool database = false;
  bool same_device = false;  ///< its key is one of the backup's readers
  UnitNo unit;               ///< 0 where that cannot be read, or it is not enrolled
  std::string unit_name;     ///< "" likewise
};

/// One backup to be put back. Locked until one of the keys opens it. Not thread-safe.
class Restore {
 public:
  /// backup.not_one, backup.altered, format.newer, accounts.damaged, system.file.
  static Result<std::unique_ptr<Restore>> open(Files& files, const std::string& backup,
                                               const std::string& folder);
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;

  const BackupFront& front() const { return front_.front; }
  /// Whose passwords open it; none where the machine had no users.
  std::vector<std::string> logins() const;
  /// Of whose password opened it; "" where a key did.
  const std::string& role() const { return role_; }
  bool locked() const { return !key_.has_value(); }
  /// By the device's own key, where the folder still has it, if only among what a restore has put
  /// aside. False: it has not, or it is another.
  bool try_own_key();
  /// By the commune's recovery key, secret. backup.no_key.
  Status open_with_recovery(const Hash& seed);
  /// accounts.wrong_password, accounts.disabled, backup.no_key.
  Status open_with_password(const std::string& login, const std::string& password);

  // --- unlocked, or it is a CHECK ---
  /// Reads all of it and changes nothing: the version of the program that made it, and the files.
  Result<BackupHead> check();
  FolderNow now() const;
  /// After check(): is the machine a server, by its certificate in the backup? Nothing where none
  /// can be read.
  std::optional<bool> of_server() const;
  /// Puts it back. What the folder held goes into a folder of its own in it; its name, or "" where
  /// there was nothing. A run that was cut short harms nothing: it can be done again. Errors:
  /// store.locked, backup.no_space, system.file, those of check().
  Result<std::string> run();

 private:
  Restore(Files& files, std::string backup, std::string folder)
      : files_(files), backup_(std::move(backup)), folder_(std::move(folder)) {}
  bool open_with(const KeyPair& pair);
  Status stage(const BackupHead& head);
  Status put_in_place(const BackupHead& head);
  std::string staged(const std::string& name) const;

  Files& files_;
  const std::string backup_, folder_;
  std::unique_ptr<ByteSource> source_;
  ReadBackupFront front_;
  std::optional<Accounts> accounts_;
  std::string role_;
  Bytes certificate_, root_;
  std::optional<ContentKey> key_;
};

/// Puts the database of a node aside, so that the next opening makes an empty one which the parent
/// fills: keys, accounts and settings stay. The folder in which it lies now, "" where there was
/// none. sync.is_top where there is no parent; store.locked, trust.not_enrolled, system.file.
Result<std::string> put_database_aside(Files& files, const std::string& folder);

/// The error of a ticket or a backup, of the unit that is named, that the other program is to use.
Error of_other_program(ErrorCode code, bool of_server, const std::string& unit_name);

}  // namespace lalanh
