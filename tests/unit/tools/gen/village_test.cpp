#include "tools/gen/village.h"

#include <set>

#include <catch2/catch.hpp>

#include "tools/gen/citizen_ids.h"
#include "tools/gen/csv_form.h"
#include "tools/gen/rng.h"

using namespace lalanh::gen;

namespace {

constexpr std::uint64_t kSeed = 1;

const std::vector<VillageQuota>& quotas() {
  static const auto all = plan(kSeed);
  return all;
}

std::vector<Household> village(std::size_t number) {
  return make_village(kSeed, tree().villages[number], quotas()[number]);
}

const DistrictUnit& district(const std::string& code) {
  for (const DistrictUnit& each : tree().districts) {
    if (each.code == code) return each;
  }
  FAIL("no such district");
  throw;
}

std::vector<std::size_t> villages_of(const std::string& code) {
  std::vector<std::size_t> all;
  for (const std::size_t c : district(code).communes) {
    const auto& villages = tree().communes[c].villages;
    all.insert(all.end(), villages.begin(), villages.end());
  }
  return all;
}

const CsvChoice kAllYears{{2021, 2022, 2023, 2024}, false};

}  // namespace

TEST_CASE("a village is the same bytes each time and another with another seed") {
  const VillageUnit& unit = tree().villages[500];
  const std::string first = households_csv(village(500), kAllYears);
  REQUIRE(households_csv(village(500), kAllYears) == first);
  REQUIRE(households_csv(make_village(2, unit, plan(2)[500]), kAllYears) != first);
}

TEST_CASE("a village is these bytes on every machine") {
  const auto households = village(500);
  // Changes with the generator and its lists only: then say so in the commit.
  REQUIRE(key_of(households_csv(households, kAllYears)) == 0x717F383A8826BA28ULL);
  REQUIRE(key_of(members_csv(households, kAllYears)) == 0xC2C85807525A8987ULL);
}

TEST_CASE("each household of a district has exactly the class that was meant by the rule") {
  std::size_t on_the_line = 0;
  for (const std::size_t number : villages_of("370")) {
    for (const Household& household : village(number)) {
      for (int year = household.arrival; year <= kLastYear; ++year) {
        const Assessment& found = household.assessments[year_index(year)];
        REQUIRE(classify(household.area, found.income, found.deprivations(), found.farm_work) ==
                household.classes[year_index(year)]);
        on_the_line += found.income == poverty_line(household.area);
        if (found.unknown != std::array<bool, kIndicators>{}) {
          REQUIRE(household.classes[year_index(year)] == HouseholdClass::kOther);
        }
        const bool poor = found.score_income <= (household.area == Area::kRural ? 140 : 175);
        REQUIRE(poor == (found.income <= poverty_line(household.area)));
      }
    }
  }
  REQUIRE(on_the_line > 0);
}

TEST_CASE("the rule has its lines where the decree has them") {
  REQUIRE(classify(Area::kRural, 1'500'000, 3, true) == HouseholdClass::kPoor);
  REQUIRE(classify(Area::kRural, 1'500'000, 2, true) == HouseholdClass::kNearPoor);
  REQUIRE(classify(Area::kRural, 1'500'001, 12, true) == HouseholdClass::kAverageFarm);
  REQUIRE(classify(Area::kRural, 2'250'000, 0, true) == HouseholdClass::kAverageFarm);
  REQUIRE(classify(Area::kRural, 2'250'001, 0, true) == HouseholdClass::kOther);
  REQUIRE(classify(Area::kUrban, 2'000'000, 3, false) == HouseholdClass::kPoor);
  REQUIRE(classify(Area::kUrban, 2'000'001, 3, false) == HouseholdClass::kOther);
  REQUIRE(classify(Area::kUrban, 3'000'000, 0, true) == HouseholdClass::kAverageFarm);
}

TEST_CASE("citizen ids are well-formed and nobody shares one") {
  std::vector<std::size_t> some = villages_of("370");
  for (const CommuneUnit& commune : tree().communes) some.push_back(commune.villages[3]);
  std::set<std::string> seen;
  std::set<std::size_t> done;
  for (const std::size_t number : some) {
    if (!done.insert(number).second) continue;
    for (const Household& household : village(number)) {
      for (const Person& person : household.persons) {
        REQUIRE(citizen_id_fits(person.citizen_id, person.birth, person.sex));
        REQUIRE(seen.insert(person.citizen_id).second);
      }
    }
  }
  REQUIRE(seen.size() > 100'000);
}

TEST_CASE("families fit together") {
  for (const std::size_t number : {10U, 400U, 900U, 1500U}) {
    for (const Household& household : village(number)) {
      const Person& head = household.persons.front();
      REQUIRE(head.relation == "chủ hộ");
      REQUIRE(kLastYear - head.birth >= 18);
      for (const Person& person : household.persons) {
        REQUIRE_FALSE((person.sex == Sex::kMale && person.name.find(" Thị ") != std::string::npos));
        REQUIRE_FALSE(
            (person.sex == Sex::kFemale && person.name.find(" Văn ") != std::string::npos));
        if (person.relation == "vợ") REQUIRE(person.sex == Sex::kFemale);
        if (person.relation == "chồng") REQUIRE(head.sex == Sex::kFemale);
        if (person.relation == "con") REQUIRE(person.birth >= head.birth + 14);
        if (person.relation == "mẹ") REQUIRE(person.birth <= head.birth - 15);
        REQUIRE_FALSE(person.job.empty());
      }
    }
  }
}

TEST_CASE("each household row says that it is invented") {
  const std::string text = households_csv(village(7), kAllYears);
  std::size_t rows = 0;
  std::size_t notes = 0;
  for (const char letter : text) rows += letter == '\n';
  for (std::size_t at = text.find(kInventedNote); at != std::string::npos;
       at = text.find(kInventedNote, at + 1)) {
    ++notes;
  }
  REQUIRE(notes == rows - 1);
}
