#pragma once

#include <optional>

#include "shared/report/counters.h"
#include "shared/units/unit_tree.h"

namespace lalanh {

/// One line of report 1 (`domain.md`, Report forms): a unit with everything below it.
struct ReportRow {
  UnitNo unit;
  std::string code;
  std::string name;
  std::string level;
  UnitCounts counts;
};

/// Report 1: households and persons by class, of a unit and its children on a day.
struct ClassReport {
  std::string period;  ///< "" where nothing was assessed yet
  Date day;            ///< of the tree
  ReportRow total;
  std::vector<ReportRow> children;  ///< by code; their sums are the total, with `own`
  UnitCounts own;                   ///< households that the unit itself owns
  std::vector<ReportRow> unplaced;  ///< with figures, but not in the tree on that day
};

/// The tree of a day in one order, parents after children, so that sums are one pass. Made anew
/// when the tree changes; a report from it takes well under a millisecond for a province.
class ReportOrder {
 public:
  ReportOrder(const UnitTree& tree, const Date& day);
  const Date& day() const { return day_; }
  bool has(UnitNo unit) const { return index_.count(unit) != 0; }

  /// The report of a unit; register.unknown_unit where the day's tree has it not. `period` "":
  /// the newest with an assessment.
  Result<ClassReport> class_report(const Counters& counters, UnitNo unit,
                                   const std::string& period) const;
  /// Children of a unit on the day, by code.
  std::vector<UnitNo> children(UnitNo unit) const;
  /// The unit and all below it.
  std::vector<UnitNo> with_below(UnitNo unit) const;

 private:
  struct Place {
    UnitNo unit;
    std::string code, name, level;
    std::vector<std::size_t> children;
    std::size_t first = 0;  ///< its subtree is places_[first, own index]
  };
  void add(const UnitTree& tree, UnitNo unit, std::size_t depth);
  ReportRow row_of(const Place& place) const;
  Date day_;
  std::vector<Place> places_;
  std::unordered_map<UnitNo, std::size_t> index_;
};

/// "1.86": a share of a sum in hundredths of a percent, rounded half up; "" of nothing.
/// The period that is meant where none is named: the newest yearly one that has begun by `today`,
/// else the newest of all; "" of none. A review between the yearly ones, or a slip of the hand,
/// takes no report over. `periods` ascend.
std::string default_period(const std::vector<std::string>& periods, const Date& today);
std::string percent(std::int64_t part, std::int64_t whole);

}  // namespace lalanh
