#include "tools/gen/rng.h"

#include <array>

#include <catch2/catch.hpp>

using lalanh::gen::Rng;

TEST_CASE("a stream gives the same numbers on every machine") {
  Rng rng(1, "test", {2, 3});
  REQUIRE(rng.next() == 0x6DF5DE219CD969E0ULL);
  REQUIRE(rng.next() == 0x0E05050134C99B0EULL);
}

TEST_CASE("streams of two purposes or two things differ") {
  REQUIRE(Rng(1, "a", {1}).next() != Rng(1, "b", {1}).next());
  REQUIRE(Rng(1, "a", {1}).next() != Rng(1, "a", {2}).next());
  REQUIRE(Rng(1, "a", {1}).next() != Rng(2, "a", {1}).next());
}

TEST_CASE("choices stay within their bounds and reach both ends") {
  Rng rng(1, "bounds", {});
  bool low = false;
  bool high = false;
  for (int i = 0; i < 1000; ++i) {
    const int value = rng.between(-2, 3);
    REQUIRE(value >= -2);
    REQUIRE(value <= 3);
    low = low || value == -2;
    high = high || value == 3;
  }
  REQUIRE(low);
  REQUIRE(high);
}

TEST_CASE("a weight of nothing is never picked") {
  Rng rng(1, "weights", {});
  constexpr std::array<int, 4> kWeights = {0, 3, 0, 1};
  std::array<int, 4> picked{};
  for (int i = 0; i < 4000; ++i) ++picked[rng.pick(kWeights)];
  REQUIRE(picked[0] == 0);
  REQUIRE(picked[2] == 0);
  REQUIRE(picked[1] > 2 * picked[3]);
  REQUIRE(picked[3] > 0);
}
