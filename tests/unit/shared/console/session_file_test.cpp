#include "shared/console/session_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "shared/base/limits.h"
#include "shared/platform/platform.h"
#include "tests/support/simple_ports.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

struct Fixture {
  Fixture() {
    session.login = "tam";
    session.key.fill(7);
    REQUIRE(write_session(*files, clock, folder.path(), session).ok());
  }
  ~Fixture() { (void)remove_session(*files, folder.path()).ok(); }
  std::optional<SessionFile> read() {
    Result<std::optional<SessionFile>> out = read_session(*files, clock, folder.path());
    REQUIRE(out.ok());
    return std::move(*out);
  }
  bool is_there() { return files->exists(session_path(folder.path())); }
  FakeClock clock;
  TemporaryFolder folder;
  std::unique_ptr<Files> files = make_system_files();
  SessionFile session;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a session of the command line lasts while it is used") {
  for (int i = 0; i < 4; ++i) {
    clock.advance(limits::kSessionIdleMs - 1'000);
    const std::optional<SessionFile> found = read();
    REQUIRE(found.has_value());
    CHECK(found->login == "tam");
    CHECK(found->key == session.key);
  }
}

TEST_CASE_METHOD(Fixture, "a session that was left alone is removed with its key") {
  clock.advance(limits::kSessionIdleMs + 1'000);
  CHECK_FALSE(read().has_value());
  CHECK_FALSE(is_there());
}

TEST_CASE_METHOD(Fixture, "a start of the machine ends a session, however the clocks stand") {
  SECTION("the steady clock began anew, below the last use") { clock.steady = 10; }
  SECTION("it has run on as far already") {
    clock.wall_ms += 12 * 3'600'000;
    clock.steady += 5'000;
  }
  CHECK_FALSE(read().has_value());
  CHECK_FALSE(is_there());
}

TEST_CASE_METHOD(Fixture, "a session file is its owner's alone, and a damaged one is none") {
  const std::string path = session_path(folder.path());
  CHECK(std::filesystem::status(path).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  std::ofstream(path, std::ios::binary) << "{\"format\":1,\"login\":\"tam\"";
  CHECK_FALSE(read().has_value());
  CHECK_FALSE(is_there());
}

#if !defined(_WIN32)
TEST_CASE("a session is one folder's, however it is spelled") {
  const TemporaryFolder runtime, folder;
  std::filesystem::permissions(runtime.path(), std::filesystem::perms::owner_all);
  const char* before = std::getenv("XDG_RUNTIME_DIR");
  const std::string kept = before == nullptr ? "" : before;
  REQUIRE(::setenv("XDG_RUNTIME_DIR", runtime.path().c_str(), 1) == 0);
  const std::string path = session_path(folder.path());
  CHECK(path.starts_with(runtime.path() + "/"));
  CHECK(session_path(folder.path() + "/") == path);
  CHECK(session_path(folder.path() + "/../" + folder.path().substr(folder.path().rfind('/'))) ==
        path);
  REQUIRE(::setenv("XDG_RUNTIME_DIR", kept.c_str(), 1) == 0);
}
#endif

TEST_CASE_METHOD(Fixture, "signing out leaves nothing") {
  REQUIRE(remove_session(*files, folder.path()).ok());
  CHECK_FALSE(is_there());
  CHECK_FALSE(read().has_value());
}
