#include "tools/gen/tally.h"

#include <catch2/catch.hpp>

#include "tools/gen/csv_form.h"
#include "tools/gen/village.h"

using namespace lalanh::gen;

namespace {

const CsvChoice kAllYears{{2021, 2022, 2023, 2024}, false};

std::string header() {
  std::string text = "code,period,area,income,farm_work";
  for (const char* column : kIndicatorColumns) text += std::string(",") + column;
  return text + "\n";
}

}  // namespace

TEST_CASE("the city of Ninh Bình is counted as published from the text of its files") {
  const auto quotas = plan(3);
  Tally tally;
  for (const VillageUnit& village : tree().villages) {
    if (tree().districts[village.district].code != "369") continue;
    const auto households = make_village(3, village, quotas[village.number]);
    REQUIRE(
        tally
            .add(village, households_csv(households, kAllYears), members_csv(households, kAllYears))
            .ok());
  }
  const auto compared = tally.compare();
  REQUIRE(compared.size() == 8);
  for (const Compared& each : compared) {
    INFO(kMeasureNames[static_cast<std::size_t>(each.target->measure)]);
    REQUIRE(each.found == each.target->value);
  }
}

TEST_CASE("counts come from the answers in the text and a person counts from birth on") {
  const std::string households = header() +
                                 "a,2021,R,1500000,1,1,1,1,0,0,0,0,0,0,0,0,0\n"
                                 "a,2022,R,1500001,1,1,1,1,0,0,0,0,0,0,0,0,0\n"
                                 "b,2022,U,1500001,0,1,1,,0,0,0,0,0,0,0,0,0\n";
  const std::string members = "household_code,birth\na,1980\na,2022\nb,1990\n";
  Tally tally;
  REQUIRE(tally.add(tree().villages[0], households, members).ok());
  REQUIRE(tally.whole(2021) == Counts{1, 1, 1, 1, 0, 0, 0, 0});
  REQUIRE(tally.district(0, 2022) == Counts{2, 3, 0, 0, 1, 1, 1, 2});
  REQUIRE(tally.commune(1, 2022) == Counts{});
  REQUIRE(tally.years() == std::vector<int>{2021, 2022});
  REQUIRE(tally.compare().empty());
}

TEST_CASE("files that do not fit are refused with what was wrong") {
  const std::string row = "a,2021,R,1500000,1,1,1,1,0,0,0,0,0,0,0,0,0\n";
  const std::string members = "household_code,birth\n";
  const VillageUnit& village = tree().villages[0];
  Tally tally;
  REQUIRE(tally.add(village, "code\n", members).error().name() == "input.wrong_columns");
  REQUIRE(tally.add(village, header() + "a,2021\n", members).error().name() ==
          "input.wrong_columns");
  REQUIRE(tally.add(village, header() + "a,2021,R,,1,1,1,1,0,0,0,0,0,0,0,0,0\n", members)
              .error()
              .name() == "input.wrong_kind");
  REQUIRE(tally.add(village, header() + row, members + "b,1980\n").error().name() ==
          "register.not_found");
}
