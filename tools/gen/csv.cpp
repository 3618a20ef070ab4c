#include "tools/gen/csv.h"

#include <charconv>

namespace lalanh::gen {

void append_csv(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char letter : field) {
    if (letter == '"') out += '"';
    out += letter;
  }
  out += '"';
}

CsvReader::CsvReader(std::string_view text) : rest_(text) {
  if (read_row()) header_ = row_;
}

Result<std::size_t> CsvReader::column(std::string_view name) const {
  for (std::size_t i = 0; i < header_.size(); ++i) {
    if (header_[i] == name) return i;
  }
  return Error(ErrorCode::input_wrong_columns, {{"why", "no column " + std::string(name)}});
}

Result<bool> CsvReader::next() {
  if (!read_row()) return false;
  if (row_.size() != header_.size()) {
    return Error(ErrorCode::input_wrong_columns,
                 {{"why", "row " + std::to_string(line_) + " has " + std::to_string(row_.size()) +
                              " fields, the header " + std::to_string(header_.size())}});
  }
  return true;
}

bool CsvReader::read_row() {
  if (rest_.empty()) return false;
  ++line_;
  std::size_t fields = 0;
  std::size_t at = 0;
  const auto start_field = [&]() -> std::string& {
    if (fields == row_.size()) row_.emplace_back();
    row_[fields].clear();
    return row_[fields++];
  };
  std::string* field = &start_field();
  bool quoted = false;
  for (; at < rest_.size(); ++at) {
    const char letter = rest_[at];
    if (quoted) {
      if (letter != '"') {
        *field += letter;
      } else if (at + 1 < rest_.size() && rest_[at + 1] == '"') {
        *field += '"';
        ++at;
      } else {
        quoted = false;
      }
    } else if (letter == '"') {
      quoted = true;
    } else if (letter == ',') {
      field = &start_field();
    } else if (letter == '\n') {
      ++at;
      break;
    } else if (letter != '\r') {
      *field += letter;
    }
  }
  rest_.remove_prefix(at);
  row_.resize(fields);
  return true;
}

std::optional<long long> whole_number(std::string_view text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace lalanh::gen
