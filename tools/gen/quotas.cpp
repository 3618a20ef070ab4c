#include "tools/gen/quotas.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>

#include "shared/base/check.h"
#include "tools/gen/rng.h"

namespace lalanh::gen {
namespace {

using Counts = std::vector<std::int64_t>;

std::optional<std::int64_t> target(const std::string& unit, int year, Measure measure) {
  for (const Target& each : data().targets) {
    if (each.unit == unit && each.year == year && each.measure == measure) return each.value;
  }
  return std::nullopt;
}

std::int64_t province_target(int year, Measure measure) {
  const auto value = target(tree().code, year, measure);
  CHECK(value.has_value());
  return *value;
}

/// A total of the province less what a district has of its own; the rest by weight.
Counts share_districts(std::int64_t total, const Counts& fixed, Counts weights) {
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    if (fixed[i] < 0) continue;
    total -= fixed[i];
    weights[i] = 0;
  }
  Counts shares = share(total, weights);
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    if (fixed[i] >= 0) shares[i] = fixed[i];
  }
  return shares;
}

/// Down from districts through communes to villages, by the weights of the villages.
Counts share_villages(const Counts& districts, const Counts& village_weights) {
  const Tree& all = tree();
  Counts result(all.villages.size());
  for (std::size_t d = 0; d < all.districts.size(); ++d) {
    Counts commune_weights;
    for (const std::size_t c : all.districts[d].communes) {
      std::int64_t sum = 0;
      for (const std::size_t v : all.communes[c].villages) sum += village_weights[v];
      commune_weights.push_back(sum);
    }
    const Counts communes = share(districts[d], commune_weights);
    for (std::size_t i = 0; i < communes.size(); ++i) {
      const CommuneUnit& commune = all.communes[all.districts[d].communes[i]];
      Counts weights;
      for (const std::size_t v : commune.villages) weights.push_back(village_weights[v]);
      const Counts villages = share(communes[i], weights);
      for (std::size_t k = 0; k < villages.size(); ++k) {
        result[commune.villages[k]] = villages[k];
      }
    }
  }
  return result;
}

/// A factor of 100 for the average unit, invented for each unit.
std::int64_t factor(std::uint64_t seed, const char* what, const std::string& code, int low,
                    int high) {
  Rng rng(seed, what, {key_of(code)});
  return rng.between(low, high);
}

class Planner {
 public:
  explicit Planner(std::uint64_t seed) : seed_(seed), quotas_(tree().villages.size()) {}

  std::vector<VillageQuota> run() {
    households();
    for (std::size_t y = 0; y < kYears; ++y) {
      classes(y, HouseholdClass::kPoor, Measure::kPoor);
      classes(y, HouseholdClass::kNearPoor, Measure::kNearPoor);
      classes(y, HouseholdClass::kAverageFarm, Measure::kAverageFarm);
      rest(y);
    }
    persons();
    return std::move(quotas_);
  }

 private:
  /// What a district must have, or -1 where the targets leave it open.
  Counts fixed(int year, Measure measure) const {
    Counts values;
    for (const DistrictUnit& district : tree().districts) {
      values.push_back(target(district.code, year, measure).value_or(-1));
    }
    return values;
  }

  /// The households of the first year, then those that come in each later year.
  void households() {
    const Tree& all = tree();
    Counts weights;
    for (const VillageUnit& village : all.villages) {
      const CommuneUnit& commune = all.communes[village.commune];
      weights.push_back(factor(seed_, "commune size", commune.code, 75, 130) *
                        factor(seed_, "village size", village.code, 70, 130));
    }
    Counts districts;
    for (const DistrictUnit& district : all.districts) {
      districts.push_back(district.weights.households);
    }
    Counts before(all.districts.size(), 0);
    std::int64_t total_before = 0;
    for (std::size_t y = 0; y < kYears; ++y) {
      const int year = kFirstYear + static_cast<int>(y);
      Counts own = fixed(year, Measure::kHouseholds);
      for (std::size_t d = 0; d < own.size(); ++d) {
        if (own[d] >= 0) own[d] -= before[d];
      }
      const std::int64_t total = province_target(year, Measure::kHouseholds);
      const Counts come = share_districts(total - total_before, own, districts);
      const Counts villages = share_villages(come, weights);
      for (std::size_t v = 0; v < villages.size(); ++v) {
        const std::int64_t already = y == 0 ? 0 : quotas_[v].households[y - 1];
        CHECK(villages[v] >= 0);
        quotas_[v].households[y] = already + villages[v];
      }
      for (std::size_t d = 0; d < come.size(); ++d) before[d] += come[d];
      total_before = total;
    }
  }

