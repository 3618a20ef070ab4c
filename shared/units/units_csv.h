#pragma once

#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/units/unit_tree.h"

namespace lalanh {

/// Reads a table of units: columns code, name, level, parent_code, kind, and optionally valid_from,
/// valid_to, unit_no, and invented (a label of trial data; not kept). Parents stand above
/// their children; a row without parent_code is a province.
/// Unit numbers: the province's code × 100,000 plus a running number in the order of the file, the
/// province itself being 1; or, in the column unit_no, a number of that province, so that several
/// rows can be facts of one unit. Where valid_from is empty it is `first_day`.
/// A code may stand twice only with unit_no; parent_code names the nearest row above with it.
/// Errors: those of CsvReader, and input.* with "file:row:column": input.missing,
/// input.not_a_choice (level), input.not_a_date, input.out_of_range (numbers, codes of provinces),
/// input.too_long, register.unknown_unit (parent), register.duplicate (code).
Result<std::vector<UnitFact>> read_units_csv(std::string_view bytes, std::string_view file,
                                             const Date& first_day);

}  // namespace lalanh
