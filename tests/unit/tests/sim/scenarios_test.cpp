// What hurt the field most, played to the end. None may lose an entry (`Checks` sees to it).
#include <algorithm>
#include <set>

#include "shared/register/import.h"
#include "tests/unit/tests/sim/story.h"

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
  Story s(kCommune);
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
  Story s(kCommune);
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
  Story s(kCommune);
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
  Story s(kCommune);
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
  Story s(kCommune);
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
  Story s(kCommune);
  constexpr int kHouseholds = 40;
  for (int i = 0; i < kHouseholds; ++i) {
    const std::string n = std::to_string(i);
    s.tell(create("a", "h" + n, "V") + R"({"op":"create","node":"a","as":"f)" + n +
           R"(","type":"assessment","unit":"V","parent":"h)" + n +
           R"(","fields":{"period":"2026","area":"R"}})");
  }
  s.tell(R"({"op":"settle"})");
  Rng rng(2026);
  std::set<std::string> disagreed;
  std::map<int, std::map<std::string, std::string>> told;  // since the last meeting: to whom, what
  for (int day = 0; day < 365; ++day) {
    s.days(1);
    const int i = static_cast<int>(rng.below(kHouseholds));
    const std::string by = rng.chance(0.5) ? "a" : "b";
    const std::string form = "f" + std::to_string(i);
    // Each has his own questions; the income both ask for, now and then, and may be told another.
    if (rng.chance(0.8)) {
      const std::string answer = rng.chance(0.5) ? "true" : "false";
      s.tell(set(by, form, by == "a" ? "employment" : "nutrition", answer));
    } else {
      const std::string income = rng.chance(0.5) ? "1400000" : "1900000";
      s.tell(set(by, form, "income", income));
      told[i][by] = income;
      const auto& other = told[i][by == "a" ? "b" : "a"];
      if (!other.empty() && other != income) disagreed.insert(to_text(s.id(form)));
    }
    if (day % 7 == 6) {
      s.tell(meet("a") + meet("b") + meet("a"));
      told.clear();
    }
  }
  s.tell(R"({"op":"settle"})");
  const std::vector<EntityId> inbox = *s.machine("c").registered().queries().conflicts({});
  INFO("disagreements " << disagreed.size() << ", lines " << inbox.size());
  CHECK_FALSE(disagreed.empty());
  for (const EntityId& line : inbox) CHECK(disagreed.count(to_text(line)) == 1);
  CHECK(inbox.size() < 50);
}

namespace {

/// A village's list as a spreadsheet gives it: ten households with an assessment of the year.
std::string list_of(const std::string& year, const std::string& address) {
  std::string out = "code,head,citizen_id,address,period,area,score_income,score_deprivation\n";
  for (int i = 1; i <= 10; ++i) {
    const std::string n = std::to_string(i);
    out += "H" + n + ",Bùi Văn " + n + ",0370900000" + (i < 10 ? "0" : "") + n + "," + address +
           "," + year + ",R,100,30\n";
  }
  return out;
}

ImportResult import(Story& s, const std::string& node, const std::string& list) {
  Machine& at = s.machine(node);
  ImportOptions options;
  options.scope = {at.unit(), Channel::kRecords};
  options.actor = "Trưởng thôn";
  Result<ImportResult> done =
      import_tables(at.store(), at.registered().words(), at.registered().commands(), list,
                    "household_code,name,relation\nH1,Bùi Thị Hoa,vợ\n", options);
  REQUIRE(done.ok());
  CHECK(done->bad.empty());
  return std::move(*done);
}

/// Lines of the hall's tables and findings that begin so.
std::size_t lines(Story& s, const std::string& begins) {
  Machine& hall = s.machine("c");
  std::vector<std::string> all = *register_lines(hall.store(), hall.registered());
  const std::vector<std::string> findings = *finding_lines(hall.registered());
  all.insert(all.end(), findings.begin(), findings.end());
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const auto& line) { return line.rfind(begins, 0) == 0; }));
}

std::string figures(Story& s, const std::string& period, int kind, int households, int persons) {
  return figures_line(s.machine("a").unit(), period, kind, households, persons);
}

}  // namespace

