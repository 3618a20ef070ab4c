#include "shared/base/cbor.h"

#include <catch2/catch.hpp>

using namespace lalanh;
using cbor::Reader;
using cbor::Writer;

namespace {

Bytes hex(const char* text) {
  Bytes out;
  REQUIRE(from_hex(text, out));
  return out;
}

std::string unsigned_hex(std::uint64_t v) {
  Bytes out;
  Writer(out).unsigned_integer(v);
  return to_hex(out);
}

std::string integer_hex(std::int64_t v) {
  Bytes out;
  Writer(out).integer(v);
  return to_hex(out);
}

bool reads_whole(const char* text) {
  const Bytes bytes = hex(text);
  Reader in(bytes);
  in.raw(16);
  return in.ok() && in.at_end();
}

}  // namespace

TEST_CASE("integers have the bytes of RFC 8949 Appendix A") {
  CHECK(unsigned_hex(0) == "00");
  CHECK(unsigned_hex(23) == "17");
  CHECK(unsigned_hex(24) == "1818");
  CHECK(unsigned_hex(100) == "1864");
  CHECK(unsigned_hex(1'000) == "1903e8");
  CHECK(unsigned_hex(1'000'000) == "1a000f4240");
  CHECK(unsigned_hex(1'000'000'000'000) == "1b000000e8d4a51000");
  CHECK(unsigned_hex(~std::uint64_t{0}) == "1bffffffffffffffff");
  CHECK(integer_hex(-1) == "20");
  CHECK(integer_hex(-100) == "3863");
  CHECK(integer_hex(-1'000) == "3903e7");
  CHECK(integer_hex(INT64_MIN) == "3b7fffffffffffffff");
}

TEST_CASE("what is written is read back the same") {
  Bytes out;
  Writer w(out);
  w.array(7);
  w.integer(INT64_MIN);
  w.integer(INT64_MAX);
  w.text("Lá Lành");
  w.bytes(hex("0001ff"));
  w.boolean(true);
  w.null();
  w.tag(6);
  w.map(0);
  Reader in(out);
  CHECK(in.array(7) == 7);
  CHECK(in.integer() == INT64_MIN);
  CHECK(in.integer() == INT64_MAX);
  CHECK(in.text(64) == "Lá Lành");
  CHECK(to_hex(in.bytes(3)) == "0001ff");
  CHECK(in.boolean());
  CHECK(in.peek_null());
  in.null();
  CHECK(in.tag() == 6);
  CHECK(in.map(8) == 0);
  CHECK((in.ok() && in.at_end()));
}

TEST_CASE("a length or number that is not in its shortest form is refused") {
  for (const char* bad : {"1800", "1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff",
                          "3817", "580101", "78016f", "9800", "b800", "d806f6", "f818"}) {
    INFO(bad);
    CHECK_FALSE(reads_whole(bad));
  }
}

TEST_CASE("indefinite lengths, floats, undefined and reserved heads are refused") {
  for (const char* bad :
       {"5f4101ff", "7f6161ff", "9fff", "bfff", "ff", "f93c00", "fa3f800000", "fb3ff0000000000000",
        "f7", "e0", "f0", "f8ff", "1c", "1d", "1e", "1f", "fc"}) {
    INFO(bad);
    CHECK_FALSE(reads_whole(bad));
  }
}

TEST_CASE("what is cut short is refused as truncated") {
  for (const char* bad : {"18", "19ff", "1bffffffffffffff", "42", "4201", "62c3", "820118"}) {
    const Bytes bytes = hex(bad);
    Reader in(bytes);
    INFO(bad);
    in.raw(4);
    CHECK_FALSE(in.ok());
    CHECK(in.error("x").code == ErrorCode::format_truncated);
  }
}

TEST_CASE("a count beyond the bytes that are left is a lie") {
  const Bytes array = hex("9a00ffffff00");
  Reader in(array);
  CHECK(in.array(~std::size_t{0}) == 0);
  CHECK_FALSE(in.ok());
  const Bytes map = hex("bbffffffffffffffff");
  Reader in_map(map);
  CHECK(in_map.map(~std::size_t{0}) == 0);
  CHECK_FALSE(in_map.ok());
  const Bytes text = hex("7bffffffffffffffff61");
  Reader in_text(text);
  CHECK(in_text.text(~std::size_t{0}).empty());
  CHECK_FALSE(in_text.ok());
}

TEST_CASE("nesting beyond the depth is refused, one level less is not") {
  const auto nested = [](std::size_t depth) {
    Bytes out(depth - 1, 0x81);
    out.push_back(0x00);
    return out;
  };
  const Bytes deep = nested(17);
  const Bytes enough = nested(16);
  Reader in(deep);
  in.raw(16);
  CHECK_FALSE(in.ok());
  Reader other(enough);
  other.raw(16);
  CHECK(other.ok());
  // A thousand tags or maps are no way around it, nor a way to the end of the stack.
  for (const std::uint8_t byte : Bytes{0xc6, 0xa1, 0x81}) {
    const Bytes long_one(100'000, byte);
    Reader reader(long_one);
    reader.raw(16);
    CHECK_FALSE(reader.ok());
  }
}

TEST_CASE("the first fault sticks, and later reads give nothing") {
  const Bytes bytes =
      hex("6161"
          "01");
  Reader in(bytes);
  CHECK(in.integer() == 0);
  CHECK_FALSE(in.ok());
  CHECK(in.text(10).empty());
  CHECK(in.unsigned_integer() == 0);
  CHECK(in.array(5) == 0);
  CHECK(in.raw(5).empty());
  CHECK(in.error("head").value("where") == "head, byte 0");
  CHECK(in.error("head").code == ErrorCode::format_malformed);
}

TEST_CASE("numbers beyond what is asked for are refused") {
  Bytes bytes = hex("1903e8");
  Reader in(bytes);
  CHECK(in.unsigned_integer(999) == 0);
  CHECK_FALSE(in.ok());
  bytes = hex("1b8000000000000000");
  Reader big(bytes);
  big.integer();
  CHECK_FALSE(big.ok());
  bytes = hex("3b8000000000000000");
  Reader low(bytes);
  low.integer();
  CHECK_FALSE(low.ok());
}

TEST_CASE("text is UTF-8 without NUL, surrogates, overlong forms or beyond Unicode") {
  for (const char* good :
       {"", "61", "c3a9", "e1bb85", "f09d849e", "f48fbfbf", "ed9fbf", "ee8080", "efbfbf"}) {
    INFO(good);
    CHECK(cbor::valid_utf8(as_text(hex(good))));
  }
  for (const char* bad :
       {"00",       "6100",   "80",     "c3",     "c328",     "c080",     "c1bf",
        "e08080",   "e09fbf", "eda080", "edbfbf", "f0808080", "f08fbfbf", "f4908080",
        "f5808080", "fe",     "ff",     "e1bb",   "f09d84",   "e128a1",   "f09d28a1"}) {
    INFO(bad);
    CHECK_FALSE(cbor::valid_utf8(as_text(hex(bad))));
  }
}
