#include "shared/accounts/desk.h"

#include <algorithm>

namespace lalanh {
namespace {

constexpr char kProofMark = ':';

Error sign_in_first() { return Error{ErrorCode::accounts_sign_in}; }

Result<Hash> read_data_key(Files& files, const std::string& path) {
  TRY_ASSIGN(Bytes bytes, files.read(path, limits::kEnrolmentBytesMax));
  Hash out{};
  if (bytes.size() != out.size()) {
    return Error{ErrorCode::system_file,
                 {{"path", path}, {"action", "read"}, {"why", "wrong length"}}};
  }
  std::copy(bytes.begin(), bytes.end(), out.begin());
  wipe(bytes);
  return out;
}

}  // namespace

std::string accounts_path(const std::string& folder) { return folder + "/accounts"; }
std::string data_key_path(const std::string& folder) { return folder + "/data.key"; }

Desk::Desk(const DeskOptions& options)
    : options_(options),
      path_(accounts_path(options.folder)),
      key_path_(data_key_path(options.folder)),
      sessions_(*options.clock, *options.random, options.idle_ms) {}

Result<std::unique_ptr<Desk>> Desk::open(const DeskOptions& options) {
  TRY(start_crypto());
  std::unique_ptr<Desk> out(new Desk(options));
  TRY(out->read());
  return out;
}

Status Desk::read() {
  if (!options_.files->exists(path_)) return {};
  TRY_ASSIGN(Bytes bytes, options_.files->read(path_, limits::kAccountsBytesMax));
  TRY_ASSIGN(accounts_, Accounts::read(bytes, path_));
  kept_ = std::move(bytes);
  if (!options_.files->exists(key_path_)) return {};
  TRY_ASSIGN(Hash key, read_data_key(*options_.files, key_path_));
  const Status opened = accounts_->unlock(key);
  wipe(key);
  key_file_ = opened.ok();
  return opened;
}

Status Desk::keep() {
  TRY_ASSIGN(Bytes bytes, accounts_->bytes(*options_.random));
  TRY(options_.files->replace(path_, bytes, true));
  kept_ = std::move(bytes);
  return {};
}

/// A change is kept, or did not happen.
template <class Change>
Status Desk::change(Change change) {
  if (!accounts_) return Error{ErrorCode::accounts_none};
  if (accounts_->locked()) return sign_in_first();
  Status done = change(*accounts_);
  if (done.ok()) done = keep();
  if (done.ok()) return done;
  // From what was kept last: accounts never become none, which would let in everybody.
  Hash key = accounts_->key().bytes();
  Result<Accounts> before = Accounts::read(kept_, path_);
  CHECK(before.ok() && before->unlock(key).ok());
  accounts_ = std::move(*before);
  wipe(key);
  return done;
}

bool Desk::has_accounts() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return accounts_.has_value();
}

bool Desk::locked() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return accounts_ && accounts_->locked();
}

std::vector<std::string> Desk::logins() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return accounts_ ? accounts_->logins() : std::vector<std::string>();
}

Status Desk::refresh() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!accounts_ || accounts_->locked()) return read();
  Hash key = accounts_->key().bytes();
  Status done = read();
  if (done.ok()) done = accounts_->unlock(key);
  wipe(key);
  return done;
}

void Desk::set_start_token(std::string token) {
  const std::lock_guard<std::mutex> guard(mutex_);
  start_token_ = std::move(token);
}

Result<std::string> Desk::sign_in(const std::string& login, const std::string& password) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!accounts_ || accounts_->locked()) TRY(read());
  if (!accounts_) return Error{ErrorCode::accounts_none};
  TRY(sessions_.may_try(login));
  const Status checked = accounts_->check_password(login, password);
  const bool wrong = !checked.ok() && checked.error().code == ErrorCode::accounts_wrong_password;
  if (checked.ok() || wrong) sessions_.tried(login, checked.ok());
  TRY(checked);
  return sessions_.open(login);
}

void Desk::sign_out(const std::string& session) {
  const std::lock_guard<std::mutex> guard(mutex_);
  sessions_.close(session);
}

Status Desk::unlock(const Hash& key) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!accounts_) return Error{ErrorCode::accounts_none};
  return accounts_->unlock(key);
}

Hash Desk::key() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  CHECK(accounts_.has_value());
  return accounts_->key().bytes();
}

Hash Desk::proof_of(const std::string& login) const {
  return blake2b({as_bytes("lalanh proof 1"), subkey(accounts_->key(), "proof"),
                  blake2b({as_bytes(start_token_)}), as_bytes(login)});
}

std::string Desk::proof(const std::string& login) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!accounts_ || accounts_->locked()) return "";
  return login + kProofMark + to_hex(proof_of(login));
}

Principal Desk::principal_of(const User& user) const {
  return {user.login, user.actor(), user.role, user.unit};
}

