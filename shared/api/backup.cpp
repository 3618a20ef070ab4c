#include "shared/api/backup.h"

#include <algorithm>
#include <charconv>

#include "shared/accounts/audit.h"
#include "shared/accounts/desk.h"
#include "shared/api/settings.h"
#include "shared/backup/backup_file.h"
#include "shared/base/limits.h"
#include "shared/base/paths.h"
#include "shared/store/store.h"

namespace lalanh {
namespace {

constexpr std::string_view kDaily = "daily-";
constexpr std::string_view kUpgrade = "upgrade-";
constexpr std::int64_t kRetryMs = 3'600'000;
constexpr std::int64_t kLookAgainMs = 600'000;

std::string backups_folder(const std::string& folder) { return folder + "/backups"; }

/// A file that goes again, whatever happens.
class Passing {
 public:
  Passing(Files& files, std::string path) : files_(files), path_(std::move(path)) {
    (void)files_.remove(path_).ok();  // of a try that was cut short
  }
  ~Passing() { (void)files_.remove(path_).ok(); }
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
  const std::string& path() const { return path_; }

 private:
  Files& files_;
  std::string path_;
};

/// One backup in the making.
class Making {
 public:
  explicit Making(const BackupOf& of)
      : of_(of),
        files_(*of.options.files),
        folder_(of.options.folder),
        names_(folder_),
        content_(ContentKey::make(*of.options.random)),
        database_(files_, folder_ + "/" + std::string(Files::kUnfinished) + "-backup.db"),
        audit_(files_, folder_ + "/" + std::string(Files::kUnfinished) + "-audit.db") {}

  Result<BackupMade> make(const std::string& path, std::uint64_t number) {
    TRY(copy_databases());
    TRY(find_keys());
    find_files();
    front_.unit = of_.settings.unit;
    front_.unit_code = of_.settings.unit_code;
    front_.unit_name = of_.settings.unit_name;
    front_.device = of_.device;
    front_.time = of_.options.clock->now();
    front_.number = number;
    std::uint64_t bytes = 0;
    for (const BackupSource& source : sources_) {
      TRY_ASSIGN(const std::uint64_t size, files_.size(source.path));
      bytes += size;
    }
    TRY(expect_room(files_, folder_of(path), bytes + bytes / 64));
    {
      TRY_ASSIGN(const std::unique_ptr<ByteSink> sink, files_.create(path));
      TRY(write_backup(files_, *of_.options.random, *sink, front_, keys_, content_,
                       of_.options.version, sources_, of_.options.stopped));
      TRY(sink->finish());
    }
    return look(path);
  }

 private:
  Status copy_databases() {
    Desk* desk = of_.options.desk;
    DatabaseSecret secret = desk == nullptr ? DatabaseSecret() : desk->database();
    TRY_ASSIGN(const std::uint64_t bytes, files_.size(names_.database));
    TRY(expect_room(files_, folder_, bytes));
    TRY(copy(names_.database, secret, database_.path()));
    sources_.push_back({"lalanh.db", database_.path()});
    const std::string audit = audit_path(folder_);
    if (!files_.exists(audit)) return {};
    secret.key = desk == nullptr ? Bytes() : desk->audit_key();
    TRY(copy(audit, secret, audit_.path()));
    sources_.push_back({"audit.db", audit_.path()});
    return {};
  }

  /// Of a program that got its first user while it runs, they lie in the clear until its next
  /// start.
  Status copy(const std::string& path, const DatabaseSecret& secret, const std::string& to) {
    DatabaseOptions from;
    from.path = path;
    from.key = secret.key;
    if (!secret.key.empty()) from.cipher = secret.cipher;
    const Status copied = copy_database(from, to, of_.options.stopped);
    const bool wrong = !copied.ok() && copied.error().code == ErrorCode::store_wrong_key;
    if (!wrong || !secret.may_be_plain) return copied;
    DatabaseOptions plain;
    plain.path = path;
    return copy_database(plain, to, of_.options.stopped);
  }

