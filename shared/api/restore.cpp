#include "shared/api/restore.h"

#include <algorithm>

#include "shared/accounts/desk.h"
#include "shared/base/limits.h"
#include "shared/trust/certificate.h"

namespace lalanh {
namespace {

constexpr int kAsideMax = 10'000;

/// Files of a database: the file, its log, and what its readers share.
const char* const kDatabaseFiles[] = {"lalanh.db", "lalanh.db-wal", "lalanh.db-shm"};
/// What else is one machine's, and must not stay beside another state of it.
const char* const kOtherFiles[] = {"accounts",        "data.key",     "audit.db",   "audit.db-wal",
                                   "audit.db-shm",    "device.cert",  "root.pub",   "settings.json",
                                   "tls.pem",         "recovery.pub", "generation", "session",
                                   "sync-up.json",    "serve.json",   "device.key", "device.llreq",
                                   "device.llticket", "used.llticket"};

/// In a folder of what is put aside, until the command has done all that it is for: empty while
/// something may be lacking in the folder still.
constexpr const char* kUnfinished = "unfinished";
constexpr std::string_view kFull = "full\n";
constexpr const char* kBeforeRestore = "before-restore";
constexpr const char* kBeforeRebuild = "before-rebuild";

/// The folders `<name>-N` of what was put aside, in the order in which they were made.
Result<std::vector<std::string>> folders_of(Files& files, const std::string& folder,
                                            const std::string& name) {
  TRY_ASSIGN(std::vector<std::string> names, files.list(folder, limits::kFolderNamesMax));
  std::erase_if(names, [&](const std::string& each) { return !each.starts_with(name + "-"); });
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  for (std::string& each : names) each.insert(0, folder + "/");
  return names;
}

/// The device key of a folder, and those that `restore` has put aside in it: one that was cut short
/// may have moved the key already.
std::vector<KeyPair> own_keys(Files& files, const std::string& folder) {
  std::vector<std::string> paths = {NodeFiles(folder).key};
  if (const auto aside = folders_of(files, folder, kBeforeRestore); aside.ok()) {
    for (const std::string& path : *aside) paths.push_back(NodeFiles(path).key);
  }
  std::vector<KeyPair> out;
  for (const std::string& path : paths) {
    if (!files.exists(path)) continue;
    if (const Result<Hash> seed = read_key_file(files, path); seed.ok()) {
      out.push_back(KeyPair::from_seed(*seed));
    }
  }
  return out;
}

/// Moves files of a node into a folder of its own. The database goes before its log: without it the
/// program says that it is gone, while without the log it would open and lack what was entered
/// last. A run that was cut short is gone on with, by whichever command, or the log would come to
/// lie in another folder than its database.
class PuttingAside {
 public:
  PuttingAside(Files& files, std::string folder, const char* name)
      : files_(files), folder_(std::move(folder)), name_(name) {}

  /// Finds a run that was cut short.
  Status begin() {
    for (const char* name : {kBeforeRestore, kBeforeRebuild}) {
      TRY_ASSIGN(const std::vector<std::string> found, folders_of(files_, folder_, name));
      for (const std::string& path : found) TRY(find_mark(path));
    }
    // The key is put in place last: where it is, the run lacked nothing but the end of its marks.
    const bool whole = aside_.empty() && files_.exists(NodeFiles(folder_).key);
    return whole ? finish() : Status();
  }
  /// Moves what is there of these.
  template <class Names>
  Status move(const Names& names) {
    for (const char* name : names) {
      const std::string path = folder_ + "/" + name;
      if (!files_.exists(path)) continue;
      // A file of that name is there already: this one is of another state of the machine.
      if (!aside_.empty() && files_.exists(aside_ + "/" + name)) TRY(close());
      if (aside_.empty()) TRY(make_folder());
      TRY(files_.move(path, aside_ + "/" + name));
    }
    return {};
  }
  /// All that was there has been moved.
  Status close() {
    if (aside_.empty()) return {};
    TRY(files_.replace(aside_ + "/" + kUnfinished, as_bytes(kFull), false));
    full_.push_back(std::exchange(aside_, std::string()));
    return {};
  }
  /// After close(): where it lies, of several folders what was there first; "" where nothing was.
  std::string where() const { return full_.empty() ? std::string() : full_.front(); }
  /// The command has done what it is for.
  Status finish() {
    for (const std::string& path : full_) TRY(files_.remove(path + "/" + kUnfinished));
    full_.clear();
    return {};
  }

