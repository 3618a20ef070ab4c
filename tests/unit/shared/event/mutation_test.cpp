// The fuzz targets over mutated valid inputs, a bounded number of them, in every build.
#include <cstdlib>
#include <fstream>

#include <catch2/catch.hpp>

#include "tests/fuzz/shared/event/targets.h"

using namespace lalanh;
using lalanh::test::EventMaker;
using lalanh::test::Rng;

namespace {

Bytes valid_event(std::uint64_t seed) {
  EventMaker maker(seed);
  Bytes out;
  write_canonical(maker.event(), out);
  return out;
}

/// In the readers' scope, so that names are filled in.
Bytes valid_segment(std::uint64_t seed) {
  EventMaker maker(1);
  for (std::uint64_t i = 0; i < seed % 50; ++i) maker.rng().next();
  const std::vector<Event> events = maker.make(1 + seed % 12);
  return write_segment(maker.header, events, maker.names);
}

Bytes valid_columns(std::uint64_t seed) {
  EventMaker maker(1);
  for (std::uint64_t i = 0; i < seed % 50; ++i) maker.rng().next();
  const std::vector<Event> events = maker.make(1 + seed % 12);
  maker.header.first = static_cast<std::uint32_t>(events.size());
  maker.header.start.reset();
  const auto columns = segment_parts::write_columns(maker.header, events, maker.names,
                                                    word_list(newest_dictionary()));
  const std::size_t bits = columns.bits.bytes().size();
  Bytes out = {static_cast<std::uint8_t>(events.size() - 1), 0, static_cast<std::uint8_t>(bits),
               static_cast<std::uint8_t>(bits >> 8U)};
  append(out, columns.bits.bytes());
  append(out, columns.bytes);
  return out;
}

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
  over(valid_event, fuzz::any_event, 2'000);
}

TEST_CASE("no mutated segment breaks the reader") { over(valid_segment, fuzz::any_segment, 500); }

TEST_CASE("no mutated columns break the reader or come back as other events") {
  over(valid_columns, fuzz::any_columns, 1'000);
}

TEST_CASE("no mutated item of CBOR breaks its reader") { over(valid_event, fuzz::any_cbor, 1'000); }

// Not run by itself: LALANH_SEEDS=<folder> test_shared_event "[seeds]" writes inputs to start from.
TEST_CASE("seeds for the fuzzers of events", "[.][seeds]") {
  const char* folder = std::getenv("LALANH_SEEDS");
  REQUIRE(folder != nullptr);
  const auto keep = [&](const std::string& name, const Bytes& bytes) {
    std::ofstream out(std::string(folder) + "/" + name, std::ios::binary);
    out << as_text(bytes);
  };
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    keep("event-" + std::to_string(seed), valid_event(seed));
    keep("segment-" + std::to_string(seed), valid_segment(seed));
    keep("columns-" + std::to_string(seed), valid_columns(seed));
  }
}
