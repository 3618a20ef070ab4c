#include "shared/catalogue/csv.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "shared/base/limits.h"

namespace lalanh {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(std::string_view bytes) {
  Result<CsvReader> csv = CsvReader::open(bytes, "f.csv");
  REQUIRE(csv.ok());
  Rows rows{csv->header()};
  for (;;) {
    const Result<bool> more = csv->next();
    REQUIRE(more.ok());
    if (!*more) return rows;
    rows.emplace_back();
    for (std::size_t i = 0; i < csv->width(); ++i) {
      rows.back().emplace_back(csv->cell(static_cast<int>(i)));
    }
  }
}

TEST_CASE("A table is read with quotes, both line ends, a mark and blank lines") {
  CHECK(rows_of("\xEF\xBB\xBF a ,b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n\r\n,\r\n3,last") ==
        Rows{{"a", "b"}, {"1", "x, \"y\"\r\nz"}, {"", ""}, {"3", "last"}});
  CHECK(rows_of("a,b\n5,tên \"Tám\" Văn\n") == Rows{{"a", "b"}, {"5", "tên \"Tám\" Văn"}});
  CHECK(rows_of("a;b\n1;2,3\n") == Rows{{"a", "b"}, {"1", "2,3"}});
  CHECK(rows_of("a\tb\n1\t2\n") == Rows{{"a", "b"}, {"1", "2"}});
  CHECK(rows_of("\"a;x;y\",b\n1,2\n") == Rows{{"a;x;y", "b"}, {"1", "2"}});
  CHECK(rows_of("") == Rows{{}});
  CHECK(rows_of("one") == Rows{{"one"}});
}

TEST_CASE("Rows and columns of a table are named as a spreadsheet shows them") {
  Result<CsvReader> csv = CsvReader::open("code,income\n\n1,\"a\nb\"\n2\n3,4", "f.csv");
  REQUIRE(csv.ok());
  CHECK(csv->column("income") == 1);
  CHECK(csv->column("other") == -1);
  REQUIRE(*csv->next());
  CHECK(csv->where() == "f.csv:3");
  CHECK(csv->where(1) == "f.csv:3:income");
  REQUIRE(*csv->next());
  CHECK(csv->row() == 4);
  CHECK(csv->expect_width().error().name() == "input.row_width");
  CHECK(csv->cell(1) == "");
  CHECK(csv->cell(-1) == "");
  REQUIRE(*csv->next());
  CHECK(csv->expect_width().ok());
  CHECK_FALSE(*csv->next());
}

TEST_CASE("A table with the wrong columns is refused with their names") {
  Result<CsvReader> csv = CsvReader::open("code,head,colour,head\n", "f.csv");
  REQUIRE(csv.ok());
  const Status missing = csv->expect_columns({"code", "name", "sex"}, {});
  CHECK(missing.error().name() == "input.missing_columns");
  CHECK(missing.error().value("columns") == "name, sex");
  const Status unknown = csv->expect_columns({"code"}, {"head"});
  CHECK(unknown.error().name() == "input.unknown_columns");
  CHECK(unknown.error().value("columns") == "colour, head");
  CHECK(CsvReader::open("", "e")->expect_columns({"code"}, {}).error().name() ==
        "input.missing_columns");
}

TEST_CASE("A table that cannot be read says where and ends") {
  Result<CsvReader> open_quote = CsvReader::open("a,b\n1,2\n3,\"x\n4,5\n", "f.csv");
  REQUIRE(*open_quote->next());
  const Result<bool> broken = open_quote->next();
  CHECK(broken.error().name() == "input.broken_quotes");
  CHECK(broken.error().value("where") == "f.csv:3:b");
  CHECK_FALSE(*open_quote->next());
  Result<CsvReader> after_quote = CsvReader::open("a,b\n\"x\"y,2\n", "f.csv");
  CHECK(after_quote->next().error().value("where") == "f.csv:2:a");
  const Result<CsvReader> bytes = CsvReader::open("a\n1\n\xC3\n", "f.csv");
  CHECK(bytes.error().name() == "input.not_utf8");
  CHECK(bytes.error().value("where") == "f.csv:3");
  const std::string wide = "a\n" + std::string(limits::kCsvFieldBytesMax + 1, 'x');
  CHECK(CsvReader::open(wide, "f.csv")->next().error().name() == "input.too_long");
  const std::string columns(limits::kCsvColumnsMax, ',');
  CHECK(CsvReader::open(columns, "f.csv").error().name() == "input.too_long");
  const std::string rows = "a\n" + std::string(limits::kCsvRowsMax + 1, '\n') + "x";
  CHECK(CsvReader::open(rows, "f.csv")->next().error().name() == "input.too_large");
}

}  // namespace
}  // namespace lalanh
