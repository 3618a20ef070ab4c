#include "shared/accounts/accounts.h"

#include <algorithm>

#include "shared/accounts/accounts_body.h"
#include "shared/catalogue/text.h"

namespace lalanh {
namespace {

/// A password is tried as dearly for a login that is not there: time tells nothing.
constexpr PasswordSalt kNobodysSalt{};
constexpr std::string_view kDecides = "commune_chairman";

Error not_found(std::string_view login) {
  return {ErrorCode::accounts_not_found, {{"login", std::string(login)}}};
}

Hash seed_key(const Hash& password_key) {
  return blake2b({as_bytes("lalanh decision key 1"), password_key});
}

void make_decision_pair(User& user, const Hash& password_key, Random& random) {
  const KeyPair pair = KeyPair::make(random);
  user.decision_key = pair.public_key();
  user.decision_seed =
      seal_secret(seed_key(password_key), pair.seed(), as_bytes(user.login), random);
}

Status check_text(std::string_view text, const char* field, bool required) {
  if (text.size() > limits::kActorBytesMax / 2) {
    return Error{ErrorCode::input_too_long,
                 {{"field", field}, {"max", std::to_string(limits::kActorBytesMax / 2)}}};
  }
  if (has_control(text, false)) {
    return Error{ErrorCode::input_bad_character, {{"field", field}, {"where", "accounts"}}};
  }
  if (required && text.empty()) {
    return Error{ErrorCode::input_missing, {{"field", field}, {"where", "accounts"}}};
  }
  return {};
}

}  // namespace

std::string User::actor() const { return office.empty() ? name : name + ", " + office; }

Accounts Accounts::make(Random& random, Cipher cipher) {
  Accounts out;
  out.file_.cipher = cipher;
  random.fill(out.file_.id);
  out.key_ = DataKey::make(random);
  return out;
}

Result<Accounts> Accounts::read(ByteView bytes, const std::string& path) {
  Accounts out;
  out.path_ = path;
  Result<AccountsFile> file = read_accounts_file(bytes);
  if (!file.ok()) {
    if (file.error().code == ErrorCode::format_newer) return file.error();
    std::string why(file.error().value("why"));
    if (why.empty()) why = file.error().name();
    return Error{ErrorCode::accounts_damaged, {{"path", path}, {"why", why}}};
  }
  out.file_ = std::move(*file);
  return out;
}

std::vector<std::string> Accounts::logins() const {
  std::vector<std::string> out;
  for (const Envelope& each : file_.envelopes) out.push_back(each.login);
  return out;
}

Envelope* Accounts::envelope(std::string_view login) {
  for (Envelope& each : file_.envelopes) {
    if (each.login == login) return &each;
  }
  return nullptr;
}

const Envelope* Accounts::envelope(std::string_view login) const {
  return const_cast<Accounts*>(this)->envelope(login);
}

Result<Hash> Accounts::password_key(std::string_view login, std::string_view password,
                                    std::optional<DataKey>* data) const {
  const Error wrong{ErrorCode::accounts_wrong_password};
  if (password.size() > limits::kPasswordBytesMax) return wrong;
  const Envelope* found = envelope(login);
  if (found == nullptr) {
    const PasswordCost cost =
        file_.envelopes.empty() ? PasswordCost{1, 8} : file_.envelopes.front().cost;
    TRY(key_of_password(password, kNobodysSalt, cost));
    return wrong;
  }
  TRY_ASSIGN(Hash key, key_of_password(password, found->salt, found->cost));
  std::optional<Bytes> opened = open_secret(key, found->sealed, envelope_context(file_, login));
  if (!opened || opened->size() != sizeof(Hash)) {
    wipe(key);
    return wrong;
  }
  if (data != nullptr) {
    Hash bytes{};
    std::copy(opened->begin(), opened->end(), bytes.begin());
    *data = DataKey::from(bytes);
    wipe(bytes);
  }
  wipe(*opened);
  return key;
}

Status Accounts::check_password(std::string_view login, std::string_view password) {
  std::optional<DataKey> data;
  TRY_ASSIGN(Hash key, password_key(login, password, &data));
  wipe(key);
  TRY(unlock(data->bytes()));
  const User* found = user(login);
  if (found == nullptr) return Error{ErrorCode::accounts_wrong_password};
  if (found->disabled) {
    return Error{ErrorCode::accounts_disabled, {{"login", std::string(login)}}};
  }
  return {};
}

Status Accounts::unlock(const Hash& key) {
  if (!locked()) {
    if (equal_secret(key_->bytes(), key)) return {};
    return Error{ErrorCode::accounts_damaged, {{"path", path_}, {"why", "another key"}}};
  }
  key_ = DataKey::from(key);
  const Status opened = open_body();
  if (!opened.ok()) key_.reset();
  return opened;
}

Status Accounts::unlock_with_recovery(const KeyPair& recovery) {
  if (!file_.recovery) return Error{ErrorCode::accounts_no_recovery};
  std::optional<ContentKey> key = open_box(file_.recovery->box, recovery);
  if (!key) return Error{ErrorCode::accounts_no_recovery};
  return unlock(key->bytes());
}

Status Accounts::open_body() {
  const Error damaged{ErrorCode::accounts_damaged,
                      {{"path", path_}, {"why", "the seal is broken"}}};
  std::optional<Bytes> plain = open_secret(subkey(*key_, "accounts"), file_.body, file_.front);
  if (!plain) return damaged;
  Result<AccountsBody> body = read_accounts_body(*plain);
  wipe(*plain);
  if (!body.ok()) return damaged;
  users_ = std::move(body->users);
  database_encrypted_ = body->database_encrypted;
  return {};
}

const DataKey& Accounts::key() const {
  CHECK(!locked());
  return *key_;
}

const User* Accounts::user(std::string_view login) const {
  return const_cast<Accounts*>(this)->find(login);
}

User* Accounts::find(std::string_view login) {
  CHECK(!locked());
  for (User& each : users_) {
    if (each.login == login) return &each;
  }
  return nullptr;
}

Result<Hash> Accounts::seal_envelope(const std::string& login, std::string_view password,
                                     const PasswordCost& cost, Random& random) {
  Envelope made;
  made.login = login;
  made.cost = cost;
  random.fill(made.salt);
  TRY_ASSIGN(const Hash key, key_of_password(password, made.salt, cost));
  const Bytes sealed = seal_secret(key, key_->bytes(), envelope_context(file_, login), random);
  CHECK(sealed.size() == made.sealed.size());
  std::copy(sealed.begin(), sealed.end(), made.sealed.begin());
  if (Envelope* old = envelope(login); old != nullptr) {
    *old = std::move(made);
  } else {
    file_.envelopes.push_back(std::move(made));
  }
  return key;
}

Status Accounts::add(const NewUser& user, const PasswordCost& cost, Random& random) {
  CHECK(!locked());
  if (!is_login(user.login)) {
    return Error{ErrorCode::input_wrong_kind,
                 {{"field", "login"},
                  {"expected", "a short name of a-z, digits, dots and dashes, a letter first"},
                  {"where", "accounts"}}};
  }
  if (find(user.login) != nullptr) {
    return Error{ErrorCode::accounts_exists, {{"login", user.login}}};
  }
  if (users_.size() >= limits::kUsersMax) {
    return Error{ErrorCode::input_too_long,
                 {{"field", "users"}, {"max", std::to_string(limits::kUsersMax)}}};
  }
  if (Roles::builtin().role(user.role) == nullptr) {
    return Error{ErrorCode::accounts_wrong_role, {{"role", user.role}}};
  }
  User made;
  made.login = user.login;
  made.name = tidy_line(user.name);
  made.office = tidy_line(user.office);
  made.role = user.role;
  made.unit = user.unit;
  TRY(check_text(made.name, "name", true));
  TRY(check_text(made.office, "office", false));
  TRY(check_new_password(user.password));
  TRY_ASSIGN(Hash key, seal_envelope(user.login, user.password, cost, random));
  if (user.role == kDecides) make_decision_pair(made, key, random);
  wipe(key);
  users_.push_back(std::move(made));
  return {};
}

Status Accounts::set_password(std::string_view login, std::optional<std::string_view> old,
                              std::string_view password, const PasswordCost& cost, Random& random) {
  User* found = find(login);
  if (found == nullptr) return not_found(login);
  TRY(check_new_password(password));
  std::optional<KeyPair> pair;
  if (old) {
    TRY_ASSIGN(Hash before, password_key(login, *old, nullptr));
    wipe(before);
    if (found->decision_key) {
      TRY_ASSIGN(pair, decision_pair(login, *old));
    }
  }
  TRY_ASSIGN(Hash key, seal_envelope(found->login, password, cost, random));
  if (pair) {
    found->decision_seed = seal_secret(seed_key(key), pair->seed(), as_bytes(found->login), random);
  } else if (found->decision_key) {
    make_decision_pair(*found, key, random);
  }
  wipe(key);
  return {};
}

Status Accounts::set_disabled(std::string_view login, bool disabled) {
  User* found = find(login);
  if (found == nullptr) return not_found(login);
  const Operation* keeping = Roles::builtin().operation("POST /api/users");
  const bool other_keeper = std::any_of(users_.begin(), users_.end(), [&](const User& each) {
    return each.login != login && !each.disabled && keeping->reach(each.role) == Reach::kYes;
  });
  if (disabled && !other_keeper) {
    return Error{ErrorCode::accounts_last_one, {{"login", std::string(login)}}};
  }
  found->disabled = disabled;
  return {};
}

Status Accounts::set_recovery(const Hash& reader, Random& random) {
  const std::optional<KeyBox> box = seal_box(key(), reader, random);
  if (!box) {
    return Error{ErrorCode::input_wrong_kind,
                 {{"field", "key"}, {"expected", "a recovery key"}, {"where", "the command line"}}};
  }
  file_.recovery = RecoveryBox{reader, *box};
  return {};
}

Result<KeyPair> Accounts::decision_pair(std::string_view login, std::string_view password) const {
  const User* found = user(login);
  if (found == nullptr || !found->decision_key) return not_found(login);
  TRY_ASSIGN(Hash key, password_key(login, password, nullptr));
  std::optional<Bytes> seed = open_secret(seed_key(key), found->decision_seed, as_bytes(login));
  wipe(key);
  Hash bytes{};
  if (!seed || seed->size() != bytes.size()) return Error{ErrorCode::accounts_wrong_password};
  std::copy(seed->begin(), seed->end(), bytes.begin());
  KeyPair pair = KeyPair::from_seed(bytes);
  wipe(bytes);
  wipe(*seed);
  return pair;
}

Result<Bytes> Accounts::bytes(Random& random) {
  AccountsBody body{database_encrypted_, users_};
  file_.front = front_of(file_);
  Bytes plain = bytes_of(body);
  file_.body = seal_secret(subkey(key(), "accounts"), plain, file_.front, random);
  wipe(plain);
  Bytes out = bytes_of(file_);
  if (out.size() > limits::kAccountsBytesMax) {
    return Error{ErrorCode::input_too_long,
                 {{"field", "users"}, {"max", std::to_string(limits::kAccountsBytesMax)}}};
  }
  return out;
}

bool is_login(std::string_view text) {
  if (text.empty() || text.size() > limits::kLoginBytesMax) return false;
  if (text.front() < 'a' || text.front() > 'z') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

std::string login_of_name(std::string_view name) {
  const std::string folded = fold_for_search(name);
  const std::size_t blank = folded.rfind(' ');
  std::string out;
  for (const char c : folded.substr(blank == std::string::npos ? 0 : blank + 1)) {
    if (is_login(std::string("a") + c)) out.push_back(c);
  }
  return is_login(out) ? out : "user";
}

}  // namespace lalanh