  Status find_keys() {
    TRY(add_reader(of_.key.public_key()));
    if (of_.options.desk != nullptr) {
      TRY_ASSIGN(BackupAccess access, of_.options.desk->backup_access(content_));
      keys_.sealed = std::move(access.sealed);
      keys_.accounts = std::move(access.accounts);
      elsewhere_ = !keys_.sealed.empty();
      if (access.recovery) TRY(add_recovery(*access.recovery));
    }
    if (!files_.exists(names_.recovery)) return {};
    TRY_ASSIGN(const Hash recovery, read_hex_key(files_, names_.recovery));
    return add_recovery(recovery);
  }

  Status add_recovery(const Hash& reader) {
    elsewhere_ = true;
    return add_reader(reader);
  }

  Status add_reader(const Hash& reader) {
    for (const BackupBox& box : keys_.boxes) {
      if (box.reader == reader) return {};
    }
    const std::optional<KeyBox> box = seal_box(content_, reader, *of_.options.random);
    if (!box) {
      return Error{ErrorCode::input_wrong_file,
                   {{"path", names_.recovery}, {"expected", "a recovery key"}}};
    }
    keys_.boxes.push_back({reader, *box});
    return {};
  }

  void find_files() {
    for (const std::string& name : backup_names()) {
      const std::string path = folder_ + "/" + name;
      if (!is_database(name) && files_.exists(path)) sources_.push_back({name, path});
    }
  }

  /// What was written is read back: a stick may have lied.
  Result<BackupMade> look(const std::string& path) {
    TRY_ASSIGN(const std::unique_ptr<ByteSource> source, files_.open(path));
    TRY_ASSIGN(const ReadBackupFront front, read_backup_front(*source, path));
    TRY(read_backup(*source, front, content_, {}));
    return BackupMade{path, source->size(), front_, elsewhere_};
  }

  const BackupOf& of_;
  Files& files_;
  const std::string& folder_;
  const NodeFiles names_;
  ContentKey content_;
  Passing database_, audit_;
  BackupFront front_;
  BackupKeys keys_;
  std::vector<BackupSource> sources_;
  bool elsewhere_ = false;
};

/// What backups that were cut short have left in the folder of the automatic ones: nobody else
/// writes there. Best effort.
void remove_unfinished(const BackupOf& of) {
  Files& files = *of.options.files;
  const std::string folder = backups_folder(of.options.folder);
  const Result<std::vector<std::string>> names = files.list(folder, limits::kFolderNamesMax);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    if (!is_passing_name(name, Files::kUnfinished)) continue;
    (void)files.remove(folder + "/" + name).ok();
  }
}

Result<BackupMade> make_one(const BackupOf& of, const std::string& path, std::uint64_t number) {
  // One at a time: they share the names of what passes.
  Result<std::unique_ptr<FileLock>> alone =
      of.options.files->lock(of.options.folder + "/backup.lock");
  if (!alone.ok()) {
    const bool held = alone.error().code == ErrorCode::store_locked;
    return held ? Error(ErrorCode::backup_running) : alone.error();
  }
  if (folder_of(path) == backups_folder(of.options.folder)) remove_unfinished(of);
  return Making(of).make(path, number);
}

struct Kept {
  std::string name;
  std::uint64_t number = 0;
  bool upgrade = false;
};

/// The automatic ones of a folder, the newest first.
Result<std::vector<Kept>> kept_in(Files& files, const std::string& folder) {
  std::vector<Kept> out;
  if (!files.is_folder(folder)) return out;
  TRY_ASSIGN(const std::vector<std::string> names, files.list(folder, limits::kFolderNamesMax));
  for (const std::string& name : names) {
    Kept kept{name, 0, name.starts_with(kUpgrade)};
    if (!kept.upgrade && !name.starts_with(kDaily)) continue;
    const std::string_view rest =
        std::string_view(name).substr(kept.upgrade ? kUpgrade.size() : kDaily.size());
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), kept.number);
    if (read.ec != std::errc() || kept.number == 0) continue;
    if (std::string_view(read.ptr, static_cast<std::size_t>(rest.data() + rest.size() -
                                                            read.ptr)) == kBackupEnding) {
      out.push_back(std::move(kept));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Kept& a, const Kept& b) { return a.number > b.number; });
  return out;
}

