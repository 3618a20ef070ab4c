#include "shared/report/report.h"

#include "shared/register/register.h"
#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

const std::string kPoor = R"("area":"R","score_income":100,"score_deprivation":30)";
const std::string kNearPoor = R"("area":"R","score_income":100,"score_deprivation":20)";
const std::string kNotPoor =
    R"("area":"R","score_income":150,"score_deprivation":0,"farm_work":false)";

/// So many members and an assessment for a household.
std::string add_to(Node& node, const std::string& id, int members, const std::string& period,
                   const std::string& answers) {
  for (int i = 0; i < members; ++i) member(node, id, R"({"name":"B"})");
  if (!period.empty()) assessment(node, id, R"({"period":")" + period + "\"," + answers + "}");
  return id;
}

/// A household of so many members, with an assessment.
std::string add(Node& node, const std::string& unit, int members, const std::string& period,
                const std::string& answers) {
  return add_to(node, household(node, unit, R"({"head":"A"})"), members, period, answers);
}

/// A household of a unit that is no village, as a village that became part of another tier leaves
/// it: the API makes none.
std::string household_above(Node& node, UnitNo unit) {
  const FieldInputs head = {{"head", FieldValue(std::string("A")), {}}};
  return to_text(
      must(node.registry().create({unit, Channel::kRecords}, "household", {}, head, "Sở")));
}

}  // namespace

TEST_CASE("percentages are shares of sums, rounded half up to hundredths") {
  CHECK(percent(0, 0) == "");
  CHECK(percent(0, 7) == "0.00");
  CHECK(percent(1, 3) == "33.33");
  CHECK(percent(2, 3) == "66.67");
  CHECK(percent(1, 20000) == "0.01");
  CHECK(percent(7, 7) == "100.00");
  CHECK(percent(5909, 318000) == "1.86");
}

TEST_CASE("report 1 has a unit and its children, with percentages from sums") {
  World world;
  Node& node = world.province();
  CHECK(get(node, "/api/report").text("period") == "");
  add(node, "1440101", 2, "2023", kPoor);
  add(node, "1440101", 4, "2023", kNotPoor);
  add(node, "1440102", 3, "2023", kNearPoor);
  add(node, "1440102", 1, "", "");
  add(node, "1440201", 5, "2023", kPoor);
  add_to(node, household_above(node, world.unit_no("14402")), 1, "2023", kPoor);
  const Got province = get(node, "/api/report");
  INFO(province.body);
  CHECK(province.text("period") == "2023");
  CHECK(province.text("rule_pack") == "nd-07-2021");
  CHECK(province.number("total.households") == 6);
  CHECK(province.number("total.persons") == 16);
  CHECK(province.number("total.assessed") == 5);
  CHECK(province.number("total.poor.households") == 3);
  CHECK(province.text("total.poor.percent") == "50.00");
  CHECK(province.number("total.poor.persons") == 8);
  CHECK(province.text("total.near_poor.percent") == "16.67");
  CHECK(province.text("total.near_poor.percent_persons") == "18.75");

  const Got district = get(node, "/api/report?unit=372&period=2023");
  REQUIRE(district.size("children") == 2);
  CHECK(district.text("children.0.code") == "14401");
  CHECK(district.text("children.0.level") == "commune");
  CHECK(district.number("children.0.households") == 4);
  CHECK(district.text("children.0.poor.percent") == "25.00");
  CHECK(district.number("children.1.households") == 2);
  CHECK(district.text("children.1.poor.percent") == "100.00");
  const Got commune = get(node, "/api/report?unit=14402");
  CHECK(commune.number("total.households") == 2);
  CHECK(commune.number("own.households") == 1);
  CHECK(commune.number("children.0.households") == 1);
  CHECK(get(node, "/api/report?unit=1440102").number("total.assessed") == 1);
}

