#pragma once

#include <string>
#include <vector>

#include "tests/sim/machine_register.h"

/// The register's tables as text: one line a row, entities by their names, nothing of row ids or of
/// the order in which something came. What a machine holds and what the plain count comes to are
/// compared in these words.
namespace lalanh::sim {

struct HouseholdCounts {
  std::int64_t there = 0, counted = 0, moved = 0, members = 0, heads = 0;
};
std::string household_line(const std::string& id, const HouseholdCounts& counts);
/// `search`: a line each, in any order.
std::string texts_line(const std::string& id, ByteView sort, std::string_view search);

struct AssessmentLine {
  std::string id, household;
  std::string period;
  std::int64_t value = 0;     ///< PovertyClass
  std::int64_t findings = 0;  ///< bits of Finding
  bool there = false;
  bool counted = false;
};
std::string to_text(const AssessmentLine& line);

std::string citizen_line(const std::string& id, const std::string& household,
                         std::string_view number);
std::string conflict_line(const std::string& id, const std::string& household);
std::string figures_line(UnitNo unit, std::string_view period, std::int64_t kind,
                         std::int64_t households, std::int64_t persons);
std::string finding_line(std::string_view kind, const std::string& household,
                         std::string_view detail);

/// All that a machine's tables hold, sorted. Errors: store.*
Result<std::vector<std::string>> register_lines(Store& store, MachineRegister& registered);
/// The findings of the register, sorted.
Result<std::vector<std::string>> finding_lines(MachineRegister& registered);

}  // namespace lalanh::sim
