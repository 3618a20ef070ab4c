#pragma once

#include <string_view>

#include "shared/register/queries.h"
#include "shared/register/register.h"

namespace lalanh {

/// Why a cell or row was not taken.
struct BadRow {
  std::string file;     ///< as ImportOptions name it
  std::size_t row = 0;  ///< as a spreadsheet shows it: the header is 1
  std::string column;   ///< "" for the whole row
  Error reason;
};

struct ImportOptions {
  Scope scope;
  bool good_rows = false;  ///< import the good rows beside bad ones; else all or none
  bool dry_run = false;
  std::string actor;
  /// What people call the two tables.
  std::string households_file = "households";
  std::string members_file = "members";
};

struct ImportResult {
  std::size_t rows = 0;
  std::size_t created = 0;  ///< entities
  std::size_t changed = 0;
  std::size_t unchanged = 0;
  std::vector<BadRow> bad;
  bool imported = false;
};

/// Imports a village's list. `households`: one row a household and period (columns of household
/// and assessment, by field name); `members` (may be empty): one row a person, household_code
/// first. Households are matched by code, assessments by period, members by name and birth: what is
/// there is corrected, so the same file twice changes nothing. An empty cell says nothing: what the
/// rows of one household say of it is put together. Bad is a row without a code, a second one of a
/// code and period or with another value of the household's (register.duplicate), and one whose
/// household moved away (register.moved) or was removed (register.removed): it would count twice.
/// One transaction, one epoch. Errors: input.missing_columns (period too, where a column of the
/// assessment is there), input.unknown_columns, input.broken_quotes, input.too_large,
/// input.not_utf8, store.*. Bad rows are not an Error.
Result<ImportResult> import_tables(Store& store, const FieldWords& words, Register& registry,
                                   std::string_view households, std::string_view members,
                                   const ImportOptions& options);

}  // namespace lalanh