TEST_CASE("the newest period is the default, another one is asked for by name") {
  World world;
  Node& node = world.province();
  const std::string id = add(node, "1440101", 1, "2022", kPoor);
  const std::string newer = assessment(node, id, R"({"period":"2023",)" + kNotPoor + "}");
  CHECK(get(node, "/api/report").text("period") == "2023");
  CHECK(get(node, "/api/report").number("total.poor.households") == 0);
  CHECK(get(node, "/api/report?period=2022").number("total.poor.households") == 1);
  CHECK(get(node, "/api/report?period=2021").number("total.assessed") == 0);
  CHECK(get(node, "/api/households").text("households.0.class") == "not_poor");
  CHECK(get(node, "/api/households?period=2022&class=poor").number("total") == 1);
  CHECK(get(node, "/api/households?class=poor").number("total") == 0);
  post(node, "/api/entities/" + newer + "/remove", R"({"reason":"Thử"})");
  CHECK(get(node, "/api/report").text("period") == "2022");
}

TEST_CASE("a report of a day before the tree began has no such unit") {
  World world;
  CHECK(get(world.province(), "/api/report?date=2020-12-31").error() == "register.not_known_then");
  CHECK(get(world.province(), "/api/report?date=2021-01-01").text("date") == "2021-01-01");
}

TEST_CASE("the members of a removed household are not counted, and come back with it") {
  World world;
  Node& node = world.province();
  const std::string id = add(node, "1440101", 3, "2023", kPoor);
  add(node, "1440101", 1, "2023", kNotPoor);
  CHECK(get(node, "/api/report").number("total.persons") == 4);
  post(node, "/api/entities/" + id + "/remove", R"({"reason":"Thử"})");
  const Got without = get(node, "/api/report");
  CHECK(without.number("total.households") == 1);
  CHECK(without.number("total.persons") == 1);
  CHECK(without.number("total.poor.households") == 0);
  CHECK(without.number("total.poor.persons") == 0);
  CHECK(node.counters().check().value().empty());
  post(node, "/api/entities/" + id + "/keep");
  CHECK(get(node, "/api/report").number("total.persons") == 4);
  CHECK(get(node, "/api/report").number("total.poor.persons") == 3);
}

TEST_CASE("the province's report is the sum of what villages sent, and says who has reported") {
  World world;
  world.add("xa", "14401", "province");
  Node& one = world.add("mot", "1440101", "xa");
  Node& two = world.add("hai", "1440102", "xa");
  add(one, "", 2, "2023", kPoor);
  add(two, "", 3, "2023", kNearPoor);
  add(two, "", 1, "", "");
  CHECK(get(world.province(), "/api/report").number("total.households") == 0);
  world.sync("mot", "xa");
  world.sync("hai", "xa");
  world.sync("xa", "province");
  const Got report = get(world.province(), "/api/report?unit=14401");
  CHECK(report.number("total.households") == 3);
  CHECK(report.number("children.0.persons") == 2);
  CHECK(report.number("children.1.persons") == 4);

  must(world.node("xa").store().note_contact(one.store().own_certificate().device().device,
                                             world.unit_no("1440101"), world.clock.now()));
  const Got reported = get(world.node("xa"), "/api/reported");
  INFO(reported.body);
  REQUIRE(reported.size("units") == 2);
  CHECK(reported.text("period") == "2023");
  CHECK(reported.text("units.0.code") == "1440101");
  CHECK(reported.number("units.0.households") == 1);
  CHECK(reported.number("units.0.assessed") == 1);
  CHECK_FALSE(reported.text("units.0.newest_arrival").empty());
  CHECK_FALSE(reported.text("units.0.last_contact").empty());
  CHECK(reported.number("units.1.households") == 2);
  CHECK(reported.number("units.1.assessed") == 1);
  CHECK(reported.at("units.1.last_contact").is_null());
  const Got all = get(world.province(), "/api/reported?all=1&period=2022");
  CHECK(all.size("units") == 7);
  CHECK(all.number("units.0.assessed") == 0);
  CHECK(get(world.province(), "/api/reported?unit=14402").at("units.0.newest_arrival").is_null());
}
