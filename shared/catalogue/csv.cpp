#include "shared/catalogue/csv.h"

#include <algorithm>

#include "shared/base/cbor.h"
#include "shared/base/limits.h"

namespace lalanh {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// The first line that is not UTF-8, so that a person can find the place.
std::size_t bad_line(std::string_view bytes) {
  std::size_t line = 1;
  std::size_t begin = 0;
  while (begin < bytes.size()) {
    const std::size_t end = (std::min)(bytes.find('\n', begin), bytes.size());
    if (!cbor::valid_utf8(bytes.substr(begin, end - begin))) return line;
    begin = end + 1;
    ++line;
  }
  return line;
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<CsvReader> CsvReader::open(std::string_view bytes, std::string_view file) {
  if (bytes.size() > limits::kCsvBytesMax) {
    return Error(ErrorCode::input_too_large,
                 {{"max", std::to_string(limits::kCsvBytesMax)}, {"where", std::string(file)}});
  }
  if (!cbor::valid_utf8(bytes)) {
    return Error(ErrorCode::input_not_utf8,
                 {{"where", std::string(file) + ":" + std::to_string(bad_line(bytes))}});
  }
  CsvReader reader(bytes, file);
  reader.skip_mark_and_find_separator();
  TRY_ASSIGN([[maybe_unused]] const bool found, reader.next());
  for (const std::string& cell : reader.cells_) reader.header_.emplace_back(trimmed(cell));
  return reader;
}

void CsvReader::skip_mark_and_find_separator() {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (bytes_.substr(0, kMark.size()) == kMark) at_ = kMark.size();
  std::size_t begin = bytes_.find_first_not_of("\r\n", at_);
  if (begin == std::string_view::npos) begin = bytes_.size();
  bool quoted = false;
  std::size_t commas = 0;
  std::size_t semicolons = 0;
  std::size_t tabs = 0;
  for (std::size_t i = begin; i < bytes_.size(); ++i) {
    const char c = bytes_[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    commas += c == ',' ? 1U : 0U;
    semicolons += c == ';' ? 1U : 0U;
    tabs += c == '\t' ? 1U : 0U;
  }
  if (semicolons > commas && semicolons >= tabs) separator_ = ';';
  if (tabs > commas && tabs > semicolons) separator_ = '\t';
}

int CsvReader::column(std::string_view name) const {
  for (std::size_t i = 0; i < header_.size(); ++i) {
    if (header_[i] == name) return static_cast<int>(i);
  }
  return -1;
}

Status CsvReader::expect_columns(std::initializer_list<std::string_view> required,
                                 std::initializer_list<std::string_view> optional) const {
  return expect(required, optional);
}

Status CsvReader::expect_columns(const std::vector<std::string>& required,
                                 const std::vector<std::string>& optional) const {
  return expect({required.begin(), required.end()}, {optional.begin(), optional.end()});
}

Status CsvReader::expect(const std::vector<std::string_view>& required,
                         const std::vector<std::string_view>& optional) const {
  std::vector<std::string_view> missing;
  for (const std::string_view name : required) {
    if (column(name) < 0) missing.push_back(name);
  }
  if (!missing.empty()) {
    return Error(ErrorCode::input_missing_columns, {{"file", file_}, {"columns", joined(missing)}});
  }
  std::vector<std::string_view> unknown;
  for (std::size_t i = 0; i < header_.size(); ++i) {
    const bool known = contains(required, header_[i]) || contains(optional, header_[i]);
    if (!known || column(header_[i]) != static_cast<int>(i)) unknown.push_back(header_[i]);
  }
  if (!unknown.empty()) {
    return Error(ErrorCode::input_unknown_columns, {{"file", file_}, {"columns", joined(unknown)}});
  }
  return {};
}

Result<bool> CsvReader::next() {
  cells_.clear();
  while (at_ < bytes_.size() && at_line_end()) {
    skip_line_end();
    ++row_;
  }
  if (at_ >= bytes_.size()) return false;
  ++row_;
  if (row_ > limits::kCsvRowsMax + 1) {
    return Error(ErrorCode::input_too_large,
                 {{"max", std::to_string(limits::kCsvRowsMax)}, {"where", where()}});
  }
  const Status read = read_record();
  if (!read.ok()) {
    at_ = bytes_.size();
    cells_.clear();
    return read.error();
  }
  return true;
}

Status CsvReader::read_record() {
  for (;;) {
    if (cells_.size() >= limits::kCsvColumnsMax) {
      return Error(ErrorCode::input_too_long, {{"field", where()},
                                               {"max", std::to_string(limits::kCsvColumnsMax)},
                                               {"where", where()}});
    }
    cells_.emplace_back();
    TRY(read_cell(cells_.back()));
    if (at_ < bytes_.size() && bytes_[at_] == separator_) {
      ++at_;
      continue;
    }
    skip_line_end();
    return {};
  }
}

Status CsvReader::read_cell(std::string& out) {
  if (at_ < bytes_.size() && bytes_[at_] == '"') {
    TRY(read_quoted(out));
  } else {
    const std::size_t begin = at_;
    while (at_ < bytes_.size() && bytes_[at_] != separator_ && !at_line_end()) ++at_;
    out.assign(bytes_.substr(begin, at_ - begin));
  }
  if (out.size() > limits::kCsvFieldBytesMax) {
    const std::string place = where(static_cast<int>(cells_.size()) - 1);
    return Error(
        ErrorCode::input_too_long,
        {{"field", place}, {"max", std::to_string(limits::kCsvFieldBytesMax)}, {"where", place}});
  }
  return {};
}

Status CsvReader::read_quoted(std::string& out) {
  const auto broken = [this] {
    return Error(ErrorCode::input_broken_quotes,
                 {{"where", where(static_cast<int>(cells_.size()) - 1)}});
  };
  ++at_;
  for (;;) {
    const std::size_t quote = bytes_.find('"', at_);
    if (quote == std::string_view::npos) return broken();
    out.append(bytes_.substr(at_, quote - at_));
    at_ = quote + 1;
    if (at_ < bytes_.size() && bytes_[at_] == '"') {
      out += '"';
      ++at_;
      continue;
    }
    if (at_ < bytes_.size() && bytes_[at_] != separator_ && !at_line_end()) return broken();
    return {};
  }
}

bool CsvReader::at_line_end() const {
  return bytes_[at_] == '\n' ||
         (bytes_[at_] == '\r' && (at_ + 1 >= bytes_.size() || bytes_[at_ + 1] == '\n'));
}

void CsvReader::skip_line_end() {
  if (at_ < bytes_.size() && bytes_[at_] == '\r') ++at_;
  if (at_ < bytes_.size() && bytes_[at_] == '\n') ++at_;
}

Status CsvReader::expect_width() const {
  if (cells_.size() == header_.size()) return {};
  return Error(ErrorCode::input_row_width, {{"where", where()},
                                            {"found", std::to_string(cells_.size())},
                                            {"expected", std::to_string(header_.size())}});
}

std::string_view CsvReader::cell(int column) const {
  if (column < 0 || static_cast<std::size_t>(column) >= cells_.size()) return {};
  return cells_[static_cast<std::size_t>(column)];
}

std::string CsvReader::where() const { return file_ + ":" + std::to_string(row_); }

std::string CsvReader::where(int column) const {
  std::string out = where();
  if (column < 0) return out;
  const auto index = static_cast<std::size_t>(column);
  out += ":";
  out += index < header_.size() ? header_[index] : std::to_string(index + 1);
  return out;
}

}  // namespace lalanh
