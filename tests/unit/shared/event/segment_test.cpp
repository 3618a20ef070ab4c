#include "shared/event/segment.h"

#include <catch2/catch.hpp>

#include "shared/event/compression.h"
#include "tests/unit/shared/event/random_events.h"

using namespace lalanh;
using lalanh::test::EventMaker;
using lalanh::test::Rng;

namespace {

std::vector<Event> read_back(const Bytes& bytes, const StreamNames& names) {
  auto decoded = read_segment(bytes, names);
  if (!decoded) FAIL(decoded.error().message(Language::kEnglish));
  REQUIRE_FALSE(decoded->unresolved);
  return std::move(decoded->segment.events);
}

}  // namespace

TEST_CASE("a segment of random events of every op comes back the same, and the same bytes again") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    EventMaker maker(seed);
    const std::vector<Event> events = maker.make(1 + maker.rng().below(seed % 20 == 0 ? 600 : 40));
    INFO("seed " << seed << ", " << events.size() << " events");
    for (const Event& event : events) REQUIRE(check_event(event).ok());
    const Bytes bytes = write_segment(maker.header, events, maker.names);
    const std::vector<Event> found = read_back(bytes, maker.names);
    REQUIRE(found == events);
    for (std::size_t i = 0; i < events.size(); ++i) {
      Bytes a;
      Bytes b;
      write_canonical(events[i], a);
      write_canonical(found[i], b);
      REQUIRE(a == b);
    }
    const auto header = read_segment_header(bytes);
    REQUIRE(header.ok());
    CHECK(header->writer == maker.header.writer);
    CHECK(header->first == maker.header.first);
    CHECK(header->count == events.size());
    CHECK(header->signature == maker.header.signature);
    CHECK(header->scope == maker.header.scope);
    REQUIRE(write_segment(*header, found, maker.names) == bytes);
  }
}

TEST_CASE("a segment cut at any byte is refused, and none is taken for a shorter one") {
  EventMaker maker(7);
  const std::vector<Event> events = maker.make(30);
  const Bytes whole = write_segment(maker.header, events, maker.names);
  REQUIRE(read_segment(whole, maker.names).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO("cut at " << size);
    const auto cut = read_segment(ByteView(whole).first(size), maker.names);
    REQUIRE_FALSE((cut.ok() && !cut->unresolved));
  }
}
