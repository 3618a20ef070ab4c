#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"

namespace lalanh::bench {

/// One line of the result: what was measured, the bound measured beside it in the same process and
/// run, and the goal. Where there is a bound, the goal is for the ratio of value to bound.
struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<double> bound;
  std::optional<double> goal;
  bool at_least = false;  ///< the goal is a least value; else a most
  std::string note;       ///< for people: what it means, or why there is none

  std::optional<double> ratio() const;
  /// Where there is no goal, true.
  bool met() const;
};

std::string to_json(const Figure& figure);
std::string to_line(const Figure& figure);

double median(std::vector<double> values);

/// Seconds that a call takes; its error, if it has one.
Result<double> timed(const std::function<Status()>& work);

}  // namespace lalanh::bench
