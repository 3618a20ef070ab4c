#include "tools/gen/assessment.h"

#include <algorithm>

#include "shared/base/check.h"
#include "tools/gen/rng.h"

namespace lalanh::gen {
namespace {

using Flags = std::array<bool, kIndicators>;

constexpr std::int64_t kStep = 10'000;

bool needy(HouseholdClass which) {
  return which == HouseholdClass::kPoor || which == HouseholdClass::kNearPoor;
}

/// `per_mille` of the way from low to high, in steps of 10,000 dong.
std::int64_t between(std::int64_t low, std::int64_t high, std::int64_t per_mille) {
  return low + (high - low) * per_mille / 1000 / kStep * kStep;
}

std::int64_t income_of(Rng& rng, const Household& household, HouseholdClass which, int level) {
  const std::int64_t line = poverty_line(household.area);
  const std::int64_t average = average_line(household.area);
  const std::int64_t way = std::clamp(level + rng.between(-60, 60), 0, 999);
  switch (which) {
    case HouseholdClass::kPoor:
    case HouseholdClass::kNearPoor:
      if (rng.chance(40)) return line;
      // Most are not far under the line.
      return between(which == HouseholdClass::kPoor ? line / 3 : line * 6 / 10, line,
                     way + (1000 - way) / 3);
    case HouseholdClass::kAverageFarm:
      if (rng.chance(25)) return average;
      if (rng.chance(15)) return line + 1;
      return between(line + kStep, average, way);
    case HouseholdClass::kOther: break;
  }
  if (household.farm) {
    if (rng.chance(10)) return average + 1;
    return between(average + kStep, average + 5'000'000, way * way / 1000);
  }
  if (level < 150) return rng.chance(30) ? line + 1 : between(line + kStep, average, way * 6);
  return between(average + kStep, average + 9'000'000, way * way / 1000);
}

/// What the composition of a household allows: indicators that it can lack, and one that it must.
struct Possible {
  Flags can;
  bool must_dependents;
};

Possible possible(const Household& household, int year) {
  int persons = 0;
  int children = 0;
  int pupils = 0;
  int young_adults = 0;
  int workers = 0;
  int old = 0;
  for (const Person& person : household.persons) {
    const int age = year - person.birth;
    if (age < 0) continue;
    ++persons;
    children += age < 16;
    pupils += age >= 3 && age < 16;
    young_adults += age >= 16 && age <= 30;
    workers += age >= 16 && age < 60;
    old += age >= 60;
  }
  Possible result{};
  result.can.fill(true);
  const auto can = [&](Indicator which) -> bool& {
    return result.can[static_cast<std::size_t>(which)];
  };
  can(Indicator::kEmployment) = workers > 0;
  can(Indicator::kDependents) = 2 * (children + old) > persons;
  can(Indicator::kNutrition) = children > 0;
  can(Indicator::kAdultEducation) = young_adults > 0;
  can(Indicator::kSchoolAttendance) = pupils > 0;
  result.must_dependents = 2 * children > persons;
  return result;
}

int deprivations_wanted(Rng& rng, HouseholdClass which) {
  constexpr std::array<int, 5> kPoor = {420, 300, 170, 80, 30};
  constexpr std::array<int, 3> kNearPoor = {150, 370, 480};
  constexpr std::array<int, 5> kAverageFarm = {480, 300, 150, 50, 20};
  constexpr std::array<int, 5> kOther = {760, 160, 55, 18, 7};
  switch (which) {
    case HouseholdClass::kPoor: return kPoorDeprivations + static_cast<int>(rng.pick(kPoor));
    case HouseholdClass::kNearPoor: return static_cast<int>(rng.pick(kNearPoor));
    case HouseholdClass::kAverageFarm: return static_cast<int>(rng.pick(kAverageFarm));
    default: return static_cast<int>(rng.pick(kOther));
  }
}

/// Indicators in the order in which this household lacks them; the same every year.
std::array<std::size_t, kIndicators> order_of(const HouseholdKey& key) {
  // Frequent first: insurance, toilet, house, employment; malnutrition and truancy are rare.
  std::array<int, kIndicators> weights = {13, 12, 4, 18, 11, 3, 13, 9, 9, 17, 12, 8};
  Rng rng(key.seed, "indicator order", {key.village, key.number});
  std::array<std::size_t, kIndicators> order{};
  for (std::size_t& place : order) {
    place = rng.pick(weights);
    weights[place] = 0;
  }
  return order;
}

Flags lacking(const HouseholdKey& key, const Possible& may, int wanted) {
  Flags lacks{};
  int count = 0;
  const auto dependents = static_cast<std::size_t>(Indicator::kDependents);
  if (may.must_dependents) {
    lacks[dependents] = true;
    ++count;
  }
  if (count >= wanted) return lacks;
  for (const std::size_t which : order_of(key)) {
    if (count >= wanted) break;
    if (!may.can[which] || lacks[which]) continue;
    lacks[which] = true;
    ++count;
  }
  CHECK(count == wanted);
  return lacks;
}

std::vector<std::string> causes_of(const HouseholdKey& key, int count) {
  // In the order of the codes: land, capital, labour, tools, knowledge, skills, illness, other.
  std::vector<int> weights = {10, 22, 24, 8, 12, 16, 30, 6};
  CHECK(weights.size() == data().cause_codes.size());
  Rng rng(key.seed, "causes", {key.village, key.number});
  std::vector<std::string> causes;
  for (int i = 0; i < count; ++i) {
    const std::size_t which = rng.pick(weights);
    weights[which] = 0;
    causes.push_back(data().cause_codes[which]);
  }
  return causes;
}

std::string wishes_of(Rng rng) {
  const auto& phrases = data().wishes;
  const auto count = static_cast<std::uint32_t>(phrases.size());
  const std::uint32_t first = rng.below(count);
  const std::uint32_t second = (first + 1 + rng.below(count - 1)) % count;
  return phrases[first] + ", " + phrases[second];
}

std::string draw_wishes(Rng& rng, const HouseholdKey& key, HouseholdClass which, int year) {
  const int told = needy(which) ? 1000 : which == HouseholdClass::kAverageFarm ? 500 : 120;
  if (!rng.chance(told)) return {};
  const std::uint64_t changed = rng.chance(250) ? static_cast<std::uint64_t>(year) : 0;
  return wishes_of(Rng(key.seed, "wishes", {key.village, key.number, changed}));
}

int score_of(Rng& rng, Area area, HouseholdClass which) {
  const int line = area == Area::kRural ? 140 : 175;
  if (needy(which)) return rng.chance(50) ? line : line - 5 * rng.between(1, 14);
  if (which == HouseholdClass::kAverageFarm) return line + 5 * rng.between(1, 10);
  return rng.chance(20) ? line + 5 : line + 5 * rng.between(1, 45);
}

}  // namespace

int Assessment::deprivations() const {
  return static_cast<int>(std::count(lacks.begin(), lacks.end(), true));
}

Assessment make_assessment(const HouseholdKey& key, const Household& household, int year) {
  const HouseholdClass which = household.classes[year_index(year)];
  Rng steady(key.seed, "level", {key.village, key.number});
  Rng rng(key.seed, "assessment", {key.village, key.number, static_cast<std::uint64_t>(year)});
  const int level = static_cast<int>(steady.below(1000));

  Assessment found;
  found.farm_work = household.farm;
  found.income = income_of(rng, household, which, level);
  found.lacks = lacking(key, possible(household, year), deprivations_wanted(rng, which));
  if (needy(which)) {
    found.causes = causes_of(key, rng.between(1, which == HouseholdClass::kPoor ? 3 : 2));
  }
  found.wishes = draw_wishes(rng, key, which, year);
  if (which == HouseholdClass::kOther && rng.chance(15)) {
    const auto at = static_cast<std::size_t>(rng.below(kIndicators));
    found.lacks[at] = false;
    found.unknown[at] = true;
  }
  found.score_income = score_of(rng, household.area, which);
  found.score_deprivation = 10 * found.deprivations();
  CHECK(classify(household.area, found.income, found.deprivations(), found.farm_work) == which);
  return found;
}

}  // namespace lalanh::gen
