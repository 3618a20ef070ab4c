// Segments of a few hundred bytes that unfold to as much as one may: what many of them take.

#include <algorithm>

#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// A create with as many ops as an event may have, all alike.
Event fat_event() {
  Event event = create_event("household", {}, {});
  Op op;
  op.kind = OpKind::kAdd;
  op.name = "list";
  event.ops.resize(limits::kOpsMax, op);
  event.ops.front() = create_event("household", {}, {}).ops.front();
  return event;
}

/// A laptop that signed so many of them, one after another, and the hall.
struct Fat {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  std::vector<Bytes> segments;

  explicit Fat(int count) {
    new_household(*laptop.store, "A");
    segments = segments_of(*laptop.store);
    const ScopeStreams& scope = *must_have(laptop.store->core().known(kVillageScope));
    const StreamRow& row = *scope.rows().back();
    std::vector<Event> events(limits::kSegmentOpsMax / limits::kOpsMax, fat_event());
    SegmentHeader header;
    header.scope = kVillageScope;
    header.writer = row.writer;
    header.first = 2;
    Hash hash = row.head;
    for (int i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < events.size(); ++k) events[k].order = header.first + k;
      segments.push_back(signed_segment(laptop, header, events, hash, scope));
      hash = chain_of(hash, events)->back();
      header.first += static_cast<std::uint32_t>(events.size());
      REQUIRE(segments.back().size() < 2'000);
    }
  }
};

}  // namespace

TEST_CASE("what is read before its turn is bounded by the memory that it unfolds to") {
  Fat fat(1);
  SegmentReader& reader = fat.hall.store->core().reader;
  int prepared = 0;
  for (int i = 0; i < 20; ++i) {
    prepared += fat.hall.store->prepare(fat.segments[1]) ? 1 : 0;
    REQUIRE(reader.memory() <=
            limits::kPreparedMemoryMax + limits::kSegmentOpsMax * 2 * sizeof(Op));
  }
  CHECK(prepared >= 3);
  CHECK(prepared < 20);
  // What a request left that failed gives way.
  while (reader.claim(fat.segments[1])) continue;
  CHECK(reader.memory() == 0);
}

TEST_CASE("what was read before its turn and is known, lies aside or is refused is dropped") {
  Fat fat(1);
  SegmentReader& reader = fat.hall.store->core().reader;
  Store& store = *fat.hall.store;
  REQUIRE(store.prepare(fat.segments[1]));
  CHECK(reader.memory() > limits::kSegmentOpsMax * sizeof(Op));
  CHECK(take_one(store, fat.segments[1]).verdict == TakeVerdict::kAside);
  CHECK(reader.memory() == 0);
  must_do(store.core().db->execute("DELETE FROM aside"));
  Bytes forged = fat.segments[1];
  forged[25] = static_cast<std::uint8_t>(forged[25] ^ 1U);  // of the signature
  take_one(store, fat.segments[0]);
  REQUIRE(store.prepare(forged));
  CHECK(take_one(store, forged).verdict == TakeVerdict::kRefused);
  CHECK(reader.memory() == 0);
  take_one(store, fat.segments[1]);
  REQUIRE(store.prepare(fat.segments[1]));
  CHECK(take_one(store, fat.segments[1]).verdict == TakeVerdict::kKnown);
  CHECK(reader.memory() == 0);
}

TEST_CASE("a transaction ends when what it took in has unfolded to much, and another goes on") {
  Fat fat(4);
  Store& store = *fat.hall.store;
  SECTION("as they come") {
    const std::size_t some = must_have(store.take_some(fat.segments)).size();
    CHECK(some >= 2);
    CHECK(some <= 3);
    CHECK(must_have(store.take_in(fat.segments)).size() == fat.segments.size());
  }
  SECTION("as they were read before their turn") {
    for (const Bytes& segment : fat.segments) (void)store.prepare(segment);
    CHECK(must_have(store.take_some(fat.segments)).size() <= 3);
    must_have(store.take_in(fat.segments));
  }
  SECTION("out of what lies aside") {
    must_have(store.take_in(std::span<const Bytes>(fat.segments).subspan(1)));
    const auto aside = [&] {
      return must_have(store.core().db->integer("SELECT count(*) FROM aside"));
    };
    REQUIRE(aside() == 4);
    take_one(store, fat.segments[0]);
    CHECK(aside() >= 2);
    // Each transaction in the scope goes on.
    take_one(store, fat.segments[0]);
    must_have(store.take_in(fat.segments));
  }
  CHECK(must_have(store.events_in(kVillageScope)) ==
        1 + 4 * limits::kSegmentOpsMax / limits::kOpsMax);
  CHECK(must_have(store.waiting_events()) == 0);
  check_clean(store);
}

TEST_CASE("points in the middle of one segment unfold it once, in the middle of many so much") {
  Fat fat(8);
  Store& store = *fat.hall.store;
  must_have(store.take_in(fat.segments));
  const auto point = [&](std::uint32_t counter) {
    const ScopeStreams& scope = *must_have(store.core().known(kVillageScope));
    const StreamRow& row = *scope.rows().front();
    const Hash hash = must_have(store.core().log.hash_at(scope, row, counter));
    return Point{row.writer, counter, hash_front<8>(hash)};
  };
  const std::uint64_t before = store.log_read();
  const Point first = point(100);
  const std::uint64_t once = store.log_read() - before;
  CHECK(once > limits::kSegmentOpsMax * sizeof(Op));
  for (std::uint32_t i = 0; i < 50; ++i)
    CHECK(must_have(store.holds(kVillageScope, point(50 + i))));
  CHECK(must_have(store.holds(kVillageScope, first)));
  CHECK(store.log_read() - before == once);

  // One in each: the store looks at so many of them, and sends more than is lacking.
  std::vector<Point> points;
  for (std::uint32_t i = 0; i < 8; ++i) points.push_back(point(100 + 512 * i));
  store.core().log.forget();
  const std::uint64_t begin = store.log_read();
  CHECK_FALSE(must_have(store.missing(kVillageScope, points)).empty());
  CHECK(store.log_read() - begin <= limits::kPointsMemoryMax + once);
  CHECK(must_have(store.missing(kVillageScope, must_have(store.tips(kVillageScope)))).empty());
}
