// Scripts through real replicas: store, segments, sessions, bundles on a simulated disk and link.
// What each dump must print was worked out by an independent model; it does not know the digest's
// bytes.
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/sim/checks.h"

using namespace lalanh;
using namespace lalanh::sim;

namespace {

std::string text_of(const std::string& file) {
  std::ifstream in("tests/golden/scripts/" + file);
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> play(const std::string& text) {
  std::vector<std::string> dumps;
  Player player({}, [&](const std::string& dump) { dumps.push_back(dump); });
  Checks checks(player);
  player.set_watcher(&checks);
  for (const ScriptLine& line : read_script(text)) player.play(line);
  return dumps;
}

void compare(const std::string& name) {
  const std::vector<std::string> dumps = play(text_of(name + ".jsonl"));
  std::istringstream expected(text_of(name + ".expected.jsonl"));
  std::size_t at = 0;
  for (std::string line; std::getline(expected, line); ++at) {
    REQUIRE(at < dumps.size());
    Json got = Json::parse(dumps[at]);
    CHECK(got.at("digest").get<std::string>().size() == 64);
    got.erase("digest");
    INFO(name << ", dump " << at + 1);
    CHECK(got.dump() == Json::parse(line).dump());
  }
  CHECK(at == dumps.size());
}

int line_of_error(const std::string& text) {
  try {
    play(text);
  } catch (const ScriptError& error) {
    return error.line;
  }
  return 0;
}

constexpr const char* kVillage = R"({"op":"unit","unit":"V","kind":"village"}
{"op":"node","node":"a","unit":"V"}
{"op":"node","node":"b","unit":"V","parent":"a"}
{"op":"create","node":"a","as":"h","type":"household","unit":"V","fields":{"x":1,"s_t":["q"]}}
)";

}  // namespace

TEST_CASE("the random script gives the dumps of an independent model, by real replicas") {
  compare("script-random");
}

TEST_CASE("the script of faults gives the dumps of an independent model, by real replicas") {
  compare("script-faults");
}

TEST_CASE("what is wrong in a script is told with its line") {
  const std::string good = kVillage;
  CHECK(line_of_error(good) == 0);
  CHECK(line_of_error("# a comment\n\n" + good + "not json\n") == 7);
  CHECK(line_of_error(good + R"({"op":"fly","node":"a"})") == 5);
  CHECK(line_of_error(good + R"({"op":"sync","node":"zz"})") == 5);
  CHECK(line_of_error(good + R"({"op":"sync","node":"b","often":true})") == 5);
  CHECK(line_of_error(good + R"({"op":"set","node":"a","entity":"h9","fields":{"x":2}})") == 5);
  CHECK(line_of_error(good + R"({"op":"set","node":"b","entity":"h","fields":{"x":2}})") == 5);
  CHECK(line_of_error(good + R"({"op":"set","node":"a","entity":"h","fields":{"x":2.5}})") == 5);
  CHECK(line_of_error(good + R"({"op":"set","node":"a","entity":"h","fields":{"s_t":2}})") == 5);
  CHECK(line_of_error(good +
                      R"({"op":"create","node":"a","as":"h","type":"t","unit":"V","fields":{}})") ==
        5);
}

TEST_CASE("expect sees values of fields, sets and conflicts") {
  const std::string good = kVillage;
  CHECK_NOTHROW(play(good + R"({"op":"expect","node":"a","entity":"h","field":"x","values":[1]}
{"op":"expect","node":"a","entity":"h","field":"s_t","values":["q"]}
{"op":"expect","node":"b","entity":"h","field":"x","values":[]})"));
  CHECK_THROWS_AS(
      play(good + R"({"op":"expect","node":"a","entity":"h","field":"x","values":[2]})"),
      Unexpected);
}

TEST_CASE(
    "a fork and a revoke in a script: what is set aside counts nowhere, and can be restored") {
  CHECK_NOTHROW(play(R"({"op":"unit","unit":"C","kind":"commune"}
{"op":"unit","unit":"V","parent":"C","kind":"village"}
{"op":"node","node":"c","unit":"C"}
{"op":"node","node":"a","unit":"V","parent":"c"}
{"op":"create","node":"a","as":"h","type":"household","unit":"V","fields":{"x":1}}
{"op":"fork","node":"a","as":"a2"}
{"op":"set","node":"a","entity":"h","fields":{"x":2}}
{"op":"set","node":"a2","entity":"h","fields":{"x":3}}
{"op":"sync","node":"a"}
{"op":"expect","node":"c","entity":"h","field":"x","values":[2]}
{"op":"sync","node":"a2"}
{"op":"expect","node":"c","entity":"h","field":"x","values":[1]}
{"op":"settle"}
{"op":"expect","node":"a","entity":"h","field":"x","values":[1]}
{"op":"expect","node":"a2","entity":"h","field":"x","values":[1]}
{"op":"create","node":"a","as":"g","type":"household","unit":"V","fields":{"x":9}}
{"op":"settle"}
{"op":"expect","node":"c","entity":"g","field":"x","values":[9]}
{"op":"revoke","node":"c","of":"a","unit":"V"}
{"op":"set","node":"a","entity":"g","fields":{"x":10}}
{"op":"settle"}
{"op":"expect","node":"c","entity":"g","field":"x","values":[9]}
{"op":"expect","node":"a","entity":"g","field":"x","values":[9]})"));
}