TEST_CASE("the same list imported on a second laptop that has met the first changes nothing") {
  Story s(kCommune);
  CHECK(import(s, "a", list_of("2025", "Xóm 1")).created == 21);
  s.tell(R"({"op":"settle"})");
  const ImportResult again = import(s, "b", list_of("2025", "Xóm 1"));
  CHECK(again.created + again.changed == 0);
  s.tell(R"({"op":"settle"})");
  CHECK(lines(s, "household") == 10);
  CHECK(lines(s, "finding") == 0);
  CHECK(lines(s, figures(s, "2025", 1, 10, 1)) == 1);
}

TEST_CASE("one list imported on two laptops that have not met: each household is a finding") {
  Story s(kCommune);
  import(s, "a", list_of("2025", "Xóm 1"));
  import(s, "b", list_of("2025", "Xóm 1"));
  s.tell(R"({"op":"settle"})");
  CHECK(lines(s, "household") == 20);
  CHECK(lines(s, "conflict") == 0);
  CHECK(lines(s, "finding citizen_twice") == 20);
  CHECK(lines(s, "finding code_twice") == 20);
  CHECK(lines(s, figures(s, "", 0, 20, 2)) == 1);
  // The hall takes the second of each out again, as the findings tell it.
  Machine& hall = s.machine("c");
  std::set<std::string> kept;
  const auto findings = hall.registered().queries().findings({});
  REQUIRE(findings.ok());
  for (const auto& finding : *findings) {
    if (finding.kind != "code_twice" || kept.insert(finding.detail).second) continue;
    CHECK(hall.registered().commands().remove(finding.household, "trùng", "Cán bộ xã").ok());
  }
  s.tell(R"({"op":"settle"})");
  CHECK(lines(s, "finding") == 0);
  CHECK(lines(s, figures(s, "", 0, 10, 1)) == 1);
}

TEST_CASE("next year's list on two laptops that have the households: equal values are agreement") {
  Story s(kCommune);
  import(s, "a", list_of("2025", "Xóm 1"));
  s.tell(R"({"op":"settle"})");
  CHECK(import(s, "a", list_of("2026", "Xóm 2")).changed == 10);
  CHECK(import(s, "b", list_of("2026", "Xóm 2")).changed == 10);
  s.tell(R"({"op":"settle"})");
  CHECK(lines(s, "household") == 10);
  CHECK(lines(s, "conflict") == 0);
  // Two assessments of the year, of which one counts.
  CHECK(lines(s, "finding assessed_twice") == 10);
  CHECK(lines(s, "finding") == 10);
  CHECK(lines(s, figures(s, "2026", 1, 10, 1)) == 1);
}

namespace {

/// Households and persons that a machine reports of all it has, and of the year's poor.
std::string reported(Story& s, const std::string& node) {
  const Counters& counters = s.machine(node).registered().counters();
  UnitCounts all;
  for (const UnitNo unit : counters.units()) all.add(counters.own(unit, "2024"));
  const Count& poor = all.of(PovertyClass::kPoor);
  return std::to_string(all.all.households) + " of " + std::to_string(all.all.persons) + ", poor " +
         std::to_string(poor.households) + " of " + std::to_string(poor.persons);
}

}  // namespace

