#pragma once

#include <memory>
#include <mutex>

#include "shared/accounts/accounts.h"
#include "shared/accounts/sessions.h"

namespace lalanh {

/// What a desk stands on. The pointers outlive it.
struct DeskOptions {
  std::string folder;  ///< of the node, UTF-8
  Clock* clock = nullptr;
  Random* random = nullptr;
  Files* files = nullptr;
  PasswordCost cost;  ///< of passwords from now on; tests take a cheap one
  std::int64_t idle_ms = limits::kSessionIdleMs;
  /// The first account's cipher for the database.
  Cipher cipher = Cipher::kChacha20;
  /// A server: the data key lies in a file of its own too, so that it starts unattended.
  bool unattended = false;
};

/// How the database of a node is locked.
struct DatabaseSecret {
  Bytes key;  ///< empty: it is not
  std::string cipher;
  bool may_be_plain = false;  ///< it was not encrypted yet when last looked at
};

/// How the accounts of a machine open a backup of it.
struct BackupAccess {
  Bytes sealed;                  ///< the content key, under the data key; empty: no accounts
  Bytes accounts;                ///< the file that a password opens
  std::optional<Hash> recovery;  ///< public, where there is one
};
/// What a data key's subkey for that is called.
inline constexpr std::string_view kBackupPurpose = "backup";

/// The front desk of a node: who may come in, and with what. Keeps the files `accounts` and
/// `data.key`, and the sessions. Thread-safe; a password takes its time under the lock, so
/// that one at a time is tried.
class Desk {
 public:
  /// accounts.damaged, format.newer, system.file. A node without the file has no users: whoever has
  /// its folder may do what its certificate allows. Unlocked already where `data.key` is there.
  static Result<std::unique_ptr<Desk>> open(const DeskOptions& options);
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  bool has_accounts() const;
  /// It has accounts, and nobody has opened them since the start.
  bool locked() const;
  std::vector<std::string> logins() const;
  /// The secret start token of the program that serves: proofs hold for it alone.
  void set_start_token(std::string token);

  /// accounts.too_many_tries, accounts.wrong_password, accounts.disabled, accounts.none.
  /// A new session's token.
  Result<std::string> sign_in(const std::string& login, const std::string& password);
  void sign_out(const std::string& session);
  /// Opens with a key that a session file kept. accounts.damaged.
  Status unlock(const Hash& key);
  /// Reads the file again, where another program may have changed it; what was unlocked stays so.
  /// For whoever has just taken the node's lock. accounts.damaged.
  Status refresh();
  /// The data key, for a session file: unlocked, or it is a CHECK.
  Hash key() const;
  /// That the caller has the data key and acts for this user; "" is the machine. In place of a
  /// session's token, for commands of this machine.
  std::string proof(const std::string& login) const;
  /// Whose request it is, and that he is there: a session's token or a proof. accounts.sign_in.
  Result<Principal> who(const std::string& session);

  DatabaseSecret database() const;
  Bytes audit_key() const;  ///< empty where there are no accounts
  /// It is encrypted now; kept in the file, once.
  Status database_encrypted();

  /// For the content key of a backup. accounts.sign_in.
  Result<BackupAccess> backup_access(const ContentKey& key) const;

  /// Unlocked, or accounts.sign_in. Without accounts, none.
  Result<std::vector<User>> users() const;
  bool has_recovery() const;
  /// The first one makes the accounts, and the data key.
  Status add(const NewUser& user);
  Status set_disabled(const std::string& login, bool disabled);
  /// His own, who knows the old one; `session` stays, his others end.
  Status change_password(const std::string& login, const std::string& old,
                         const std::string& password, const std::string& session);
  /// Another's, who has forgotten his: his sessions end.
  Status reset_password(const std::string& login, const std::string& password);
  Status set_recovery(const Hash& reader);
  /// With the secret half of the recovery key: a new password for one user, enabled again.
  Status recover(const KeyPair& recovery, const std::string& login, const std::string& password);

 private:
  explicit Desk(const DeskOptions& options);
  Status read();
  Status keep();
  template <class Change>
  Status change(Change change);
  Hash proof_of(const std::string& login) const;
  Principal principal_of(const User& user) const;

  const DeskOptions options_;
  const std::string path_, key_path_;
  mutable std::mutex mutex_;
  std::optional<Accounts> accounts_;
  Bytes kept_;  ///< the file as it was read or written last
  Sessions sessions_;
  std::string start_token_;
  bool key_file_ = false;
};

/// Names of the files.
std::string accounts_path(const std::string& folder);
std::string data_key_path(const std::string& folder);

}  // namespace lalanh
