// The fuzz targets over mutated valid inputs, a bounded number of them, in every build.
#include <catch2/catch.hpp>

#include "tests/fuzz/shared/event/samples.h"
#include "tests/fuzz/shared/event/targets.h"

using namespace lalanh;
using lalanh::test::Rng;

namespace {

Bytes mutated(Bytes bytes, Rng& rng) {
  for (std::size_t i = 1 + rng.below(3); i > 0 && !bytes.empty(); --i) {
    const std::size_t at = rng.below(bytes.size());
    switch (rng.below(5)) {
      case 0: bytes[at] = static_cast<std::uint8_t>(rng.next()); break;
      case 1: bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U << rng.below(8))); break;
      case 2: bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at)); break;
      case 3:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     bytes[rng.below(bytes.size())]);
        break;
      default: bytes.resize(at); break;
    }
  }
  return bytes;
}

template <class Make, class Use>
void over(Make make, Use use, int rounds) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Bytes valid = make(seed);
    use(valid);
    Rng rng(seed);
    for (int i = 0; i < rounds; ++i) use(mutated(valid, rng));
  }
}

}  // namespace

TEST_CASE("no mutated event breaks the reader or comes back as other bytes") {
  over(fuzz::valid_event, fuzz::any_event, 2'000);
}

TEST_CASE("no mutated segment breaks the reader") {
  over(fuzz::valid_segment, fuzz::any_segment, 500);
}

TEST_CASE("no mutated columns break the reader or come back as other events") {
  over(fuzz::valid_columns, fuzz::any_columns, 1'000);
}

TEST_CASE("no mutated item of CBOR breaks its reader") {
  over(fuzz::valid_event, fuzz::any_cbor, 1'000);
}