Result<Principal> Desk::who(const std::string& session) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!accounts_) return Principal{};
  if (accounts_->locked()) return sign_in_first();
  std::string login;
  const std::size_t mark = session.find(kProofMark);
  if (mark != std::string::npos) {
    login = session.substr(0, mark);
    const std::string proof = to_hex(proof_of(login));
    if (!equal_secret(as_bytes(proof), as_bytes(session).subspan(mark + 1))) {
      return sign_in_first();
    }
    if (login.empty() && (key_file_ || accounts_->users().empty())) return Principal{};
  } else {
    const std::optional<std::string> found = sessions_.touch(session);
    if (!found) return sign_in_first();
    login = *found;
  }
  const User* user = accounts_->user(login);
  if (user == nullptr) return sign_in_first();
  if (user->disabled) return Error{ErrorCode::accounts_disabled, {{"login", login}}};
  return principal_of(*user);
}

DatabaseSecret Desk::database() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  DatabaseSecret out;
  if (!accounts_ || accounts_->cipher() == Cipher::kNone) return out;
  const Hash key = subkey(accounts_->key(), "database");
  out.key.assign(key.begin(), key.end());
  out.cipher = to_text(accounts_->cipher());
  out.may_be_plain = !accounts_->database_encrypted();
  return out;
}

Bytes Desk::audit_key() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!accounts_ || accounts_->cipher() == Cipher::kNone) return {};
  const Hash key = subkey(accounts_->key(), "audit");
  return {key.begin(), key.end()};
}

Status Desk::database_encrypted() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!accounts_ || accounts_->database_encrypted()) return {};
  return change([](Accounts& accounts) {
    accounts.set_database_encrypted();
    return Status();
  });
}

Result<BackupAccess> Desk::backup_access(const ContentKey& key) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  BackupAccess out;
  if (!accounts_) return out;
  if (accounts_->locked()) return sign_in_first();
  out.sealed =
      seal_secret(subkey(accounts_->key(), kBackupPurpose), key.bytes(), {}, *options_.random);
  out.accounts = kept_;
  out.recovery = accounts_->recovery_reader();
  return out;
}

Result<std::vector<User>> Desk::users() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!accounts_) return std::vector<User>();
  if (accounts_->locked()) return sign_in_first();
  return accounts_->users();
}

bool Desk::has_recovery() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return accounts_ && accounts_->recovery_reader().has_value();
}

Status Desk::add(const NewUser& user) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (accounts_) {
    return change(
        [&](Accounts& accounts) { return accounts.add(user, options_.cost, *options_.random); });
  }
  Accounts made =
      Accounts::make(*options_.random, options_.unattended ? Cipher::kNone : options_.cipher);
  TRY(made.add(user, options_.cost, *options_.random));
  if (options_.unattended) {
    // Before the accounts: a server that has them must find it.
    TRY(options_.files->replace(key_path_, made.key().bytes(), true));
    key_file_ = true;
  }
  accounts_ = std::move(made);
  const Status kept = keep();
  if (!kept.ok()) accounts_.reset();
  return kept;
}

Status Desk::set_disabled(const std::string& login, bool disabled) {
  const std::lock_guard<std::mutex> guard(mutex_);
  TRY(change([&](Accounts& accounts) { return accounts.set_disabled(login, disabled); }));
  if (disabled) sessions_.close_all(login);
  return {};
}

Status Desk::change_password(const std::string& login, const std::string& old,
                             const std::string& password, const std::string& session) {
  const std::lock_guard<std::mutex> guard(mutex_);
  TRY(sessions_.may_try(login));
  const Status done = change([&](Accounts& accounts) {
    return accounts.set_password(login, old, password, options_.cost, *options_.random);
  });
  const bool wrong = !done.ok() && done.error().code == ErrorCode::accounts_wrong_password;
  if (done.ok() || wrong) sessions_.tried(login, done.ok());
  TRY(done);
  sessions_.close_all(login, session);
  return {};
}

Status Desk::reset_password(const std::string& login, const std::string& password) {
  const std::lock_guard<std::mutex> guard(mutex_);
  TRY(change([&](Accounts& accounts) {
    return accounts.set_password(login, std::nullopt, password, options_.cost, *options_.random);
  }));
  sessions_.close_all(login);
  return {};
}

Status Desk::set_recovery(const Hash& reader) {
  const std::lock_guard<std::mutex> guard(mutex_);
  return change(
      [&](Accounts& accounts) { return accounts.set_recovery(reader, *options_.random); });
}

Status Desk::recover(const KeyPair& recovery, const std::string& login,
                     const std::string& password) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!accounts_) return Error{ErrorCode::accounts_none};
  TRY(accounts_->unlock_with_recovery(recovery));
  const Status done = change([&](Accounts& accounts) -> Status {
    TRY(accounts.set_password(login, std::nullopt, password, options_.cost, *options_.random));
    return accounts.set_disabled(login, false);
  });
  TRY(done);
  sessions_.close_all(login);
  return {};
}

}  // namespace lalanh
