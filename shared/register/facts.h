#pragma once

#include <array>
#include <string>
#include <vector>

#include "shared/merge/names.h"
#include "shared/rules/rule_pack.h"

namespace lalanh {

/// What a household adds to the figures of one period.
struct PeriodFact {
  std::string period;
  PovertyClass value = PovertyClass::kUnknown;
  friend bool operator==(const PeriodFact&, const PeriodFact&) = default;
};

/// What a household adds to the figures of its unit.
struct HouseholdFacts {
  bool counted = false;
  std::int64_t members = 0;
  std::vector<PeriodFact> periods;  ///< of its counted assessments, by period
  friend bool operator==(const HouseholdFacts&, const HouseholdFacts&) = default;
};

/// Told inside the write transaction when a household's facts have changed.
class HouseholdObserver {
 public:
  virtual ~HouseholdObserver() = default;
  /// The tables are dropped and made anew: everything is told again.
  virtual Status cleared() = 0;
  virtual Status household_changed(UnitNo unit, const HouseholdFacts& before,
                                   const HouseholdFacts& after) = 0;
  virtual Status flush() = 0;
  virtual void committed() = 0;
  virtual void rolled_back() = 0;
};

}  // namespace lalanh