std::string file_name(const BackupOf& of) {
  const std::string time = vietnam_time_text(of.options.clock->now());
  std::string stamp;
  for (const char c : time) {
    if (c >= '0' && c <= '9') stamp += c;
  }
  return of.settings.unit_code + "-" + std::to_string(of.device.value) + "-" + stamp.substr(0, 12) +
         std::string(kBackupEnding);
}

/// What is in place of a backup is an older one of the same machine, or nothing.
Status expect_ours(const BackupOf& of, const std::string& path) {
  Files& files = *of.options.files;
  if (!files.exists(path)) return {};
  if (const Result<std::unique_ptr<ByteSource>> source = files.open(path); source.ok()) {
    const Result<ReadBackupFront> found = read_backup_front(**source, path);
    if (found.ok() && found->front.unit == of.settings.unit && found->front.device == of.device) {
      return {};
    }
  }
  return Error{ErrorCode::system_exists, {{"path", path}}};
}

}  // namespace

BackupOf backup_of(Node& node) {
  const auto lock = node.lock();
  return {node.options(), node.settings(), node.key(),
          node.store().own_certificate().device().device};
}

Result<BackupMade> make_backup(const BackupOf& of, const std::string& path) {
  const bool folder = of.options.files->is_folder(path);
  if (!folder && !path.ends_with(kBackupEnding)) {
    return Error{ErrorCode::input_wrong_file,
                 {{"path", path}, {"expected", "a folder, or a name that ends with .llbak"}}};
  }
  const std::string named = folder ? path + "/" + file_name(of) : path;
  TRY(expect_ours(of, named));
  return make_one(of, named, 0);
}

Result<BackupMade> make_automatic_backup(const BackupOf& of, bool before_upgrade) {
  Files& files = *of.options.files;
  const std::string folder = backups_folder(of.options.folder);
  TRY(files.make_folder(folder));
  TRY_ASSIGN(const std::vector<Kept> kept, kept_in(files, folder));
  const std::uint64_t number = kept.empty() ? 1 : kept.front().number + 1;
  std::string digits = std::to_string(number);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  TRY_ASSIGN(BackupMade made,
             make_one(of,
                      folder + "/" + std::string(before_upgrade ? kUpgrade : kDaily) + digits +
                          std::string(kBackupEnding),
                      number));
  std::size_t left = (before_upgrade ? limits::kUpgradeBackupsKept : limits::kBackupsKept) - 1;
  for (const Kept& old : kept) {
    if (old.upgrade != before_upgrade) continue;
    if (left > 0) {
      --left;
    } else {
      TRY(files.remove(folder + "/" + old.name));
    }
  }
  return made;
}

Result<std::optional<AutomaticBackup>> newest_backup(Files& files, const std::string& folder) {
  const std::string in = backups_folder(folder);
  TRY_ASSIGN(const std::vector<Kept> kept, kept_in(files, in));
  for (const Kept& each : kept) {
    const std::string path = in + "/" + each.name;
    const Result<std::unique_ptr<ByteSource>> source = files.open(path);
    if (!source.ok()) continue;
    const Result<ReadBackupFront> front = read_backup_front(**source, path);
    if (front.ok()) return std::optional<AutomaticBackup>({path, front->front});
  }
  return std::optional<AutomaticBackup>();
}

BackupClock::BackupClock(Clock& clock, Files& files, std::string folder)
    : clock_(clock), files_(files), folder_(std::move(folder)) {}

bool BackupClock::due() {
  if (next_ms_ && clock_.steady_ms() < *next_ms_) return false;
  const auto newest = newest_backup(files_, folder_);
  if (!newest.ok() || !*newest) return true;
  if (vietnam_date((*newest)->front.time) != vietnam_date(clock_.now())) return true;
  next_ms_ = clock_.steady_ms() + kLookAgainMs;
  return false;
}

void BackupClock::tried(bool made) {
  next_ms_ = clock_.steady_ms() + (made ? limits::kBackupEveryMs : kRetryMs);
}

}  // namespace lalanh