 private:
  Status find_mark(const std::string& path) {
    const std::string mark = path + "/" + kUnfinished;
    if (!files_.exists(mark)) return {};
    TRY_ASSIGN(const Bytes bytes, files_.read(mark, limits::kEnrolmentBytesMax));
    if (bytes.empty()) {
      aside_ = path;
    } else {
      full_.push_back(path);
    }
    return {};
  }
  Status make_folder() {
    for (int i = 1; i < kAsideMax; ++i) {
      const std::string path = folder_ + "/" + name_ + "-" + std::to_string(i);
      if (files_.exists(path)) continue;
      TRY(files_.make_folder(path));
      TRY(files_.replace(path + "/" + kUnfinished, {}, false));
      aside_ = path;
      return {};
    }
    return Error{ErrorCode::system_exists, {{"path", folder_ + "/" + name_}}};
  }

  Files& files_;
  const std::string folder_;
  const std::string name_;
  std::string aside_;              ///< that is being filled; "" until something is moved
  std::vector<std::string> full_;  ///< of this run, and of those that it goes on with
};

/// A small file that its owner alone may read from its first moment.
class SecretSink final : public ByteSink {
 public:
  SecretSink(Files& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~SecretSink() override { wipe(bytes_); }
  Status write(ByteView bytes) override {
    append(bytes_, bytes);
    return {};
  }
  Status finish() override { return files_.replace(path_, bytes_, true); }

 private:
  Files& files_;
  std::string path_;
  Bytes bytes_;
};

class MemorySink final : public ByteSink {
 public:
  explicit MemorySink(Bytes& bytes) : bytes_(bytes) {}
  Status write(ByteView bytes) override {
    append(bytes_, bytes);
    return {};
  }
  Status finish() override { return {}; }