TEST_CASE("a household moved while its old village edits it for another month") {
  Story s(kCommune);
  s.tell(
      R"({"op":"create","node":"a","as":"h","type":"household","unit":"V","fields":{"head":"An","code":"H1"}}
{"op":"create","node":"a","as":"m","type":"member","unit":"V","parent":"h","fields":{"name":"An","relation":"chủ hộ"}}
{"op":"create","node":"a","as":"f","type":"assessment","unit":"V","parent":"h","fields":{"period":"2024","area":"R","score_income":100,"score_deprivation":30}}
{"op":"settle"})");
  Machine& hall = s.machine("c");
  const std::string once = "1 of 1, poor 1 of 1";
  CHECK(reported(s, "d") == once);
  const Result<EntityId> moved =
      hall.registered().commands().move(s.id("h"), s.machine("w").unit(), "Cán bộ xã");
  REQUIRE(moved.ok());
  CHECK(reported(s, "c") == once);
  s.tell(meet("w"));
  CHECK(reported(s, "w") == once);
  for (int day = 0; day < 30; ++day) {
    // Its old village has no link; the new one writes on it as well.
    s.tell(set("a", "h", "address", "\"Xóm " + std::to_string(day) + "\""));
    if (day % 10 == 0) {
      s.tell(R"({"op":"create","node":"a","as":"n)" + std::to_string(day) +
             R"(","type":"member","unit":"V","parent":"h","fields":{"name":"Bé"}})");
      const FieldInput phone{"phone", "09" + std::to_string(day), {}};
      CHECK(s.machine("w").registered().commands().correct(*moved, {phone}, "Trưởng thôn").ok());
      s.tell(meet("w") + meet("c"));
      CHECK(reported(s, "d") == once);
    }
    s.days(1);
  }
  CHECK(reported(s, "a") == "1 of 4, poor 1 of 4");  // all that it can know
  s.tell(meet("a"));
  CHECK(reported(s, "c") == once);
  CHECK(reported(s, "a") == "0 of 0, poor 0 of 0");
  s.tell(R"({"op":"settle"})");
  for (const char* node : {"c", "d"}) CHECK(reported(s, node) == once);

  // The hall sees all of it in two lines, enters it where it belongs now, and removes again.
  CHECK(lines(s, "conflict") == 1);
  CHECK(lines(s, "finding") == 1);
  CHECK(lines(s, "finding moved_late") == 1);
  s.tell(R"({"op":"expect","node":"c","entity":"h","field":"address","values":["Xóm 29"]})");
  Register& commands = hall.registered().commands();
  CHECK(commands.correct(*moved, {{"address", std::string("Xóm 29"), {}}}, "Cán bộ xã").ok());
  for (int i = 0; i < 3; ++i) {
    const FieldInputs child = {{"name", "Bé " + std::to_string(i), {}}};
    CHECK(commands.create(moved->scope, "member", moved->create, child, "Cán bộ xã").ok());
    const EntityId late = s.id("n" + std::to_string(i * 10));
    CHECK(commands.remove(late, "đã chuyển", "Cán bộ xã").ok());
  }
  CHECK(commands.settle(s.id("h"), {{}, 0, "remove"}, "Cán bộ xã").ok());
  s.tell(R"({"op":"settle"})");
  CHECK(lines(s, "conflict") == 0);
  CHECK(lines(s, "finding") == 0);
  CHECK(reported(s, "d") == "1 of 4, poor 1 of 4");
  CHECK(reported(s, "w") == "1 of 4, poor 1 of 4");
}

TEST_CASE("a village moves to another commune while its old hall still has work for it") {
  Story s(kCommune + std::string(R"({"op":"unit","unit":"E","parent":"D","kind":"commune"}
{"op":"node","node":"e","unit":"E","parent":"d"}
)"));
  s.tell(create("a", "h", "V") + create("w", "g", "W") + R"({"op":"settle"})");
  s.tell(set("c", "h", "address", "\"Xóm Đông\""));  // known to the hall alone
  s.tell(R"({"op":"move","unit":"V","parent":"E","node":"e"})");
  s.tell(set("a", "h", "head", "\"Bình\"") + meet("a") + meet("b"));
  SECTION("the link breaks before the receipt") {
    s.tell(R"({"op":"sync","node":"c","lose_reply":4})");
  }
  SECTION("the power goes") {
    s.tell(R"({"op":"crash","node":"c","after_writes":3})");
    s.tell(meet("c"));
  }
  SECTION("the district is put back to a copy from before") {
    s.tell(R"({"op":"snapshot","node":"d","as":"night"})");
    s.tell(meet("c") + R"({"op":"restore","node":"d","as":"night"})");
  }
  s.tell(R"({"op":"settle"}
{"op":"expect","node":"a","entity":"h","field":"address","values":["Xóm Đông"]}
{"op":"expect","node":"e","entity":"h","field":"address","values":["Xóm Đông"]}
{"op":"expect","node":"e","entity":"h","field":"head","values":["Bình"]}
{"op":"expect","node":"c","entity":"h","field":"head","values":["An"]})");
  CHECK(reported(s, "e") == "1 of 0, poor 0 of 0");
  CHECK(reported(s, "d") == "2 of 0, poor 0 of 0");
}

TEST_CASE("an older program passes on what it does not know, and it merges like all else") {
  // The merge knows ops alone: types, fields and verbs of a newer version are names like others.
  Story s(kCommune);
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
