#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/gen/household.h"
#include "tools/gen/units.h"

namespace lalanh::gen {

/// Stands in each household row, and in the README beside the files.
inline constexpr const char* kInventedNote = "Dữ liệu giả lập (không phải người thật)";

/// What of a household is written.
struct CsvChoice {
  std::vector<int> years;  ///< rising; the last is the year in which the register stands
  bool scores = false;     ///< whether the points of form B are written
};

/// Whether a household, or a person of it, is in a register that stands at the end of `year`.
bool stands(const Household& household, int year);
bool stands(const Person& person, int year);

/// households.csv of a village: one row a household and year, the years of a household together.
/// UTF-8, RFC 4180, "\n".
std::string households_csv(std::span<const Household> households, const CsvChoice& choice);

/// members.csv of a village: each person, the head too (relation "chủ hộ").
std::string members_csv(std::span<const Household> households, const CsvChoice& choice);

/// units.csv: the province, and of the rest what is above a village of `villages` (their
/// numbers, rising) and these themselves.
std::string units_csv(std::span<const std::size_t> villages);

}  // namespace lalanh::gen
