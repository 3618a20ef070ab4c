#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace lalanh::gen {

/// Appends a field to a CSV line, in quotation marks where RFC 4180 asks for them.
/// The caller writes the commas and the line end.
void append_csv(std::string& out, std::string_view field);

/// Reads CSV text (RFC 4180, UTF-8, "\n" or "\r\n") row by row, by column name.
/// The text must live as long as the reader. One thread.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);

  /// The number of a column, or an error (input.wrong_columns) if the header lacks it.
  Result<std::size_t> column(std::string_view name) const;

  /// Goes to the next row; false at the end. A row of another length than the header's is an
  /// error (input.wrong_columns, with the row).
  Result<bool> next();

  /// A field of the present row; valid until the next call of next().
  const std::string& field(std::size_t column) const { return row_[column]; }

 private:
  bool read_row();

  std::string_view rest_;
  std::vector<std::string> header_;
  std::vector<std::string> row_;
  std::size_t line_ = 0;
};

/// A whole number in decimal digits (a leading '-' allowed), or nothing.
std::optional<long long> whole_number(std::string_view text);

}  // namespace lalanh::gen
