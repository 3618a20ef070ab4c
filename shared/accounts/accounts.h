#pragma once

#include <memory>

#include "shared/accounts/accounts_file.h"
#include "shared/accounts/roles.h"
#include "shared/base/ports.h"

namespace lalanh {

/// One who may sign in on this machine. Known once the accounts are unlocked.
struct User {
  std::string login;
  std::string name;
  std::string office;
  UnitNo unit;  ///< 0: the machine's own
  std::string role;
  bool disabled = false;
  /// Of who decides: an Ed25519 pair of his own, whose seed his password alone opens.
  std::optional<Hash> decision_key;
  Bytes decision_seed;  ///< sealed

  /// "name, office", as events say it.
  std::string actor() const;
};

/// What a new account is made of.
struct NewUser {
  std::string login, name, office, role;
  UnitNo unit;
  std::string password;
};

/// The accounts of one machine and the data key that they share (`docs/FORMATS.md`, Accounts).
/// Locked until somebody opens an envelope, the recovery box, or brings the key; logins alone are
/// known before. Changes are in memory until `bytes` is kept somewhere. Not thread-safe.
class Accounts {
 public:
  /// New ones, unlocked, without users.
  static Accounts make(Random& random, Cipher cipher);
  /// Those of a file, locked. accounts.damaged with `path`; format.newer.
  static Result<Accounts> read(ByteView bytes, const std::string& path);

  Accounts(Accounts&&) noexcept = default;
  Accounts& operator=(Accounts&&) noexcept = default;

  bool locked() const { return !key_.has_value(); }
  Cipher cipher() const { return file_.cipher; }
  /// The commune's recovery key, public; nothing where there is none.
  std::optional<Hash> recovery_reader() const {
    return file_.recovery ? std::optional<Hash>(file_.recovery->reader) : std::nullopt;
  }
  std::vector<std::string> logins() const;

  /// Is this his password? Unlocks, where it is. accounts.wrong_password, also for a login that is
  /// not there; accounts.disabled; accounts.damaged. Takes as long as the envelope's cost.
  Status check_password(std::string_view login, std::string_view password);
  /// accounts.damaged where it is not the key of this file, or the file was altered.
  Status unlock(const Hash& key);
  /// With the secret half of the recovery key: accounts.no_recovery, accounts.damaged.
  Status unlock_with_recovery(const KeyPair& recovery);

  // --- all below: unlocked, or it is a CHECK ---
  const DataKey& key() const;
  const std::vector<User>& users() const { return users_; }
  const User* user(std::string_view login) const;
  /// Was the database encrypted already? Until then one in the clear may be met, and is encrypted.
  bool database_encrypted() const { return database_encrypted_; }
  void set_database_encrypted() { database_encrypted_ = true; }

  /// Errors: accounts.exists, accounts.short_password, accounts.wrong_role, input.*. One who
  /// decides gets a key pair of his own.
  Status add(const NewUser& user, const PasswordCost& cost, Random& random);
  /// A new envelope for the same key: nothing else is written anew. `old`: where he knows it, and
  /// his own key pair is kept; without it one who decides gets a new pair. accounts.not_found,
  /// accounts.wrong_password, accounts.short_password.
  Status set_password(std::string_view login, std::optional<std::string_view> old,
                      std::string_view password, const PasswordCost& cost, Random& random);
  /// accounts.not_found; accounts.last_one where nobody else could keep this machine: the least
  /// that stays. Who could enable him again, by role and unit, the API asks.
  Status set_disabled(std::string_view login, bool disabled);
  /// Whoever has the secret half can open everything. input.wrong_kind where it is no good key.
  Status set_recovery(const Hash& reader, Random& random);
  /// His own key pair, for one signature. accounts.wrong_password, accounts.not_found.
  Result<KeyPair> decision_pair(std::string_view login, std::string_view password) const;

  /// The file's bytes, the body sealed anew.
  Result<Bytes> bytes(Random& random);

 private:
  Accounts() = default;
  User* find(std::string_view login);
  Envelope* envelope(std::string_view login);
  const Envelope* envelope(std::string_view login) const;
  Status open_body();
  Result<Hash> seal_envelope(const std::string& login, std::string_view password,
                             const PasswordCost& cost, Random& random);
  /// The key of a password, where it opens his envelope.
  Result<Hash> password_key(std::string_view login, std::string_view password,
                            std::optional<DataKey>* data) const;

  AccountsFile file_;
  std::string path_;
  std::optional<DataKey> key_;
  std::vector<User> users_;
  bool database_encrypted_ = false;
};

/// Is it a name to sign in by: 1 to 32 letters a-z, digits, dots, dashes, beginning with a letter?
bool is_login(std::string_view text);
/// One from a person's name, who may have no better idea: "Bùi Văn Tám" gives "tam".
std::string login_of_name(std::string_view name);

}  // namespace lalanh
