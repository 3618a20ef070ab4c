#include "shared/accounts/accounts.h"

#include <catch2/catch.hpp>

#include "tests/support/simple_ports.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

constexpr PasswordCost kCheap{1, 8};
constexpr const char* kPassword = "mật khẩu của Tám";

template <class T>
T must(Result<T> result) {
  if (!result.ok())
    FAIL(result.error().name() << ": " << result.error().message(Language::kEnglish));
  return std::move(result).value();
}
void must(const Status& status) {
  if (!status.ok()) FAIL(status.error().name());
}

NewUser person(const std::string& login, const std::string& role = "village_head") {
  return {login, "Bùi Văn " + login, "Trưởng thôn", role, UnitNo(7), kPassword};
}

struct Fixture {
  Fixture() { must(start_crypto()); }
  Bytes file(const std::vector<NewUser>& users) {
    Accounts made = Accounts::make(random, Cipher::kAegis);
    for (const NewUser& user : users) must(made.add(user, kCheap, random));
    return must(made.bytes(random));
  }
  Accounts read(const Bytes& bytes) { return must(Accounts::read(bytes, "f/accounts")); }
  SeededRandom random{5};
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a user signs in with his password and finds name, office, unit, role") {
  Accounts accounts = read(file({person("tam")}));
  CHECK(accounts.locked());
  CHECK(accounts.logins() == std::vector<std::string>{"tam"});
  must(accounts.check_password("tam", kPassword));
  const User* user = accounts.user("tam");
  REQUIRE(user != nullptr);
  CHECK(user->actor() == "Bùi Văn tam, Trưởng thôn");
  CHECK(user->unit == UnitNo(7));
  CHECK(user->role == "village_head");
  CHECK_FALSE(user->decision_key.has_value());
}

TEST_CASE_METHOD(Fixture, "a wrong password is told as one, and like a login that is not there") {
  const Bytes bytes = file({person("tam")});
  Accounts accounts = read(bytes);
  for (const char* login : {"tam", "sau"}) {
    const Status wrong = accounts.check_password(login, "sai mật khẩu");
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().code == ErrorCode::accounts_wrong_password);
    CHECK(accounts.locked());
  }
}

TEST_CASE_METHOD(Fixture, "a password typed in another normal form is the same password") {
  Accounts made = Accounts::make(random, Cipher::kNone);
  NewUser user = person("tam");
  user.password = "\xc3\xa1\xc3\xa1\xc3\xa1\xc3\xa1 1234";  // á in one piece
  must(made.add(user, kCheap, random));
  Accounts accounts = read(must(made.bytes(random)));
  must(accounts.check_password("tam",
                               "a\xcc\x81"
                               "a\xcc\x81"
                               "a\xcc\x81"
                               "a\xcc\x81 1234"));
}

TEST_CASE_METHOD(Fixture, "a damaged byte is damage, never a wrong password, wherever it lies") {
  const Bytes bytes = file({person("tam"), person("sau", "commune_chairman")});
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes damaged = bytes;
    damaged[i] ^= static_cast<std::uint8_t>(1U + random.below(255));
    const Result<Accounts> read = Accounts::read(damaged, "f/accounts");
    INFO(i);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == ErrorCode::accounts_damaged);
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(Accounts::read(ByteView(bytes).first(size), "f/accounts").ok());
  }
}

TEST_CASE_METHOD(Fixture, "an altered file whose digest was made to fit is caught by the seal") {
  AccountsFile file = must(read_accounts_file(this->file({person("tam")})));
  SECTION("another cipher") { file.cipher = Cipher::kNone; }
  SECTION("an envelope more") {
    file.envelopes.push_back(file.envelopes.front());
    file.envelopes.back().login = "la";
  }
  SECTION("a body of another file") {
    file.body = must(read_accounts_file(this->file({person("tam", "it")}))).body;
  }
  file.front = front_of(file);
  Accounts accounts = read(bytes_of(file));
  const Status opened = accounts.check_password("tam", kPassword);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ErrorCode::accounts_damaged);
  CHECK(accounts.locked());
}

TEST_CASE_METHOD(Fixture, "one user's envelope does not open under another's login") {
  AccountsFile file = must(read_accounts_file(this->file({person("tam"), person("sau")})));
  std::swap(file.envelopes[0].login, file.envelopes[1].login);
  file.front = front_of(file);
  Accounts accounts = read(bytes_of(file));
  CHECK_FALSE(accounts.check_password("tam", kPassword).ok());
}

