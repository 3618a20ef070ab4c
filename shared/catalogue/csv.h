#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace lalanh {

/// Reads CSV (RFC 4180) from outside, row by row: quotes, both line ends, a byte order mark, and
/// as the separator whichever of comma, semicolon and tab the header line holds most of (a
/// spreadsheet set to another language writes semicolons). A quote inside a cell that does not
/// begin with one is an ordinary character. Blank lines are passed over, but counted.
/// The bytes must outlive the reader. Not for use by two threads.
class CsvReader {
 public:
  /// Checks size (`limits::kCsvBytesMax`) and UTF-8 and reads the header; `file` is what errors
  /// call the source. Errors: input.too_large, input.not_utf8 (with "file:line"),
  /// input.broken_quotes, input.too_long. An empty file has an empty header.
  static Result<CsvReader> open(std::string_view bytes, std::string_view file);

  /// Cells of the header, without spaces at their ends.
  const std::vector<std::string>& header() const { return header_; }
  /// Index of a column, or -1.
  int column(std::string_view name) const;
  /// The header has all of `required` and nothing but these and `optional`, none twice:
  /// input.missing_columns, input.unknown_columns.
  Status expect_columns(std::initializer_list<std::string_view> required,
                        std::initializer_list<std::string_view> optional) const;
  /// The same for names that are computed.
  Status expect_columns(const std::vector<std::string>& required,
                        const std::vector<std::string>& optional) const;

  /// Reads the next row: false at the end. An error ends the reading, for what follows it cannot
  /// be told apart: input.broken_quotes, input.too_long (a cell beyond
  /// `limits::kCsvFieldBytesMax`), input.too_large (rows beyond `limits::kCsvRowsMax`).
  Result<bool> next();
  /// As many cells as the header has: input.row_width otherwise. The next row can be read.
  Status expect_width() const;
  /// Cells of the row read last.
  std::size_t width() const { return cells_.size(); }
  /// A cell of the row read last, as it stands; "" where the index is -1 or beyond the row.
  std::string_view cell(int column) const;
  /// The number of the row read last as a spreadsheet shows it: the header is 1.
  std::size_t row() const { return row_; }
  /// "file:row" and "file:row:column name" of the row read last.
  std::string where() const;
  std::string where(int column) const;

 private:
  CsvReader(std::string_view bytes, std::string_view file) : bytes_(bytes), file_(file) {}
  void skip_mark_and_find_separator();
  Status read_record();
  Status read_cell(std::string& out);
  Status read_quoted(std::string& out);
  bool at_line_end() const;
  void skip_line_end();
  Status expect(const std::vector<std::string_view>& required,
                const std::vector<std::string_view>& optional) const;

  std::string_view bytes_;
  std::string file_;
  std::size_t at_ = 0;
  char separator_ = ',';
  std::size_t row_ = 0;
  std::vector<std::string> header_;
  std::vector<std::string> cells_;
};

}  // namespace lalanh
