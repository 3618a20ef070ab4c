#pragma once

#include <array>
#include <map>
#include <string>
#include <unordered_map>

#include "shared/register/facts.h"
#include "shared/store/store.h"

namespace lalanh {

struct Count {
  std::int64_t households = 0;
  std::int64_t persons = 0;
  void add(const Count& other) {
    households += other.households;
    persons += other.persons;
  }
  friend bool operator==(const Count&, const Count&) = default;
};

/// Figures of one unit (or a sum of units) for a period.
struct UnitCounts {
  Count all;                                      ///< in the register, whatever the period
  std::array<Count, kPovertyClasses> by_class{};  ///< assessed in the period, by PovertyClass
  void add(const UnitCounts& other) {
    all.add(other.all);
    for (std::size_t i = 0; i < by_class.size(); ++i) by_class[i].add(other.by_class[i]);
  }
  Count assessed() const {
    Count out;
    for (const Count& count : by_class) out.add(count);
    return out;
  }
  const Count& of(PovertyClass value) const { return by_class[static_cast<std::size_t>(value)]; }
  friend bool operator==(const UnitCounts&, const UnitCounts&) = default;
};

/// Keeps table counter and the same figures in memory, always current: a report reads memory
/// alone. Told by the register's projection. Not thread-safe.
class Counters : public HouseholdObserver {
 public:
  explicit Counters(Store& store) : store_(store) {}
  /// Reads the table; after the projections are prepared.
  Status open();

  Status cleared() override;
  Status household_changed(UnitNo unit, const HouseholdFacts& before,
                           const HouseholdFacts& after) override;
  Status flush() override;
  void committed() override;
  void rolled_back() override;

  /// Figures of the households that the unit itself owns; nothing below it.
  UnitCounts own(UnitNo unit, const std::string& period) const;
  /// Units with any figure, in no order.
  std::vector<UnitNo> units() const;
  /// Periods with any assessment, ascending.
  std::vector<std::string> periods() const;
  /// Adds up the tables household and assessment anew and compares; the differences in words.
  Result<std::vector<std::string>> check();

 private:
  struct Row {
    Count all;
    std::map<std::string, std::array<Count, kPovertyClasses>> periods;
  };
  using Table = std::unordered_map<UnitNo, Row>;
  /// The place of (unit, period, kind); period "" is the register itself.
  static Count& place(Table& table, UnitNo unit, const std::string& period, std::int64_t kind);
  static std::vector<std::string> differences(Table& a, Table& b);
  void note(UnitNo unit, const HouseholdFacts& facts, std::int64_t sign);
  Status add_to_row(UnitNo unit, const std::string& period, std::int64_t kind, const Count& count);

  Store& store_;
  Table table_;    ///< as committed
  Table changes_;  ///< of the open transaction
  Statement upsert_;
};

}  // namespace lalanh