TEST_CASE_METHOD(Fixture, "a changed password opens the same key, and the old one nothing") {
  Accounts accounts = read(file({person("tam")}));
  must(accounts.check_password("tam", kPassword));
  const Hash key = accounts.key().bytes();
  CHECK(accounts.set_password("tam", "không phải", "mật khẩu mới", kCheap, random).error().code ==
        ErrorCode::accounts_wrong_password);
  must(accounts.set_password("tam", kPassword, "mật khẩu mới", kCheap, random));
  Accounts again = read(must(accounts.bytes(random)));
  CHECK_FALSE(again.check_password("tam", kPassword).ok());
  must(again.check_password("tam", "mật khẩu mới"));
  CHECK(again.key().bytes() == key);
}

TEST_CASE_METHOD(Fixture, "who decides has a key pair that his password alone opens") {
  Accounts accounts = read(file({person("tam"), person("chu-tich", "commune_chairman")}));
  must(accounts.check_password("tam", kPassword));
  const Hash key = accounts.user("chu-tich")->decision_key.value();
  const KeyPair pair = must(accounts.decision_pair("chu-tich", kPassword));
  CHECK(pair.public_key() == key);
  CHECK_FALSE(accounts.decision_pair("chu-tich", "sai mật khẩu").ok());
  CHECK_FALSE(accounts.decision_pair("tam", kPassword).ok());

  must(accounts.set_password("chu-tich", kPassword, "mật khẩu mới", kCheap, random));
  CHECK(must(accounts.decision_pair("chu-tich", "mật khẩu mới")).public_key() == key);
  // Whoever keeps the machine can give him a new password, but not his old signature with it.
  must(accounts.set_password("chu-tich", std::nullopt, "mật khẩu lạ", kCheap, random));
  CHECK(must(accounts.decision_pair("chu-tich", "mật khẩu lạ")).public_key() != key);
}

TEST_CASE_METHOD(Fixture, "the commune's recovery key opens what a forgotten password locked") {
  const KeyPair recovery = KeyPair::make(random);
  const KeyPair stranger = KeyPair::make(random);
  Accounts accounts = read(file({person("tam")}));
  must(accounts.check_password("tam", kPassword));
  must(accounts.set_recovery(recovery.public_key(), random));
  const Hash key = accounts.key().bytes();
  Accounts again = read(must(accounts.bytes(random)));
  CHECK(again.unlock_with_recovery(stranger).error().code == ErrorCode::accounts_no_recovery);
  CHECK(again.locked());
  must(again.unlock_with_recovery(recovery));
  CHECK(again.key().bytes() == key);
  CHECK(read(file({person("tam")})).unlock_with_recovery(recovery).error().code ==
        ErrorCode::accounts_no_recovery);
}

TEST_CASE_METHOD(Fixture, "a disabled user does not come in, and the last keeper is not disabled") {
  Accounts accounts = read(file({person("tam"), person("sau"), person("gs", "supervisor")}));
  must(accounts.check_password("tam", kPassword));
  must(accounts.set_disabled("sau", true));
  CHECK(accounts.check_password("sau", kPassword).error().code == ErrorCode::accounts_disabled);
  CHECK(accounts.set_disabled("tam", true).error().code == ErrorCode::accounts_last_one);
  CHECK(accounts.set_disabled("nobody", true).error().code == ErrorCode::accounts_not_found);
  must(accounts.set_disabled("sau", false));
  must(accounts.set_disabled("tam", true));
}

TEST_CASE_METHOD(Fixture, "accounts that cannot be are refused by name") {
  Accounts accounts = Accounts::make(random, Cipher::kNone);
  const auto refused = [&](NewUser user) {
    const Status status = accounts.add(user, kCheap, random);
    return status.ok() ? std::string() : status.error().name();
  };
  NewUser user = person("tam");
  user.password = "ngắn quá";  // eight characters are enough
  CHECK(refused(user) == "");
  CHECK(refused(person("tam")) == "accounts.exists");
  user = person("b");
  user.password = "1234567";
  CHECK(refused(user) == "accounts.short_password");
  user = person("c");
  user.name = "  ";
  CHECK(refused(user) == "input.missing");
  user = person("d");
  user.role = "king";
  CHECK(refused(user) == "accounts.wrong_role");
  for (const char* login : {"", "Tám", "a b", "1a", "a:b", "a/b", "-a"}) {
    CHECK(refused(person(login)) == "input.wrong_kind");
  }
}

TEST_CASE("a login comes from the given name") {
  CHECK(login_of_name("Bùi Văn Tám") == "tam");
  CHECK(login_of_name("Đặng Thị Đức") == "duc");
  CHECK(login_of_name("") == "user");
}

TEST_CASE_METHOD(Fixture, "no name and no password stands in the file in the clear") {
  const Bytes bytes = file({person("tam", "commune_chairman")});
  const std::string_view text = as_text(bytes);
  for (const char* secret : {"Bùi", "Trưởng", kPassword, "chairman"}) {
    CHECK(text.find(secret) == std::string_view::npos);
  }
}
