#include <limits>

#include <catch2/catch.hpp>

#include "shared/event/compression.h"
#include "shared/event/number_column.h"
#include "tests/unit/shared/event/random_events.h"

using namespace lalanh;
using namespace lalanh::segment_parts;
using lalanh::test::Rng;

namespace {

struct Written {
  Bytes columns;
  BitWriter bits;
  std::size_t size() const { return columns.size() + bits.bytes().size(); }
};

Written written(const std::vector<std::int64_t>& values) {
  Written out;
  put_numbers(values, out.columns, out.bits);
  return out;
}

void comes_back(const std::vector<std::int64_t>& values) {
  const Written w = written(values);
  ByteReader columns(w.columns);
  BitReader bits(w.bits.bytes());
  std::vector<std::int64_t> found;
  REQUIRE(read_numbers(columns, bits, values.size(), found));
  REQUIRE(found == values);
  REQUIRE(columns.at_end());
  REQUIRE(bits.at_end());
}

std::string text_of(const Bytes& coded, const WordList& list) {
  ByteReader in(coded);
  std::string out;
  list.read(in, 8'192, out);
  REQUIRE(in.ok());
  REQUIRE(in.at_end());
  return out;
}

}  // namespace

TEST_CASE("columns of numbers of every kind come back the same") {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  comes_back({});
  comes_back({0});
  comes_back({kMin});
  comes_back({kMax, kMin, 0, -1, 1, kMax, kMax});
  comes_back(std::vector<std::int64_t>(1'000, 5));
  comes_back({1'000'000'000'000'000'000, -1'000'000'000'000'000'000});
  Rng rng(3);
  for (int round = 0; round < 400; ++round) {
    std::vector<std::int64_t> values;
    const unsigned width = 1 + static_cast<unsigned>(rng.below(63));
    const std::size_t kind = rng.below(4);
    std::int64_t before = 0;
    for (std::size_t i = rng.below(200); i > 0; --i) {
      const auto noise = static_cast<std::int64_t>(rng.next() >> (64U - width));
      if (kind == 0) values.push_back(noise);
      if (kind == 1) values.push_back(before = wrapping_sum(before, noise));
      if (kind == 2) values.push_back(noise % 1'000 * 10'000);
      if (kind == 3) values.push_back(rng.chance(90) ? before++ : before = noise);
    }
    comes_back(values);
  }
}

TEST_CASE("numbers take about as many bits as their noise") {
  Rng rng(4);
  std::vector<std::int64_t> income;
  std::vector<std::int64_t> times;
  std::vector<std::int64_t> rising;
  for (int i = 0; i < 1'000; ++i) {
    income.push_back(static_cast<std::int64_t>(51 + rng.below(299)) * 10'000);
    times.push_back((times.empty() ? 0 : times.back()) +
                    static_cast<std::int64_t>(rng.below(120'000)));
    rising.push_back(i + 77);
  }
  CHECK(written(income).size() < 1'050);
  CHECK(written(times).size() < 2'150);
  CHECK(written(rising).size() < 8);
}

TEST_CASE("columns of numbers that lie are refused") {
  const Written w = written({5, 800, 3, 70'000, 12});
  std::vector<std::int64_t> found;
  for (std::size_t size = 0; size < w.columns.size(); ++size) {
    ByteReader columns(ByteView(w.columns).first(size));
    BitReader bits(w.bits.bytes());
    CHECK_FALSE(read_numbers(columns, bits, 5, found));
  }
  ByteReader columns(w.columns);
  BitReader short_bits(ByteView(w.bits.bytes()).first(w.bits.bytes().size() - 2));
  CHECK_FALSE(read_numbers(columns, short_bits, 5, found));
  // Scale 19; mode 4; a span beyond 2^48; scaled beyond 64 bits.
  for (const Bytes& bad :
       {Bytes{19, 2}, Bytes{4 * 32, 2},
        Bytes{32, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, Bytes{18, 0x80, 1}}) {
    ByteReader in(bad);
    BitReader bits(ByteView{});
    CHECK_FALSE(read_numbers(in, bits, bad.size() > 3 ? 2 : 1, found));
  }
}

TEST_CASE("a number below a bound takes the floor or the ceiling of its bits") {
  for (const std::uint64_t span : {0U, 1U, 2U, 5U, 6U, 7U, 8U, 299U, 65'535U}) {
    BitWriter out;
    for (std::uint64_t x = 0; x <= span; ++x) put_below(out, x, span);
    BitReader in(out.bytes());
    for (std::uint64_t x = 0; x <= span; ++x) REQUIRE(get_below(in, span) == x);
    CHECK(in.ok());
    CHECK(in.at_end());
  }
}

TEST_CASE("texts are written in pieces of the list, and any text comes back") {
  const WordList list("Nguyễn·\nthôn·\nth\nvốn\n");
  Bytes coded;
  list.put("Nguyễn thôn thuê vốn x", coded);
  CHECK(coded == Bytes{0x80, 0x81, 0x82, 'u', 0xc3, 0xaa, ' ', 0x83, ' ', 'x', 0});
  CHECK(text_of(coded, list) == "Nguyễn thôn thuê vốn x");
  const WordList& newest = word_list(newest_dictionary());
  for (const std::string text :
       {"", "Trần Thị Bình, Trưởng thôn", "Số 163, Thôn Đông 1", "  hai  dấu cách ", "𝄞 not ours ☃",
        "\x01\x1f~\x7f", "health_insurance", "Phường Nguyễn Huệ · chấm giữa"}) {
    INFO(text);
    coded.clear();
    newest.put(text, coded);
    CHECK(text_of(coded, newest) == text);
  }
}

TEST_CASE("coded texts that lie are refused") {
  const WordList list("Nguyễn·\n");
  // No end; a piece that is not there; half a character; a surrogate; an end within a character.
  for (const Bytes& bad :
       {Bytes{'a'}, Bytes{0x81, 0}, Bytes{0xc1, 0}, Bytes{0xf5, 0, 0}, Bytes{0xf5}, Bytes{0xc3, 0},
        Bytes{0xed, 0xa0, 0x80, 0}, Bytes{0xe1, 0xbb, 0, 0}, Bytes{0xf4, 0x90, 0x80, 0x80, 0},
        Bytes{0xc3, 0x28, 0}}) {
    ByteReader in(bad);
    std::string out;
    list.read(in, 100, out);
    INFO(to_hex(bad));
    CHECK_FALSE((in.ok() && in.at_end()));
  }
  // A text beyond its limit, though the pieces are few bytes.
  Bytes many(20, 0x80);
  many.push_back(0);
  ByteReader in(many);
  std::string out;
  list.read(in, 100, out);
  CHECK_FALSE(in.ok());
  CHECK(out.size() < 120);
}

TEST_CASE("the newest dictionary has a word list that is full of pieces that can be used") {
  REQUIRE(newest_dictionary() >= 1);
  CHECK(word_list(0).size() == 0);
  CHECK(word_list(newest_dictionary()).size() > 1'000);
  CHECK(word_list(newest_dictionary()).size() <= WordList::kMax);
}
