#include "tools/gen/csv.h"

#include <catch2/catch.hpp>

using lalanh::gen::append_csv;
using lalanh::gen::CsvReader;
using lalanh::gen::whole_number;

TEST_CASE("what is written as CSV is read back") {
  std::string text = "a,b\n";
  append_csv(text, "một, hai");
  text += ',';
  append_csv(text, "nói \"vâng\"\nrồi");
  text += "\r\n,\n";
  CsvReader reader(text);
  const auto a = reader.column("a").value();
  const auto b = reader.column("b").value();
  REQUIRE(reader.next().value());
  REQUIRE(reader.field(a) == "một, hai");
  REQUIRE(reader.field(b) == "nói \"vâng\"\nrồi");
  REQUIRE(reader.next().value());
  REQUIRE(reader.field(a).empty());
  REQUIRE(reader.field(b).empty());
  REQUIRE_FALSE(reader.next().value());
}

TEST_CASE("a missing column and a short row are refused") {
  CsvReader reader("a,b\n1\n");
  REQUIRE_FALSE(reader.column("c").ok());
  const auto row = reader.next();
  REQUIRE_FALSE(row.ok());
  REQUIRE(row.error().name() == "input.wrong_columns");
}

TEST_CASE("a number is digits and nothing else") {
  REQUIRE(whole_number("1500000") == 1'500'000);
  REQUIRE(whole_number("-3") == -3);
  REQUIRE_FALSE(whole_number("").has_value());
  REQUIRE_FALSE(whole_number("1.5").has_value());
  REQUIRE_FALSE(whole_number("12 ").has_value());
}
