#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "tools/gen/data.h"
#include "tools/gen/units.h"

namespace lalanh::gen {

/// Counts by Measure.
using Counts = std::array<std::int64_t, kMeasures>;

/// A published figure beside what was counted.
struct Compared {
  const Target* target;
  std::int64_t found;
  bool met() const { return found == target->value; }
};

/// Adds up what the files say, knowing nothing of how they were made: it reads the CSV text of
/// villages, works the class out from each row's answers, and counts households and persons by
/// commune and year. A person counts in a year from the year of birth on, in a household that has
/// a row of that year. One thread; memory grows with communes, not households.
class Tally {
 public:
  /// Adds a village's two files. An unknown column, a row of another length, a value that is no
  /// number, or a member of no household is an error (input.*), and the village is half counted.
  Status add(const VillageUnit& village, std::string_view households, std::string_view members);

  /// The years of which there are rows, rising.
  std::vector<int> years() const;

  /// Counts of a year: of a commune or district (by its index), of the whole.
  Counts commune(std::size_t commune, int year) const;
  Counts district(std::size_t district, int year) const;
  Counts whole(int year) const;

  std::size_t villages() const { return villages_.size(); }

  /// Each published figure whose unit was added with all its villages and whose year is there.
  std::vector<Compared> compare() const;

 private:
  bool covers(const std::string& unit) const;
  Counts of_unit(const std::string& unit, int year) const;

  std::map<int, std::vector<Counts>> by_year_;  ///< [year][commune]
  std::map<std::size_t, bool> villages_;
};

}  // namespace lalanh::gen
