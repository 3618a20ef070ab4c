#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tools/gen/classes.h"
#include "tools/gen/units.h"
#include "tools/gen/years.h"

namespace lalanh::gen {

/// How many of a village's households and persons are to be what. Classes are indexed by
/// HouseholdClass (kOther is what remains).
struct VillageQuota {
  /// Households that stand at the end of each year; never falls.
  PerYear<std::int64_t> households{};
  /// Households of each class at the end of each year; the classes add up to `households`.
  std::array<PerYear<std::int64_t>, kClasses> classes{};
  /// Persons alive at the end of kPersonsYear, by the class of their household in that year.
  std::array<std::int64_t, kClasses> persons{};
};

/// Shares `total` in proportion to `weights` so that the shares add up to it exactly (largest
/// remainder; of equal remainders the first). A positive total with no weight is a CHECK.
std::vector<std::int64_t> share(std::int64_t total, std::span<const std::int64_t> weights);

/// The quota of each village of the province, by number: province to district to commune to
/// village, each step by share(), so that every count of targets.csv is met exactly. Depends on
/// the seed alone. A few milliseconds.
std::vector<VillageQuota> plan(std::uint64_t seed);

}  // namespace lalanh::gen