  void classes(std::size_t y, HouseholdClass which, Measure measure) {
    const Tree& all = tree();
    const int year = kFirstYear + static_cast<int>(y);
    Counts weights;
    Counts districts(all.districts.size(), 0);
    for (const VillageUnit& village : all.villages) {
      const std::int64_t households = quotas_[village.number].households[y];
      weights.push_back(households * village_weight(village, which));
      districts[village.district] +=
          households * district_weight(all.districts[village.district].weights, which);
    }
    const Counts shares =
        share_districts(province_target(year, measure), fixed(year, measure), std::move(districts));
    const Counts villages = share_villages(shares, weights);
    for (std::size_t v = 0; v < villages.size(); ++v) {
      quotas_[v].classes[static_cast<std::size_t>(which)][y] = villages[v];
    }
  }

  static std::int64_t district_weight(const DistrictWeights& weights, HouseholdClass which) {
    switch (which) {
      case HouseholdClass::kPoor: return weights.poor;
      case HouseholdClass::kNearPoor: return weights.near_poor;
      default: return weights.average_farm;
    }
  }

  std::int64_t village_weight(const VillageUnit& village, HouseholdClass which) const {
    const CommuneUnit& commune = tree().communes[village.commune];
    if (which == HouseholdClass::kAverageFarm) {
      // Farming is rare in wards and towns.
      return (commune.area == Area::kUrban ? 18 : 100) *
             factor(seed_, "farm", village.code, 60, 140);
    }
    return factor(seed_, "commune poverty", commune.code, 60, 140) *
           factor(seed_, "village poverty", village.code, 50, 150) * commune.poverty_percent / 100;
  }

  void rest(std::size_t y) {
    for (VillageQuota& quota : quotas_) {
      std::int64_t other = quota.households[y];
      for (int c = 0; c < kClasses - 1; ++c) other -= quota.classes[static_cast<std::size_t>(c)][y];
      CHECK(other >= 0);
      quota.classes[static_cast<std::size_t>(HouseholdClass::kOther)][y] = other;
    }
  }

  /// Each household has one person; what is left of the persons is shared by households.
  void persons() {
    constexpr std::array<Measure, 3> kMeasured = {Measure::kPoorPersons, Measure::kNearPoorPersons,
                                                  Measure::kAverageFarmPersons};
    Counts other_total = fixed(kPersonsYear, Measure::kPersons);
    std::int64_t other_province = province_target(kPersonsYear, Measure::kPersons);
    for (std::size_t c = 0; c < kMeasured.size(); ++c) {
      const Counts own = fixed(kPersonsYear, kMeasured[c]);
      const std::int64_t total = province_target(kPersonsYear, kMeasured[c]);
      share_persons(c, total, own);
      other_province -= total;
      for (std::size_t d = 0; d < own.size(); ++d) {
        if (other_total[d] >= 0) other_total[d] -= own[d];
      }
    }
    share_persons(static_cast<std::size_t>(HouseholdClass::kOther), other_province, other_total);
  }

  void share_persons(std::size_t which, std::int64_t total, Counts own) {
    const Tree& all = tree();
    constexpr std::size_t kYear = year_index(kPersonsYear);
    Counts households;
    Counts districts(all.districts.size(), 0);
    for (const VillageUnit& village : all.villages) {
      households.push_back(quotas_[village.number].classes[which][kYear]);
      districts[village.district] += households.back();
    }
    for (std::size_t d = 0; d < own.size(); ++d) {
      if (own[d] >= 0) own[d] -= districts[d];
    }
    const std::int64_t more =
        total - std::accumulate(households.begin(), households.end(), std::int64_t{0});
    const Counts villages = share_villages(share_districts(more, own, districts), households);
    for (std::size_t v = 0; v < villages.size(); ++v) {
      quotas_[v].persons[which] = households[v] + villages[v];
    }
  }

  std::uint64_t seed_;
  std::vector<VillageQuota> quotas_;
};

}  // namespace

std::vector<std::int64_t> share(std::int64_t total, std::span<const std::int64_t> weights) {
  CHECK(total >= 0);
  const std::int64_t sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  std::vector<std::int64_t> shares(weights.size(), 0);
  if (total == 0) return shares;
  CHECK(sum > 0);
  std::vector<std::size_t> order(weights.size());
  std::vector<std::int64_t> remainders(weights.size());
  std::int64_t left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    order[i] = i;
    shares[i] = total * weights[i] / sum;
    remainders[i] = total * weights[i] % sum;
    left -= shares[i];
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; i < static_cast<std::size_t>(left); ++i) ++shares[order[i]];
  return shares;
}

std::vector<VillageQuota> plan(std::uint64_t seed) { return Planner(seed).run(); }

}  // namespace lalanh::gen