 private:
  Bytes& bytes_;
};

Result<std::unique_ptr<FileLock>> lock_node(Files& files, const std::string& folder) {
  Result<std::unique_ptr<FileLock>> lock = files.lock(NodeFiles(folder).lock);
  if (!lock.ok() && lock.error().code == ErrorCode::store_locked) {
    return Error{ErrorCode::store_locked, {{"path", folder}}};
  }
  return lock;
}

}  // namespace

Result<std::unique_ptr<Restore>> Restore::open(Files& files, const std::string& backup,
                                               const std::string& folder) {
  TRY(start_crypto());
  std::unique_ptr<Restore> out(new Restore(files, backup, folder));
  TRY_ASSIGN(out->source_, files.open(backup));
  TRY_ASSIGN(out->front_, read_backup_front(*out->source_, backup));
  if (!out->front_.keys.accounts.empty()) {
    TRY_ASSIGN(out->accounts_, Accounts::read(out->front_.keys.accounts, backup));
  }
  return out;
}

std::vector<std::string> Restore::logins() const {
  return accounts_ ? accounts_->logins() : std::vector<std::string>();
}

bool Restore::open_with(const KeyPair& pair) {
  for (const BackupBox& box : front_.keys.boxes) {
    if (box.reader != pair.public_key()) continue;
    std::optional<ContentKey> key = open_box(box.box, pair);
    if (!key) continue;
    key_.emplace(std::move(*key));
    return true;
  }
  return false;
}

bool Restore::try_own_key() {
  const std::vector<KeyPair> keys = own_keys(files_, folder_);
  return std::any_of(keys.begin(), keys.end(), [&](const KeyPair& key) { return open_with(key); });
}

Status Restore::open_with_recovery(const Hash& seed) {
  if (open_with(KeyPair::from_seed(seed))) return {};
  return Error{ErrorCode::backup_no_key, {{"unit", front().unit_name}}};
}

Status Restore::open_with_password(const std::string& login, const std::string& password) {
  const Error no_key(ErrorCode::backup_no_key, {{"unit", front().unit_name}});
  if (!accounts_) return no_key;
  TRY(accounts_->check_password(login, password));
  const Hash data = subkey(accounts_->key(), kBackupPurpose);
  std::optional<Bytes> opened = open_secret(data, front_.keys.sealed, {});
  Hash content{};
  if (!opened || opened->size() != content.size()) return no_key;
  std::copy(opened->begin(), opened->end(), content.begin());
  key_.emplace(ContentKey::from(content));
  role_ = accounts_->user(login)->role;
  wipe(*opened);
  wipe(content);
  return {};
}

Result<BackupHead> Restore::check() {
  CHECK(key_.has_value());
  certificate_.clear();
  root_.clear();
  return read_backup(*source_, front_, *key_,
                     [&](const BackupItem& item) -> Result<std::unique_ptr<ByteSink>> {
                       Bytes* to = item.name == "device.cert" ? &certificate_
                                   : item.name == "root.pub"  ? &root_
                                                              : nullptr;
                       if (to == nullptr || item.bytes > limits::kEnrolmentBytesMax) {
                         return std::unique_ptr<ByteSink>();
                       }
                       return std::unique_ptr<ByteSink>(std::make_unique<MemorySink>(*to));
                     });
}

std::optional<bool> Restore::of_server() const {
  Hash root{};
  if (root_.size() != root.size()) return std::nullopt;
  std::copy(root_.begin(), root_.end(), root.begin());
  const Result<Certificate> certificate = read_certificate(certificate_, root);
  if (!certificate.ok()) return std::nullopt;
  return (certificate->device().rights & kCertify) != 0;
}

FolderNow Restore::now() const {
  const NodeFiles names(folder_);
  FolderNow out;
  out.database = files_.exists(names.database);
  if (const std::vector<KeyPair> keys = own_keys(files_, folder_); !keys.empty()) {
    const Hash own = keys.front().public_key();
    out.same_device = std::any_of(front_.keys.boxes.begin(), front_.keys.boxes.end(),
                                  [&](const BackupBox& box) { return box.reader == own; });
  }
  if (const Result<NodeSettings> settings = read_settings(files_, folder_); settings.ok()) {
    out.unit = settings->unit;
    out.unit_name = settings->unit_name;
  }
  return out;
}

std::string Restore::staged(const std::string& name) const {
  return folder_ + "/" + std::string(Files::kUnfinished) + "-restored-" + name;
}

Status Restore::stage(const BackupHead& head) {
  std::uint64_t bytes = 0;
  for (const BackupItem& item : head.items) bytes += item.bytes;
  TRY(expect_room(files_, folder_, bytes));
  TRY(read_backup(
      *source_, front_, *key_, [&](const BackupItem& item) -> Result<std::unique_ptr<ByteSink>> {
        if (is_database(item.name)) return files_.create(staged(item.name));
        if (item.bytes > limits::kBackupSmallFileMax) {
          return Error{
              ErrorCode::format_limit,
              {{"limit", std::to_string(limits::kBackupSmallFileMax)}, {"where", item.name}}};
        }
        return std::unique_ptr<ByteSink>(std::make_unique<SecretSink>(files_, staged(item.name)));
      }));
  return {};
}

/// The key last: with it the machine is whole.
Status Restore::put_in_place(const BackupHead& head) {
  for (const bool key : {false, true}) {
    for (const BackupItem& item : head.items) {
      if ((item.name == "device.key") != key) continue;
      TRY(files_.move(staged(item.name), folder_ + "/" + item.name));
    }
  }
  return {};
}

Result<std::string> Restore::run() {
  TRY_ASSIGN(const BackupHead head, check());
  TRY(files_.make_folder(folder_));
  TRY_ASSIGN(const std::unique_ptr<FileLock> alone, lock_node(files_, folder_));
  TRY(stage(head));
  PuttingAside putting(files_, folder_, kBeforeRestore);
  TRY(putting.begin());
  TRY(putting.move(kDatabaseFiles));
  TRY(putting.move(kOtherFiles));
  TRY(putting.close());
  std::string aside = putting.where();
  TRY(put_in_place(head));
  TRY(putting.finish());
  return aside;
}

Result<std::string> put_database_aside(Files& files, const std::string& folder) {
  const NodeFiles names(folder);
  if (!files.exists(names.key)) return Error{ErrorCode::store_not_made, {{"path", folder}}};
  if (!files.exists(names.certificate)) {
    return Error{ErrorCode::trust_not_enrolled, {{"file", names.request}}};
  }
  TRY_ASSIGN(const NodeSettings settings, read_settings(files, folder));
  if (settings.parent_key == Hash{}) return Error{ErrorCode::sync_is_top};
  TRY_ASSIGN(const std::unique_ptr<FileLock> alone, lock_node(files, folder));
  PuttingAside putting(files, folder, kBeforeRebuild);
  TRY(putting.begin());
  TRY(putting.move(kDatabaseFiles));
  TRY(putting.close());
  std::string aside = putting.where();
  TRY(putting.finish());
  return aside;
}

Error of_other_program(ErrorCode code, bool of_server, const std::string& unit_name) {
  return {code,
          {{"whose_vi", of_server ? "một máy chủ" : "một máy thôn hoặc máy cán bộ"},
           {"whose_en", of_server ? "a server" : "a village's or an officer's machine"},
           {"unit", unit_name},
           {"program", of_server ? "lalanhd" : "lalanh"}}};
}

}  // namespace lalanh
