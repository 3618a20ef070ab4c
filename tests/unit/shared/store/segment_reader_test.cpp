#include <thread>

#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// A laptop that has sealed three segments of one stream, and the hall that takes them in.
struct Road {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 12);
  std::vector<Bytes> segments;
  Road() {
    for (const char* name : {"An", "Bình", "Cúc"}) {
      new_household(*laptop.store, name);
      segments = segments_of(*laptop.store);
    }
    REQUIRE(segments.size() == 3);
  }
};

}  // namespace

TEST_CASE("what was read before its turn is taken in exactly as what was not") {
  Road ahead;
  SECTION("in order") {
    for (const Bytes& segment : ahead.segments) ahead.hall.store->prepare(segment);
  }
  SECTION("out of order, twice, and beside what is no segment") {
    ahead.hall.store->prepare(Bytes{1, 2, 3});
    for (int i : {2, 0, 2, 1, 1}) {
      ahead.hall.store->prepare(ahead.segments[static_cast<std::size_t>(i)]);
    }
  }
  SECTION("on other threads, while the writer takes in") {
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        for (const Bytes& segment : ahead.segments) ahead.hall.store->prepare(segment);
      });
    }
    for (const Bytes& segment : ahead.segments) take_one(*ahead.hall.store, segment);
    for (std::thread& thread : threads) thread.join();
  }
  for (const Bytes& segment : ahead.segments) take_one(*ahead.hall.store, segment);
  CHECK(seen(*ahead.hall.store).size() == 3);
  const VerifyReport report = must_have(ahead.hall.store->verify());
  CHECK(report.differences.empty());
  CHECK(must_have(ahead.hall.store->state_digest(kVillageScope)) ==
        must_have(ahead.laptop.store->state_digest(kVillageScope)));
}

TEST_CASE("a changed byte is refused although the segment before and after it was prepared") {
  Road road;
  Bytes bad = road.segments[1];
  bad[bad.size() / 2] ^= 0x40U;
  for (const Bytes& segment : {road.segments[0], bad, road.segments[2]}) {
    road.hall.store->prepare(segment);
  }
  CHECK(take_one(*road.hall.store, road.segments[0]).verdict == TakeVerdict::kTaken);
  CHECK(take_one(*road.hall.store, bad).verdict != TakeVerdict::kTaken);
  CHECK(seen(*road.hall.store).size() == 1);
  CHECK(take_one(*road.hall.store, road.segments[1]).verdict == TakeVerdict::kTaken);
  CHECK(take_one(*road.hall.store, road.segments[2]).verdict == TakeVerdict::kTaken);
}

TEST_CASE("what was worked out from another beginning is worked out anew") {
  Road road;
  // The reader is told a head that the database does not have: the hint must not be believed.
  SegmentReader& reader = road.hall.store->core().reader;
  road.hall.store->prepare(road.segments[0]);
  take_one(*road.hall.store, road.segments[0]);
  const SegmentHeader header = must_have(read_segment_header(road.segments[1]));
  SegmentReader::Head wrong;
  wrong.held = header.first + 7;
  reader.learn(header.writer, wrong);
  for (const Bytes& segment : {road.segments[1], road.segments[2]}) {
    road.hall.store->prepare(segment);
    CHECK(take_one(*road.hall.store, segment).verdict == TakeVerdict::kTaken);
  }
  CHECK(must_have(road.hall.store->verify()).differences.empty());
}

TEST_CASE("a statement between its rows is seen, so that no commit leaves the WAL held open") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  new_household(*laptop.store, "An");
  Database& db = *laptop.store->core().db;
  CHECK_FALSE(db.reading());
  Statement select = must_have(db.prepare("SELECT id FROM entity"));
  CHECK(must_have(select.step()));
  CHECK(db.reading());
  select.reset();
  CHECK_FALSE(db.reading());
}
