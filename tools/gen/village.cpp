#include "tools/gen/village.h"

#include <algorithm>
#include <numeric>

#include "shared/base/check.h"
#include "tools/gen/assessment.h"
#include "tools/gen/citizen_ids.h"
#include "tools/gen/family.h"
#include "tools/gen/livelihood.h"
#include "tools/gen/rng.h"

namespace lalanh::gen {
namespace {

constexpr int kSizeMax = 10;

std::string digits(std::uint64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

class VillageMaker {
 public:
  VillageMaker(std::uint64_t seed, const VillageUnit& village, const VillageQuota& quota)
      : seed_(seed),
        village_(village),
        commune_(tree().communes[village.commune]),
        district_(tree().districts[village.district]),
        quota_(quota),
        key_(key_of(village.code)),
        households_(static_cast<std::size_t>(quota.households.back())) {}

  std::vector<Household> make() {
    arrivals();
    for (std::size_t y = 0; y < kYears; ++y) classes(y);
    const std::vector<int> sizes = all_sizes();
    CitizenIds ids(seed_, village_.number);
    const Livelihoods livelihoods(commune_.area, district_.code);
    for (std::size_t i = 0; i < households_.size(); ++i) {
      Household& household = households_[i];
      describe(household, i);
      people(household, i, sizes[i]);
      for (int year = household.arrival; year <= kLastYear; ++year) {
        household.assessments[year_index(year)] = make_assessment(key(i), household, year);
      }
      Rng rng(seed_, "livelihood", {key_, i});
      livelihoods.assign(rng, household);
      insure(household, i);
      for (Person& person : household.persons) {
        person.citizen_id = ids.next(person.birth, person.sex);
      }
    }
    return std::move(households_);
  }

 private:
  HouseholdKey key(std::size_t i) const { return {seed_, key_, i}; }

  void arrivals() {
    std::size_t next = 0;
    for (std::size_t y = 0; y < kYears; ++y) {
      for (; next < static_cast<std::size_t>(quota_.households[y]); ++next) {
        households_[next].arrival = kFirstYear + static_cast<int>(y);
      }
    }
  }

  /// The needs of households change slowly: each year the neediest are poor, the next near-poor,
  /// and of the rest those nearest to farming have an average living.
  void classes(std::size_t y) {
    std::vector<std::size_t> order(static_cast<std::size_t>(quota_.households[y]));
    std::iota(order.begin(), order.end(), std::size_t{0});
    sort_by(order, "need", y);
    const auto count = [&](HouseholdClass which) {
      return quota_.classes[static_cast<std::size_t>(which)][y];
    };
    auto at = order.begin();
    at = mark(at, count(HouseholdClass::kPoor), HouseholdClass::kPoor, y);
    at = mark(at, count(HouseholdClass::kNearPoor), HouseholdClass::kNearPoor, y);
    std::vector<std::size_t> rest(at, order.end());
    sort_by(rest, "farm", y);
    at = mark(rest.begin(), count(HouseholdClass::kAverageFarm), HouseholdClass::kAverageFarm, y);
    mark(at, rest.end() - at, HouseholdClass::kOther, y);
  }

  std::vector<std::size_t>::iterator mark(std::vector<std::size_t>::iterator at, std::int64_t count,
                                          HouseholdClass which, std::size_t y) {
    for (; count > 0; --count, ++at) households_[*at].classes[y] = which;
    return at;
  }

  void sort_by(std::vector<std::size_t>& order, const char* what, std::size_t y) const {
    std::vector<std::uint64_t> scores(households_.size());
    for (const std::size_t i : order) {
      Rng base(seed_, what, {key_, i});
      Rng year(seed_, what, {key_, i, y + 1});
      scores[i] = base.below(1U << 20U) + year.below(1U << 15U);
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return scores[a] != scores[b] ? scores[a] < scores[b] : a < b;
    });
  }

  /// Sizes that add up to the persons of each class in kPersonsYear; later comers as they come.
  std::vector<int> all_sizes() const {
    std::vector<int> sizes(households_.size(), 1);
    const std::size_t y = year_index(kPersonsYear);
    for (int c = 0; c < kClasses; ++c) {
      std::vector<std::size_t> members;
      for (std::size_t i = 0; i < static_cast<std::size_t>(quota_.households[y]); ++i) {
        if (static_cast<int>(households_[i].classes[y]) == c) members.push_back(i);
      }
      size_class(sizes, members, c);
    }
    for (std::size_t i = static_cast<std::size_t>(quota_.households[y]); i < sizes.size(); ++i) {
      sizes[i] = Rng(seed_, "late size", {key_, i}).between(2, 4);
    }
    return sizes;
  }

  void size_class(std::vector<int>& sizes, const std::vector<std::size_t>& members, int c) const {
    const std::int64_t wanted = quota_.persons[static_cast<std::size_t>(c)];
    CHECK(wanted >= static_cast<std::int64_t>(members.size()));
    CHECK(wanted <= static_cast<std::int64_t>(members.size()) * kSizeMax);
    constexpr std::array<int, 7> kUsual = {7, 15, 21, 32, 16, 6, 3};
    constexpr std::array<int, 7> kAlone = {48, 26, 13, 8, 4, 1, 0};
    std::int64_t sum = 0;
    for (const std::size_t i : members) {
      Rng rng(seed_, "size", {key_, i});
      sizes[i] = 1 + static_cast<int>(rng.pick(c < 2 ? kAlone : kUsual));
      sum += sizes[i];
    }
    Rng rng(seed_, "fit sizes", {key_, static_cast<std::uint64_t>(c)});
    while (sum != wanted) {
      int& size = sizes[members[rng.below(static_cast<std::uint32_t>(members.size()))]];
      const int step = sum < wanted ? 1 : -1;
      if (size + step < 1 || size + step > kSizeMax) continue;
      size += step;
      sum += step;
    }
  }

  void describe(Household& household, std::size_t i) const {
    Rng rng(seed_, "household", {key_, i});
    household.code = village_.code + "-" + digits(i + 1, 3);
    household.area = commune_.area;
    household.address = "Số " + std::to_string(rng.between(1, 300));
    if (rng.chance(commune_.area == Area::kUrban ? 600 : 250)) {
      household.address += ", ngõ " + std::to_string(rng.between(1, 60));
    }
    household.address += ", " + village_.name;
    household.ethnic = "Kinh";
    if (rng.chance(commune_.muong_permille)) {
      household.ethnic = "Mường";
    } else if (rng.chance(4)) {
      constexpr std::array<const char*, 5> kRare = {"Thái", "Tày", "Nùng", "Dao", "Hoa"};
      household.ethnic = kRare[rng.below(kRare.size())];
    }
    // Numbers that begin with 0100 are given to nobody.
    if (rng.chance(780)) household.phone = "0100" + digits(rng.below(1'000'000), 6);
    household.farm = rng.chance(commune_.area == Area::kRural ? 330 : 60);
    for (int year = household.arrival; year <= kLastYear; ++year) {
      if (household.classes[year_index(year)] == HouseholdClass::kAverageFarm) {
        household.farm = true;
      }
    }
  }

  void people(Household& household, std::size_t i, int size) const {
    Rng rng(seed_, "family", {key_, i});
    const int first = std::max(household.arrival, kPersonsYear);
    FamilyPlan plan{};
    plan.size = size;
    plan.type = household.classes[year_index(first)];
    plan.young = household.arrival > kFirstYear;
    plan.muong = household.ethnic == "Mường";
    plan.last_birth = first;
    plan.late_birth = district_.weights.births_after_2022 && first < kLastYear;
    plan.late_from = first + 1;
    household.persons = make_family(rng, plan);
  }

  /// Cards that agree with the indicator of the last year.
  void insure(Household& household, std::size_t i) const {
    const Assessment& last = household.assessments[year_index(kLastYear)];
    if (!last.lacks[static_cast<std::size_t>(Indicator::kHealthInsurance)]) return;
    Rng rng(seed_, "insured", {key_, i});
    for (Person& person : household.persons) {
      if (kLastYear - person.birth >= 18) person.insured = rng.chance(400);
    }
    household.persons.front().insured = false;
  }

  std::uint64_t seed_;
  const VillageUnit& village_;
  const CommuneUnit& commune_;
  const DistrictUnit& district_;
  const VillageQuota& quota_;
  std::uint64_t key_;
  std::vector<Household> households_;
};

}  // namespace

std::vector<Household> make_village(std::uint64_t seed, const VillageUnit& village,
                                    const VillageQuota& quota) {
  return VillageMaker(seed, village, quota).make();
}

}  // namespace lalanh::gen
