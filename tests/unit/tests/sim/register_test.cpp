// What people read is checked from outside: tables, inbox, findings, reports (`register_checks.h`).
#include <catch2/catch.hpp>

#include "tests/sim/checks.h"

using namespace lalanh;
using namespace lalanh::sim;

namespace {

/// Two villages of a commune; a household with two heads and two assessments of one year, and one
/// with the citizen of the first.
constexpr const char* kBook = R"({"op":"unit","unit":"C","kind":"commune"}
{"op":"unit","unit":"V","parent":"C","kind":"village"}
{"op":"unit","unit":"W","parent":"C","kind":"village"}
{"op":"node","node":"c","unit":"C"}
{"op":"node","node":"a","unit":"V","parent":"c"}
{"op":"node","node":"b","unit":"V","parent":"c"}
{"op":"node","node":"w","unit":"W","parent":"c"}
{"op":"create","node":"a","as":"h","type":"household","unit":"V","fields":{"head":"An","citizen_id":"001090000001"}}
{"op":"create","node":"a","as":"m","type":"member","unit":"V","parent":"h","fields":{"name":"An","relation":"Chủ hộ"}}
{"op":"create","node":"a","as":"n","type":"member","unit":"V","parent":"h","fields":{"name":"Bình","relation":"chủ hộ"}}
{"op":"create","node":"a","as":"f","type":"assessment","unit":"V","parent":"h","fields":{"period":"2023","area":"R","score_income":100,"score_deprivation":30}}
{"op":"create","node":"w","as":"g","type":"household","unit":"W","fields":{"head":"Bé","citizen_id":"001090000001"}}
{"op":"settle"}
{"op":"create","node":"b","as":"e","type":"assessment","unit":"V","parent":"h","fields":{"period":"2023","area":"R","score_income":200}}
{"op":"set","node":"a","entity":"h","fields":{"head":"Ân"}}
{"op":"set","node":"b","entity":"h","fields":{"head":"Ấn"}}
)";

class Play {
 public:
  Play() : player_({}, [](const std::string&) {}), checks_(player_) {
    player_.set_watcher(&checks_);
    tell(kBook);
  }
  void tell(const std::string& lines) {
    for (const ScriptLine& line : read_script(lines)) player_.play(line);
  }
  Machine& machine(const std::string& name) { return player_.world().machine(name); }
  /// The promise that a settling finds broken; 0: none.
  int broken_by(const std::string& node, const std::string& sql) {
    REQUIRE(machine(node).store().core().db->execute(sql).ok());
    try {
      tell(R"({"op":"settle"})");
    } catch (const Broken& broken) {
      return broken.invariant;
    }
    return 0;
  }

 private:
  Player player_;
  Checks checks_;
};

}  // namespace

TEST_CASE("the tables of every machine are what its log comes to") {
  Play play;
  REQUIRE_NOTHROW(play.tell(R"({"op":"settle"})"));
  Machine& hall = play.machine("c");
  const std::vector<std::string> lines = *register_lines(hall.store(), hall.registered());
  const auto count = [](const std::vector<std::string>& of, const std::string& begins) {
    return std::count_if(of.begin(), of.end(),
                         [&](const auto& line) { return line.rfind(begins, 0) == 0; });
  };
  CHECK(count(lines, "household") == 2);
  CHECK(count(lines, "assessment") == 2);
  CHECK(count(lines, "citizen") == 2);
  CHECK(count(lines, "conflict") == 1);
  // The later assessment counts: not poor.
  CHECK(count(lines, "figures 3700002 '2023' 4: 1 2") == 1);
  CHECK(count(lines, "figures 3700002 '' 0: 1 2") == 1);
  const std::vector<std::string> findings = *finding_lines(hall.registered());
  CHECK(count(findings, "finding two_heads") == 1);
  CHECK(count(findings, "finding assessed_twice") == 1);
  CHECK(count(findings, "finding citizen_twice") == 2);
  // Who sees one village alone finds no citizen twice.
  CHECK(count(*finding_lines(play.machine("w").registered()), "finding") == 0);
}

TEST_CASE("tables that are not what the log comes to are found at the next rest") {
  const std::string sql =
      GENERATE("UPDATE counter SET households=households+1 WHERE unit=3700003",
               "UPDATE household SET members=3 WHERE members=2",
               "UPDATE household SET search='An' || char(10) WHERE unit=3700003",
               "UPDATE assessment SET counted=0",
               "DELETE FROM citizen WHERE household IN"
               " (SELECT id FROM household WHERE unit=3700003)");
  INFO(sql);
  Play play;
  play.tell(R"({"op":"settle"})");
  CHECK(play.broken_by("c", sql) == 5);
}

TEST_CASE("an inbox that lacks a conflict is found at the next rest") {
  Play play;
  play.tell(R"({"op":"settle"})");
  CHECK(play.broken_by("a", "DELETE FROM conflict") == 6);
}

TEST_CASE("tables that another program's log has filled are made anew from the state") {
  Play play;
  play.tell(R"({"op":"settle"})");
  Machine& hall = play.machine("c");
  const std::vector<std::string> before = *register_lines(hall.store(), hall.registered());
  REQUIRE(hall.store().core().db->execute("DELETE FROM household; DELETE FROM counter").ok());
  REQUIRE(hall.registered().rebuild().ok());
  CHECK(*register_lines(hall.store(), hall.registered()) == before);
}
