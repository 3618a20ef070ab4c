// What hurt the field most, played to the end. None may lose an entry (`Checks` sees to it).
#include <catch2/catch.hpp>

#include "tests/sim/checks.h"

using namespace lalanh;
using namespace lalanh::sim;

namespace {

/// A district, a hall with two villages; two laptops in the first.
constexpr const char* kCommune = R"({"op":"unit","unit":"D","kind":"district"}
{"op":"unit","unit":"C","parent":"D","kind":"commune"}
{"op":"unit","unit":"V","parent":"C","kind":"village"}
{"op":"unit","unit":"W","parent":"C","kind":"village"}
{"op":"node","node":"d","unit":"D"}
{"op":"node","node":"c","unit":"C","parent":"d"}
{"op":"node","node":"a","unit":"V","parent":"c"}
{"op":"node","node":"b","unit":"V","parent":"c"}
{"op":"node","node":"w","unit":"W","parent":"c"}
)";

class Story {
 public:
  Story() : player_({}, [](const std::string&) {}), checks_(player_) {
    player_.set_watcher(&checks_);
    tell(kCommune);
  }
  void tell(const std::string& lines) {
    for (ScriptLine& line : read_script(lines)) {
      line.number = ++number_;
      INFO(write_line(line));
      try {
        player_.play(line);
      } catch (const Broken& broken) {
        FAIL("invariant " << broken.invariant << ": " << broken.what);
      } catch (const Unexpected& error) {
        FAIL(error.what);
      } catch (const ScriptError& error) {
        FAIL(error.why);
      }
    }
  }
  Machine& machine(const std::string& name) { return player_.world().machine(name); }
  Json dump(const std::string& name) { return player_.dump(machine(name), std::nullopt); }
  void days(std::int64_t days) { player_.world().time().advance(days * 86'400'000); }

 private:
  Player player_;
  Checks checks_;
  int number_ = 0;
};

std::string set(const std::string& node, const std::string& entity, const std::string& field,
                const std::string& value) {
  return R"({"op":"set","node":")" + node + R"(","entity":")" + entity + R"(","fields":{")" +
         field + "\":" + value + "}}\n";
}

std::string meet(const std::string& node) { return R"({"op":"sync","node":")" + node + "\"}\n"; }

std::string create(const std::string& node, const std::string& label, const std::string& unit) {
  return R"({"op":"create","node":")" + node + R"(","as":")" + label +
         R"(","type":"household","unit":")" + unit + R"(","fields":{"head":"An","income":1}})" +
         "\n";
}

}  // namespace

TEST_CASE("a hall restored from last night's copy, after its villages were told \"received\"") {
  Story s;
  s.tell(create("a", "h", "V") + meet("a") + R"({"op":"snapshot","node":"c","as":"night"})" + "\n" +
         set("a", "h", "income", "2") + create("b", "g", "V") + meet("a") + meet("b"));
  CHECK(*s.machine("a").store().unsent_events() == 0);
  s.tell(R"({"op":"restore","node":"c","as":"night"})");
  CHECK_FALSE(*s.machine("c").store().holds(
      {s.machine("a").unit(), Channel::kRecords},
      s.machine("a").store().tips({s.machine("a").unit(), Channel::kRecords})->front()));
  s.tell(meet("a"));  // heads have gone back: what was receipted goes up again
  s.tell(R"({"op":"expect","node":"c","entity":"h","field":"income","values":[2]})");
  s.tell(meet("b") + meet("c"));
  s.tell(R"({"op":"expect","node":"d","entity":"g","field":"head","values":["An"]}
{"op":"settle"})");
}

TEST_CASE("a hall and its district are both put back, to copies of different days") {
  Story s;
  s.tell(create("a", "h", "V") + meet("a") + meet("c") + meet("b") +
         R"({"op":"snapshot","node":"d","as":"d"})" + "\n" + set("b", "h", "income", "3") +
         meet("b") + R"({"op":"snapshot","node":"c","as":"c"})" + "\n" +
         set("a", "h", "head", "\"Bình\"") + create("w", "g", "W") + meet("a") + meet("w") +
         meet("c") + R"({"op":"restore","node":"d","as":"d"}
{"op":"restore","node":"c","as":"c"}
{"op":"settle"}
{"op":"expect","node":"d","entity":"h","field":"income","values":[3]}
{"op":"expect","node":"d","entity":"h","field":"head","values":["Bình"]}
{"op":"expect","node":"d","entity":"g","field":"head","values":["An"]})");
}

TEST_CASE("a replaced laptop that still holds unsent entries comes back years later") {
  Story s;
  s.tell(create("a", "h", "V") + meet("a") + meet("b"));
  s.tell(set("a", "h", "income", "7") + create("a", "late", "V"));  // never sent
  s.days(700);
  SECTION("its key was not revoked: its entries are entries") {
    s.tell(set("b", "h", "head", "\"Bình\"") + meet("b") + meet("a"));
    s.tell(R"({"op":"expect","node":"c","entity":"late","field":"head","values":["An"]}
{"op":"expect","node":"c","entity":"h","field":"income","values":[7]}
{"op":"expect","node":"c","entity":"h","field":"head","values":["Bình"]}
{"op":"settle"})");
  }
  SECTION("its key was revoked: they are kept and set aside, and what it sent before stands") {
    s.tell(R"({"op":"revoke","node":"c","of":"a","unit":"V"})");
    s.tell(meet("a"));
    s.tell(R"({"op":"expect","node":"c","entity":"h","field":"income","values":[1]}
{"op":"settle"})");
    std::size_t aside = 0;
    Store& hall = s.machine("c").store();
    const auto log = hall.history({s.machine("a").unit(), Channel::kRecords}, Dot(), 0);
    REQUIRE(log.ok());
    for (const LoggedEvent& e : *log) {
      aside += e.set_aside ? 1 : 0;
    }
    CHECK(aside == 2);
  }
}

