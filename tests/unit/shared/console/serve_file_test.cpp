#include "shared/console/serve_file.h"

#include <catch2/catch.hpp>

#include "shared/platform/platform.h"
#include "tests/support/simple_ports.h"

namespace lalanh {
namespace {

TEST_CASE("a running program is found through its serve.json, and no more once it is removed") {
  const testing::TemporaryFolder temporary;
  const auto files = make_system_files();
  const auto random = make_system_random();
  CHECK_FALSE(read_serve_file(*files, temporary.path())->has_value());
  const ServeFile written{8'123, make_token(**random), process_id()};
  CHECK(written.token.size() == 64);
  CHECK(written.token != make_token(**random));
  REQUIRE(write_serve_file(*files, temporary.path(), written).ok());
  const auto read = read_serve_file(*files, temporary.path());
  REQUIRE(read.ok());
  REQUIRE(read->has_value());
  CHECK((*read)->port == written.port);
  CHECK((*read)->token == written.token);
  CHECK((*read)->pid == written.pid);
  REQUIRE(remove_serve_file(*files, temporary.path()).ok());
  CHECK_FALSE(read_serve_file(*files, temporary.path())->has_value());
}

TEST_CASE("a serve.json of a program that runs no more counts as none") {
  const testing::TemporaryFolder temporary;
  const auto files = make_system_files();
  REQUIRE(write_serve_file(*files, temporary.path(), {1, "t", std::int64_t{1} << 40U}).ok());
  CHECK_FALSE(read_serve_file(*files, temporary.path())->has_value());
}

TEST_CASE("a serve.json that something else wrote is refused") {
  const testing::TemporaryFolder temporary;
  const auto files = make_system_files();
  for (const char* text : {"", "{}", "[]", R"({"port":0,"token":"t","pid":1})",
                           R"({"port":70000,"token":"t","pid":1})", R"({"port":1,"token":"t"})",
                           R"({"port":1,"token":"t","pid":1,"more":1})"}) {
    INFO(text);
    REQUIRE(files->replace(temporary.file("serve.json"), as_bytes(text), true).ok());
    CHECK_FALSE(read_serve_file(*files, temporary.path()).ok());
  }
}

}  // namespace
}  // namespace lalanh
