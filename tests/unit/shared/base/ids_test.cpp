#include "shared/base/ids.h"

#include <catch2/catch.hpp>

using namespace lalanh;

TEST_CASE("bytes are written in lower-case hexadecimal and read in either case") {
  Bytes out;
  CHECK(to_hex(Bytes{0x00, 0xAB, 0xff}) == "00abff");
  CHECK(from_hex("00aBFf", out));
  CHECK(out == Bytes{0x00, 0xab, 0xff});
  CHECK(from_hex("", out));
  CHECK(out.empty());
  CHECK_FALSE(from_hex("abc", out));
  CHECK_FALSE(from_hex("0g", out));
  CHECK_FALSE(from_hex(" 0", out));
}

TEST_CASE("a dot is read back from its text, and nothing else is a dot") {
  Dot dot;
  for (std::size_t i = 0; i < 12; ++i) dot.writer.bytes[i] = static_cast<std::uint8_t>(i * 20);
  dot.counter = 4'194'303;
  const std::string text = to_text(dot);
  CHECK(text == "0014283c5064788ca0b4c8dc.4194303");
  Dot back;
  REQUIRE(dot_from_text(text, back));
  CHECK(back == dot);
  for (const char* bad :
       {"", "0014283c5064788ca0b4c8dc", "0014283c5064788ca0b4c8dc.", "0014283c5064788ca0b4c8dc.0",
        "0014283c5064788ca0b4c8dc.01", "0014283c5064788ca0b4c8dc.-1", "0014283c5064788ca0b4c8dc.1x",
        "0014283c5064788ca0b4c8dc.4294967296", "0014283c5064788ca0b4c8dg.1",
        "0014283c5064788ca0b4c8.1", "0014283c5064788ca0b4c8dc 1"}) {
    INFO(bad);
    CHECK_FALSE(dot_from_text(bad, back));
  }
}

TEST_CASE("a scope is its unit's number, with an r for the reference channel") {
  Scope scope;
  CHECK(to_text(Scope{UnitNo(3'700'012), Channel::kRecords}) == "3700012");
  CHECK(to_text(Scope{UnitNo(3'700'012), Channel::kReference}) == "3700012r");
  REQUIRE(scope_from_text("3700012r", scope));
  CHECK(scope == Scope{UnitNo(3'700'012), Channel::kReference});
  REQUIRE(scope_from_text("4294967295", scope));
  CHECK(scope == Scope{UnitNo(4'294'967'295U), Channel::kRecords});
  for (const char* bad : {"", "r", "37x", "3700012rr", "4294967296", "-1", " 1", "1 "}) {
    INFO(bad);
    CHECK_FALSE(scope_from_text(bad, scope));
  }
}

TEST_CASE("dots order by writer and then counter, scopes by unit and then channel") {
  WriterId low;
  WriterId high;
  high.bytes[11] = 1;
  CHECK(Dot{low, 9} < Dot{high, 1});
  CHECK(Dot{low, 1} < Dot{low, 2});
  high.bytes[11] = 0;
  high.bytes[0] = 0x80;  // compared as bytes without a sign
  CHECK(low < high);
  CHECK(Scope{UnitNo(1), Channel::kReference} < Scope{UnitNo(2), Channel::kRecords});
  CHECK(Scope{UnitNo(1), Channel::kRecords} < Scope{UnitNo(1), Channel::kReference});
}
