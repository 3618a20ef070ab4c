#pragma once

#include <optional>
#include <string>

#include "shared/api/node.h"
#include "shared/backup/backup_format.h"

/// Backups of a node: those that somebody asks for, and those that programs make by themselves, in
/// `<folder>/backups`. Restoring: restore.h.
namespace lalanh {

/// Whose files go in. The references outlive the call.
struct BackupOf {
  const NodeOptions& options;
  NodeSettings settings;
  const KeyPair& key;
  DeviceNo device;
};
/// Of an open node; takes its lock for a moment.
BackupOf backup_of(Node& node);

struct BackupMade {
  std::string path;
  std::uint64_t bytes = 0;
  BackupFront front;
  bool elsewhere = false;  ///< it opens without this machine's own key
};

/// Makes one, in an existing folder or as a file whose name ends with kBackupEnding, and reads it
/// back to its end. An older one of this machine's at that path is replaced, any other file is
/// system.exists. Beside a running program, without the node's lock: the database is read through
/// a connection of its own. Durable on success. Errors: input.wrong_file, backup.running,
/// backup.no_space, store.* of a damaged database, system.file, system.cancelled.
Result<BackupMade> make_backup(const BackupOf& of, const std::string& path);

/// Makes one in `<folder>/backups` and removes those beyond what is kept (limits), never the new
/// one. `before_upgrade` ones are counted apart.
Result<BackupMade> make_automatic_backup(const BackupOf& of, bool before_upgrade);

/// One of those.
struct AutomaticBackup {
  std::string path;
  BackupFront front;
};
/// The newest by its number, whatever clocks said; nothing where there is none that can be read.
Result<std::optional<AutomaticBackup>> newest_backup(Files& files, const std::string& folder);

/// When a running program makes one by itself: once after its start, unless there is one of this
/// day, and then once a day; after a failure in an hour. Days are the wall clock's, spans the
/// steady clock's, so that no wrong clock makes them pile up. Not thread-safe.
class BackupClock {
 public:
  BackupClock(Clock& clock, Files& files, std::string folder);
  bool due();
  /// That one was tried.
  void tried(bool made);

 private:
  Clock& clock_;
  Files& files_;
  const std::string folder_;
  std::optional<std::int64_t> next_ms_;  ///< by the steady clock; nothing: not looked yet
};

}  // namespace lalanh
