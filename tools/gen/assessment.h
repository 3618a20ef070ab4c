#pragma once

#include <cstdint>

#include "tools/gen/household.h"

namespace lalanh::gen {

/// The stream names of one household: seed, the village's code as a key, its number there.
struct HouseholdKey {
  std::uint64_t seed;
  std::uint64_t village;
  std::uint64_t number;
};

/// The answers of a household at the end of `year`, such that classify() gives exactly
/// `household.classes` of that year; now and then just on a line. Answers change little from
/// year to year. Depends on the key, the year and the household alone.
Assessment make_assessment(const HouseholdKey& key, const Household& household, int year);

}  // namespace lalanh::gen
