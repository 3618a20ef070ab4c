#include "shared/rules/rule_pack.h"

#include <string>

#include <catch2/catch.hpp>

namespace lalanh {
namespace {

/// A small pack to break.
std::string small_pack(const std::string& name, int from, int to) {
  const std::string number = "{\"value\": 1, \"source\": \"s\", \"mark\": \"C\"}";
  const std::string two = "{\"rural\": " + number + ", \"urban\": " + number + "}";
  const std::string label = "{\"vi\": \"a\", \"en\": \"a\"}";
  return "{\"format\": 1, \"name\": \"" + name + "\", \"label\": " + label +
         ", \"source\": \"s\", \"mark\": \"C\",\n\"valid_from\": \"" + std::to_string(from) +
         "-01-01\", \"valid_to\": \"" + std::to_string(to) +
         "-12-31\",\n\"review_years\": {\"from\": " + std::to_string(from) +
         ", \"to\": " + std::to_string(to) +
         ", \"source\": \"s\", \"mark\": \"C\"},\n\"areas\": {\"rural\": " + label +
         ", \"urban\": " + label + "}, \"classes\": {\"unknown\": " + label +
         ", \"poor\": " + label + ", \"near_poor\": " + label + ", \"average_farm\": " + label +
         ", \"not_poor\": " + label + "},\n\"income_line\": " + two +
         ", \"points_per_indicator\": " + number + ",\n\"poor_from_indicators\": " + number +
         ", \"dimensions\": [{\"code\": \"d\", \"label\": " + label +
         "}],\n\"indicators\": [{\"number\": 1, \"field\": \"f\", \"dimension\": \"d\", "
         "\"label\": " +
         label + ", \"deprived_when\": " + label +
         ", \"source\": \"s\", \"mark\": \"C\", \"definition_mark\": \"C\"}]}";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string failure(const std::string& text) {
  const EmbeddedFile file{"p.json", text};
  const Result<RulePacks> read = RulePacks::read(std::span<const EmbeddedFile>(&file, 1));
  REQUIRE_FALSE(read.ok());
  return read.error().name() + "|" + std::string(read.error().value("where"));
}

TEST_CASE("The pack of a period is that of its years, of a month or a day the one then in force") {
  const RulePacks& packs = RulePacks::builtin();
  const RulePack* now = packs.find("nd-07-2021");
  const RulePack* next = packs.find("nd-351-2025");
  REQUIRE(now != nullptr);
  REQUIRE(next != nullptr);
  CHECK(packs.in_force("2020") == nullptr);
  CHECK(packs.in_force("2021") == now);  // the general review at the end of 2021
  CHECK(packs.in_force("2021-10") == nullptr);
  CHECK(packs.in_force("2022-01") == now);
  CHECK(packs.in_force("2026") == now);
  CHECK(packs.in_force("2026-12") == now);
  CHECK(packs.in_force("2027") == next);
  CHECK(packs.in_force("2030-12") == next);
  CHECK(packs.in_force("2031") == nullptr);
  CHECK(packs.in_force("x") == nullptr);
  CHECK(packs.in_force("2023-13") == nullptr);
  CHECK(packs.in_force(Date{2026, 12, 31}) == now);
  CHECK(packs.in_force(Date{2027, 1, 1}) == next);
  CHECK(packs.find("none") == nullptr);
}

TEST_CASE("The packs hold the numbers of the decrees, each with source and mark") {
  const RulePack& now = *RulePacks::builtin().find("nd-07-2021");
  CHECK(now.income_line[0].value == 1'500'000);
  CHECK(now.income_line[1].value == 2'000'000);
  CHECK((*now.point_line)[0].value == 140);
  CHECK((*now.point_line)[1].value == 175);
  CHECK((*now.average_line)[0].value == 2'250'000);
  CHECK((*now.average_line)[0].source.mark == Mark::kUnconfirmed);
  CHECK(now.poor_points() == 30);
  const RulePack& next = *RulePacks::builtin().find("nd-351-2025");
  CHECK(next.income_line[0].value == 2'200'000);
  CHECK(next.income_line[1].value == 2'800'000);
  CHECK_FALSE(next.point_line.has_value());
  CHECK_FALSE(next.average_line.has_value());
  for (const RulePack& pack : RulePacks::builtin().all()) {
    CHECK(pack.indicators.size() == 12);
    CHECK(pack.dimensions.size() == 6);
    for (const Indicator& indicator : pack.indicators) {
      INFO(indicator.field);
      const Field* field = Catalogue::builtin().field("assessment", indicator.field);
      REQUIRE(field != nullptr);
      CHECK(field->kind == FieldKind::kBoolean);
      CHECK_FALSE(indicator.source.text.empty());
    }
  }
}

TEST_CASE("A wrong rule pack is refused with file and line") {
  const std::string good = small_pack("p", 2000, 2001);
  const EmbeddedFile file{"p.json", good};
  REQUIRE(RulePacks::read(std::span<const EmbeddedFile>(&file, 1)).ok());
  CHECK(failure(replaced(good, "\"format\": 1", "\"format\": 2")) == "input.out_of_range|p.json:1");
  CHECK(failure(replaced(good, "\"areas\"", "\"area\"")) == "input.unknown_key|p.json:4");
  CHECK(failure(replaced(good, "\"value\": 1, \"source\": \"s\", ", "\"value\": 1, ")) ==
        "input.missing|p.json:5");
  CHECK(failure(replaced(good, "\"mark\": \"C\",\n", "\"mark\": \"sure\",\n")) ==
        "input.bad_pack|p.json:1");
  CHECK(failure(replaced(good, "\"value\": 1", "\"value\": 0")) == "input.out_of_range|p.json:5");
  CHECK(failure(replaced(good, "\"number\": 1", "\"number\": 2")) == "input.out_of_range|p.json:7");
  CHECK(failure(replaced(good, "\"dimension\": \"d\"", "\"dimension\": \"x\"")) ==
        "input.bad_pack|p.json:7");
  CHECK(failure(replaced(good, "2001-12-31", "1999-12-31")) == "input.bad_pack|p.json:1");
}

TEST_CASE("Two packs for one day are refused") {
  const std::string a = small_pack("a", 2000, 2003);
  const std::string b = small_pack("b", 2003, 2005);
  const EmbeddedFile files[] = {{"a.json", a}, {"b.json", b}};
  const Result<RulePacks> read = RulePacks::read(files);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().name() == "input.bad_pack");
  CHECK(read.error().message(Language::kEnglish).find("'a'") != std::string::npos);
}

TEST_CASE("The bytes that name a pack do not depend on its layout") {
  const std::string a = small_pack("a", 2000, 2003);
  const std::string spaced = replaced(a, "\n", " \n\n ");
  const EmbeddedFile first{"a.json", a};
  const EmbeddedFile second{"a.json", spaced};
  const Result<RulePacks> one = RulePacks::read(std::span<const EmbeddedFile>(&first, 1));
  const Result<RulePacks> two = RulePacks::read(std::span<const EmbeddedFile>(&second, 1));
  CHECK(to_hex(one->all()[0].canonical) == to_hex(two->all()[0].canonical));
}

}  // namespace
}  // namespace lalanh
