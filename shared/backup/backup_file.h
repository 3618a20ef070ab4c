#pragma once

#include <functional>

#include "shared/backup/backup_format.h"

/// A backup as a file: files of a folder, packed and sealed (`docs/FORMATS.md`, Backup).
namespace lalanh {

/// One file that goes in.
struct BackupSource {
  std::string name;  ///< in the backup: one of backup_names()
  std::string path;
};

/// Writes all of it to a sink, which it does not finish. Errors: system.file, the sink's,
/// system.cancelled where `stopped` says so between pieces.
Status write_backup(Files& files, Random& random, ByteSink& to, const BackupFront& front,
                    const BackupKeys& keys, const ContentKey& key, const std::string& program,
                    const std::vector<BackupSource>& sources, const std::function<bool()>& stopped);

/// Room for so many bytes in an existing folder, and some to spare: else backup.no_space.
Status expect_room(Files& files, const std::string& folder, std::uint64_t bytes);

/// Where a file of a backup goes.
using BackupTarget = std::function<Result<std::unique_ptr<ByteSink>>(const BackupItem&)>;

/// Reads all of one to its end and verifies it; the sinks are finished one by one. Without a target
/// it is only looked at. Errors:
/// backup.altered, also where anything is left over; format.*; those of source and sinks.
Result<BackupHead> read_backup(ByteSource& source, const ReadBackupFront& front,
                               const ContentKey& key, const BackupTarget& target);

}  // namespace lalanh
