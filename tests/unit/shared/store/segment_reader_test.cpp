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

TEST_CASE("what a create makes ahead is what its ops make in their turn") {
  SmallTree tree;
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 12);
  StoredWords& words = hall.store->core().words;
  const Word type = words.word("household");
  const Word head = words.word("head");
  const Word list = words.word("list");
  MergeEvent event;
  event.ref = event.entity = Ref(3, 7);
  event.order = 9;
  event.ops.push_back({OpKind::kCreate, type, {}, {Ref(3, 2)}, {}});
  event.ops.push_back({OpKind::kAdd, list, Value::text("b"), {}, {}});
  event.ops.push_back(
      {OpKind::kSet, head, Value::text("An, a name of more than one word"), {}, {}});
  event.ops.push_back({OpKind::kAdd, list, Value::text("a"), {}, {}});
  const ScopeStreams lines(1, kVillageScope);
  const auto row_of = [&](MergeEvent one) {
    EntityState state;
    std::vector<AppendedItem> items;
    Bytes row;
    if (one.created) {
      write_state(one.ref, one.order, one.created->row, row);
      apply(one, lines, state, items);
      Bytes again;
      write_state(state, again);
      CHECK(row == again);
    } else {
      apply(one, lines, state, items);
      write_state(state, row);
    }
    CHECK(state.create == one.ref);
    CHECK(state.type == type);
    CHECK(state.parent == Ref(3, 2));
    return row;
  };
  const Bytes in_turn = row_of(event);
  MergeEvent ahead = event;
  ahead.ref = ahead.entity = Ref(0, 7);  // before the stream's number is known
  ahead.order = 1;                       // and what its order counts as
  REQUIRE(create_ahead(ahead));
  write_created(ahead.created->state, ahead.created->row);
  CHECK(ahead.ops.size() == 1);
  ahead.ref = ahead.entity = event.ref;
  ahead.order = event.order;
  CHECK(row_of(ahead) == in_turn);

  MergeEvent more = event;
  more.ops.push_back({OpKind::kAppend, list, Value::text("c"), {}, {}});
  CHECK_FALSE(create_ahead(more));
  CHECK(more.ops.size() == 5);
}

TEST_CASE("names that the database does not know yet, or knows otherwise now, are read in turn") {
  Road road;
  SegmentReader& reader = road.hall.store->core().reader;
  road.hall.store->prepare(road.segments[0]);  // its words are not there
  CHECK(take_one(*road.hall.store, road.segments[0]).verdict == TakeVerdict::kTaken);
  road.hall.store->prepare(road.segments[1]);
  std::optional<SegmentReader::Prepared> prepared = reader.claim(road.segments[1]);
  REQUIRE(prepared);
  REQUIRE(prepared->numbered);
  CHECK(same_words(*prepared->numbered, road.hall.store->core().words));
  prepared->numbered->words.front().second += 1;
  CHECK_FALSE(same_words(*prepared->numbered, road.hall.store->core().words));
}

TEST_CASE("rows that are gathered are all written, however many, and dropped with a rollback") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  Database& db = *laptop.store->core().db;
  must_do(db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB NOT NULL, c TEXT) STRICT"));
  RowInsert rows = must_have(RowInsert::open(db, "INSERT OR FAIL INTO t (a, b, c) VALUES", 3));
  const auto add = [&](std::int64_t a) {
    const std::string text = "row " + std::to_string(a);
    rows.add(a).add(as_bytes(text));
    return (a % 2 == 0 ? rows.add_text(text) : rows.add_null()).end_row();
  };
  for (std::int64_t a = 1; a <= 70; ++a) must_do(add(a));
  must_do(rows.flush());
  must_do(rows.flush());
  CHECK(must_have(db.integer("SELECT count(*) FROM t WHERE CAST(b AS TEXT) = 'row ' || a")) == 70);
  CHECK(must_have(db.integer("SELECT count(*) FROM t WHERE c = 'row ' || a")) == 35);
  CHECK(must_have(db.integer("SELECT count(*) FROM t WHERE c IS NULL")) == 35);
  must_do(add(71));
  rows.clear();
  must_do(rows.flush());
  must_do(add(70));  // is there
  CHECK_FALSE(rows.flush().ok());
  must_do(rows.flush());
  CHECK(must_have(db.integer("SELECT count(*) FROM t")) == 70);
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
