#include "tools/gen/quotas.h"

#include <algorithm>
#include <numeric>

#include <catch2/catch.hpp>

using namespace lalanh::gen;

namespace {

bool within(const VillageUnit& village, const std::string& unit) {
  return unit == tree().code || unit == tree().districts[village.district].code;
}

std::int64_t quota_of(const VillageQuota& quota, Measure measure, std::size_t year) {
  const auto of = [&](HouseholdClass which) { return static_cast<std::size_t>(which); };
  switch (measure) {
    case Measure::kHouseholds: return quota.households[year];
    case Measure::kPersons:
      return std::accumulate(quota.persons.begin(), quota.persons.end(), std::int64_t{0});
    case Measure::kPoor: return quota.classes[of(HouseholdClass::kPoor)][year];
    case Measure::kPoorPersons: return quota.persons[of(HouseholdClass::kPoor)];
    case Measure::kNearPoor: return quota.classes[of(HouseholdClass::kNearPoor)][year];
    case Measure::kNearPoorPersons: return quota.persons[of(HouseholdClass::kNearPoor)];
    case Measure::kAverageFarm: return quota.classes[of(HouseholdClass::kAverageFarm)][year];
    case Measure::kAverageFarmPersons: return quota.persons[of(HouseholdClass::kAverageFarm)];
  }
  return -1;
}

}  // namespace

TEST_CASE("shares add up to the total and follow the weights") {
  const std::vector<std::int64_t> weights = {1, 1, 1, 0, 4};
  const auto shares = share(10, weights);
  REQUIRE(shares == std::vector<std::int64_t>{2, 1, 1, 0, 6});
  REQUIRE(share(0, weights) == std::vector<std::int64_t>{0, 0, 0, 0, 0});
}

TEST_CASE("the quotas of the villages add up to every target under any seed") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto quotas = plan(seed);
    REQUIRE(quotas.size() == tree().villages.size());
    for (const Target& target : data().targets) {
      std::int64_t sum = 0;
      for (const VillageUnit& village : tree().villages) {
        if (!within(village, target.unit)) continue;
        sum += quota_of(quotas[village.number], target.measure, year_index(target.year));
      }
      INFO("seed " << seed << ", " << target.year << " " << target.unit << " "
                   << kMeasureNames[static_cast<std::size_t>(target.measure)]);
      REQUIRE(sum == target.value);
    }
  }
}

TEST_CASE("the published counts are those of the sources and each names one") {
  const auto published = [](int year, const std::string& unit, Measure measure) -> std::int64_t {
    for (const Target& target : data().targets) {
      if (!target.published || target.year != year || target.unit != unit) continue;
      if (target.measure == measure && !target.source.empty()) return target.value;
    }
    return -1;
  };
  REQUIRE(published(2021, "37", Measure::kPoor) == 7912);
  REQUIRE(published(2021, "37", Measure::kNearPoor) == 10519);
  REQUIRE(published(2022, "37", Measure::kPoor) == 7438);
  REQUIRE(published(2022, "369", Measure::kHouseholds) == 38577);
  REQUIRE(published(2022, "369", Measure::kPersons) == 137896);
  REQUIRE(published(2022, "369", Measure::kPoor) == 289);
  REQUIRE(published(2022, "369", Measure::kPoorPersons) == 532);
  REQUIRE(published(2022, "369", Measure::kNearPoor) == 398);
  REQUIRE(published(2022, "369", Measure::kNearPoorPersons) == 931);
  REQUIRE(published(2022, "369", Measure::kAverageFarm) == 4359);
  REQUIRE(published(2022, "369", Measure::kAverageFarmPersons) == 13990);
  REQUIRE(published(2023, "37", Measure::kHouseholds) == 317935);
  REQUIRE(published(2023, "37", Measure::kPoor) == 5905);
  REQUIRE(published(2024, "37", Measure::kPoor) == 4806);
  REQUIRE(published(2024, "37", Measure::kNearPoor) == 6006);
}

TEST_CASE("households never become fewer and each class has persons enough") {
  for (const VillageQuota& quota : plan(1)) {
    for (std::size_t y = 0; y < kYears; ++y) {
      std::int64_t sum = 0;
      for (const auto& each : quota.classes) {
        REQUIRE(each[y] >= 0);
        sum += each[y];
      }
      REQUIRE(sum == quota.households[y]);
      if (y > 0) REQUIRE(quota.households[y] >= quota.households[y - 1]);
    }
    for (std::size_t c = 0; c < kClasses; ++c) {
      REQUIRE(quota.persons[c] >= quota.classes[c][year_index(kPersonsYear)]);
    }
  }
}

TEST_CASE("the tree has 8 districts and 143 communes of 12 villages with names of their own") {
  const Tree& all = tree();
  REQUIRE(all.districts.size() == 8);
  REQUIRE(all.communes.size() == 143);
  REQUIRE(all.villages.size() == 1716);
  for (const CommuneUnit& commune : all.communes) {
    std::vector<std::string> names;
    for (const std::size_t v : commune.villages) {
      REQUIRE(all.villages[v].code.starts_with(commune.code));
      names.push_back(all.villages[v].name);
    }
    std::sort(names.begin(), names.end());
    REQUIRE(std::adjacent_find(names.begin(), names.end()) == names.end());
  }
}
