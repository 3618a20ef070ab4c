#include "shared/accounts/desk.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "shared/platform/platform.h"
#include "tests/support/simple_ports.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

constexpr const char* kPassword = "mật khẩu dài";

struct Fixture {
  std::unique_ptr<Desk> desk() {
    DeskOptions options{folder.path(), &clock, &random, files.get(), {1, 8}};
    Result<std::unique_ptr<Desk>> out = Desk::open(options);
    REQUIRE(out.ok());
    return std::move(*out);
  }
  static NewUser person(const std::string& login) {
    return {login, "Người " + login, "", "village_head", UnitNo(), kPassword};
  }
  FakeClock clock;
  SeededRandom random{11};
  TemporaryFolder folder;
  std::unique_ptr<Files> files = make_system_files();
};

}  // namespace

TEST_CASE_METHOD(Fixture, "two programs that change the accounts in turn lose none") {
  REQUIRE(desk()->add(person("a")).ok());
  const auto one = desk(), other = desk();
  REQUIRE(one->sign_in("a", kPassword).ok());
  REQUIRE(other->sign_in("a", kPassword).ok());
  REQUIRE(one->add(person("b")).ok());
  REQUIRE(other->refresh().ok());
  CHECK_FALSE(other->locked());
  REQUIRE(other->add(person("c")).ok());
  CHECK(desk()->logins() == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE_METHOD(Fixture, "a program that waits locked meets the accounts as they are by then") {
  REQUIRE(desk()->add(person("a")).ok());
  const auto waits = desk();
  const auto other = desk();
  REQUIRE(other->sign_in("a", kPassword).ok());
  REQUIRE(other->add(person("b")).ok());
  CHECK(waits->sign_in("b", kPassword).ok());
}

TEST_CASE_METHOD(Fixture, "a change that cannot be kept did not happen, and lets in nobody") {
  const auto desk = this->desk();
  REQUIRE(desk->add(person("a")).ok());
  const Result<std::string> session = desk->sign_in("a", kPassword);
  REQUIRE(session.ok());
  std::filesystem::remove_all(folder.path());
  CHECK_FALSE(desk->add(person("b")).ok());
  CHECK(desk->has_accounts());
  CHECK(desk->users()->size() == 1);
  CHECK(desk->who(*session)->login == "a");
  CHECK_FALSE(desk->who("").ok());
  // The file is gone: what is known stays.
  CHECK(desk->refresh().ok());
  CHECK(desk->users()->size() == 1);
}

TEST_CASE_METHOD(Fixture, "a machine without accounts is whoever has its folder") {
  const auto desk = this->desk();
  CHECK_FALSE(desk->has_accounts());
  CHECK(desk->who("")->is_machine());
  CHECK(desk->database().key.empty());
  CHECK(desk->sign_in("a", kPassword).error().code == ErrorCode::accounts_none);
  CHECK(desk->set_disabled("a", true).error().code == ErrorCode::accounts_none);
}

TEST_CASE_METHOD(Fixture, "keys for different purposes have nothing in common") {
  const DataKey key = DataKey::make(random);
  CHECK(subkey(key, "database") != subkey(key, "audit"));
  CHECK(subkey(key, "database") != key.bytes());
}