TEST_CASE("offline updates that arrive out of order, by sticks a year late, twice and in part") {
  Story s;
  s.tell(create("a", "h", "V") + R"({"op":"bundle","node":"a","as":"one"})" + "\n" +
         set("a", "h", "income", "2") + R"({"op":"bundle","node":"a","as":"two"})" + "\n" +
         set("a", "h", "income", "3") + R"({"op":"bundle","node":"a","as":"three"})");
  s.days(400);
  s.tell(R"({"op":"import","node":"c","bundle":"three","truncate_to_bytes":900}
{"op":"import","node":"c","bundle":"three"}
{"op":"expect","node":"c","entity":"h","field":"income","values":[3]}
{"op":"import","node":"c","bundle":"one"}
{"op":"import","node":"c","bundle":"three"}
{"op":"import","node":"c","bundle":"two","flip_byte":300}
{"op":"import","node":"c","bundle":"two"}
{"op":"expect","node":"c","entity":"h","field":"income","values":[3]}
{"op":"settle","by_stick":true}
{"op":"expect","node":"d","entity":"h","field":"income","values":[3]})");
}

TEST_CASE("one list entered on two laptops makes two of each, and nothing is a conflict") {
  Story s;
  for (int i = 0; i < 20; ++i) {
    s.tell(create("a", "a" + std::to_string(i), "V") + create("b", "b" + std::to_string(i), "V"));
  }
  s.tell(R"({"op":"settle"})");
  CHECK(s.dump("c").at("entities").size() == 40);
  CHECK(s.dump("c").at("conflicts").empty());
  // The duplicates are removed at the hall while a village still edits one: that is shown, not
  // lost.
  for (int i = 0; i < 20; ++i) {
    s.tell(R"({"op":"remove","node":"c","entity":"b)" + std::to_string(i) + "\"}");
  }
  s.tell(set("b", "b3", "income", "9") + R"({"op":"settle"})");
  const Json all = s.dump("d");
  CHECK(all.at("conflicts") == Json::parse(R"([["b3","removed"]])"));
  CHECK(all.at("entities").at("b3").at("fields").at("income") == Json::parse("[9]"));
}

TEST_CASE(
    "two laptops of one village for a year: the hall's inbox holds real disagreements alone") {
  Story s;
  constexpr int kHouseholds = 40;
  for (int i = 0; i < kHouseholds; ++i) s.tell(create("a", "h" + std::to_string(i), "V"));
  s.tell(R"({"op":"settle"})");
  Rng rng(2026);
  int disagreements = 0;
  std::map<int, std::string> edited;  // since the last meeting: household -> by whom
  for (int day = 0; day < 365; ++day) {
    s.days(1);
    const int i = static_cast<int>(rng.below(kHouseholds));
    const std::string by = rng.chance(0.5) ? "a" : "b";
    const std::string h = "h" + std::to_string(i);
    // Each has his own questions; about income both ask, now and then.
    const bool same_field = rng.chance(0.1);
    s.tell(set(by, h, same_field ? "income" : "note_" + by, std::to_string(day + 2)));
    if (same_field) {
      const auto at = edited.find(i);
      if (at != edited.end() && at->second != by) ++disagreements;
      edited[i] = by;
    }
    if (day % 7 == 6) {
      s.tell(meet("a") + meet("b") + meet("a"));
      edited.clear();
    }
  }
  s.tell(R"({"op":"settle"})");
  const std::size_t inbox = s.dump("c").at("conflicts").size();
  INFO("disagreements " << disagreements << ", lines " << inbox);
  CHECK(inbox <= static_cast<std::size_t>(disagreements));
  CHECK(inbox < 50);
}

TEST_CASE("an older program passes on what it does not know, and it merges like all else") {
  // The merge knows ops alone: types, fields and verbs of a newer version are names like others.
  Story s;
  s.tell(
      R"({"op":"create","node":"a","as":"n","type":"type_of_2031","unit":"V","fields":{"new_field":1,"s_new":["x"],"a_new":[1]}}
)" + meet("a") +
      meet("b") + set("b", "n", "new_field", "2") + set("a", "n", "new_field", "3") +
      R"({"op":"settle"})");
  CHECK(s.dump("d").at("conflicts") == Json::parse(R"([["n","new_field"]])"));
  s.tell(set("c", "n", "new_field", "4") + R"({"op":"settle"}
{"op":"expect","node":"a","entity":"n","field":"new_field","values":[4]}
{"op":"expect","node":"b","entity":"n","field":"a_new","values":[1]})");
}
