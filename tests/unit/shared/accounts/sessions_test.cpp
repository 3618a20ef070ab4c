#include "shared/accounts/sessions.h"

#include <catch2/catch.hpp>

#include "shared/trust/crypto.h"
#include "tests/support/simple_ports.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

struct Fixture {
  Fixture() { CHECK(start_crypto().ok()); }
  std::string seconds() const {
    const Status status = sessions.may_try("tam");
    return status.ok() ? "0" : std::string(status.error().value("seconds"));
  }
  FakeClock clock;
  SeededRandom random{3};
  Sessions sessions{clock, random, 60'000};
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a session lives while it is used and ends when it is left alone") {
  const std::string token = sessions.open("tam");
  for (int i = 0; i < 5; ++i) {
    clock.advance(59'000);
    CHECK(sessions.touch(token) == "tam");
  }
  clock.advance(61'000);
  CHECK_FALSE(sessions.touch(token).has_value());
  CHECK(sessions.count() == 0);
}

TEST_CASE_METHOD(Fixture, "no date of the wall clock lengthens or ends a session") {
  const std::string token = sessions.open("tam");
  clock.wall_ms = 946'684'800'000;  // 2000
  CHECK(sessions.touch(token) == "tam");
  clock.wall_ms = 4'070'908'800'000;  // 2099
  CHECK(sessions.touch(token) == "tam");
}

TEST_CASE_METHOD(Fixture, "tokens are 64 digits, all different, and end when closed") {
  const std::string one = sessions.open("tam");
  const std::string other = sessions.open("tam");
  CHECK(one.size() == 64);
  CHECK(one != other);
  sessions.close(one);
  CHECK_FALSE(sessions.touch(one).has_value());
  CHECK(sessions.touch(other) == "tam");
  sessions.close_all("tam", other);
  CHECK(sessions.touch(other) == "tam");
  sessions.close_all("tam");
  CHECK_FALSE(sessions.touch(other).has_value());
  CHECK_FALSE(sessions.touch("").has_value());
}

TEST_CASE_METHOD(Fixture, "the idlest session goes where there are too many") {
  const std::string first = sessions.open("a");
  for (std::size_t i = 0; i < limits::kSessionsMax; ++i) sessions.open("b");
  CHECK(sessions.count() == limits::kSessionsMax);
  CHECK_FALSE(sessions.touch(first).has_value());
}

TEST_CASE_METHOD(Fixture, "ten wrong passwords wait longer and longer, a right one forgets them") {
  std::vector<std::string> waits;
  for (int i = 0; i < 14; ++i) {
    waits.push_back(seconds());
    clock.advance(limits::kWrongPasswordWaitMaxMs);
    CHECK(sessions.may_try("tam").ok());
    sessions.tried("tam", false);
  }
  CHECK(waits == std::vector<std::string>{"0", "0", "0", "1", "2", "4", "8", "16", "32", "64",
                                          "128", "256", "300", "300"});
  CHECK(sessions.may_try("sau").ok());
  sessions.tried("tam", true);
  CHECK(seconds() == "0");
}

TEST_CASE_METHOD(Fixture, "made up logins do not fill the memory") {
  for (int i = 0; i < 5'000; ++i) sessions.tried("x" + std::to_string(i), false);
  for (int i = 0; i < 5; ++i) sessions.tried("tam", false);
  CHECK(seconds() != "0");
}
