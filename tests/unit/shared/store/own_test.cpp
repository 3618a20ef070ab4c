#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

std::size_t streams_in(Store& store) {
  ScopeStreams* streams = must_have(store.core().known(kVillageScope));
  return streams == nullptr ? 0 : streams->rows().size();
}

/// Each stream but the first follows the one before it: one line.
bool one_line(Store& store) {
  const auto& rows = must_have(store.core().known(kVillageScope))->rows();
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i]->predecessor.stream() != rows[i - 1]->no) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a program that ends without sealing is sealed by the next, in one line") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  const Dot dot = new_household(*laptop.store, "A");
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("B")));
  CHECK(must_have(laptop.store->has_open_tail()));
  tree.reopen(laptop);
  CHECK_FALSE(must_have(laptop.store->has_open_tail()));
  new_household(*laptop.store, "C");
  tree.reopen(laptop);
  new_household(*laptop.store, "D");
  CHECK(streams_in(*laptop.store) == 3);
  CHECK(one_line(*laptop.store));
  check_clean(*laptop.store);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  for (const Taken& taken : carry(*laptop.store, *hall.store, kVillageScope)) {
    CHECK(taken.verdict == TakeVerdict::kTaken);
  }
  CHECK(seen(*hall.store) == seen(*laptop.store));
  CHECK(must_have(hall.store->tips(kVillageScope)).size() == 1);
}

TEST_CASE("a day that passes in the middle of a tail begins a stream that follows the tail") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  const Dot dot = new_household(*laptop.store, "A");
  tree.clock.advance(25 * 3'600'000);
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("B")));
  CHECK(streams_in(*laptop.store) == 2);
  CHECK(one_line(*laptop.store));
  check_clean(*laptop.store);
  SECTION("also when the program ends with both unsealed") { tree.reopen(laptop); }
  SECTION("also when the database is copied with both unsealed") {
    SmallTree::Device copy = tree.clone(laptop);
    // The copy seals both; the first hears of it while its own are open.
    carry(*copy.store, *laptop.store, kVillageScope);
    CHECK(must_have(copy.store->heads_digest(kVillageScope)) ==
          must_have(laptop.store->heads_digest(kVillageScope)));
  }
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  carry(*laptop.store, *hall.store, kVillageScope);
  CHECK(seen(*hall.store) == seen(*laptop.store));
  check_clean(*hall.store);
  check_clean(*laptop.store);
}

TEST_CASE(
    "a clock that jumps, and a machine that slept, draw a new epoch, clocks change no state") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  new_household(*laptop.store, "A");
  tree.clock.wall_ms += 3'600'000;  // set by hand: the steady clock did not move
  new_household(*laptop.store, "B");
  CHECK(streams_in(*laptop.store) == 2);
  tree.clock.wall_ms = 0;  // 1970
  new_household(*laptop.store, "C");
  CHECK(streams_in(*laptop.store) == 3);
  CHECK(one_line(*laptop.store));
  check_clean(*laptop.store);
  const std::vector<LoggedEvent> log = must_have(laptop.store->history(kVillageScope, {}, 0));
  CHECK(log.back().event.grade == ClockGrade::kBad);
}

TEST_CASE("a stream that is full ends, and the next follows it") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  laptop.store.reset();
  laptop.store = must_have(
      open_with(tree, laptop, [](StoreOptions& options) { options.stream_events_max = 3; }));
  for (int i = 0; i < 8; ++i) new_household(*laptop.store, "A");
  CHECK(streams_in(*laptop.store) == 3);
  CHECK(one_line(*laptop.store));
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  carry(*laptop.store, *hall.store, kVillageScope);
  CHECK(seen(*hall.store) == seen(*laptop.store));
  check_clean(*hall.store);
  tree.reopen(laptop);
  check_clean(*laptop.store);
}

TEST_CASE("a batch that is dropped leaves nothing, in the file or in memory") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  const Dot kept = new_household(*laptop.store, "A");
  const std::map<std::string, std::string> before = seen(*laptop.store);
  {
    WriteBatch batch = must_have(laptop.store->begin_write());
    must_have(
        batch.add(kVillageScope, create_event("new_type", {}, {{"new_field", Value::null()}})));
    must_have(batch.add(SmallTree::records(SmallTree::kNeighbour), create_event("x", {}, {})));
  }
  CHECK(seen(*laptop.store) == before);
  CHECK(must_have(laptop.store->core().all_scopes()).size() == 1);
  {
    // Without an event: a scope and a word that were made on the way are gone as well.
    WriteBatch batch = must_have(laptop.store->begin_write());
    must_have(batch.streams(SmallTree::records(SmallTree::kNeighbour)));
    laptop.store->core().words.word("another_field");
  }
  new_household(*laptop.store, "B", SmallTree::records(SmallTree::kNeighbour));
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, kept, "another_field", Value::text("C")));
  check_clean(*laptop.store);
  tree.reopen(laptop);
  check_clean(*laptop.store);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  carry(*laptop.store, *hall.store, kVillageScope);
  CHECK(seen(*hall.store) == seen(*laptop.store));
}

TEST_CASE("a copy that cut its tail elsewhere: overlapping segments are taken") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  const Dot dot = new_household(*laptop.store, "A");
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("B")));
  SmallTree::Device copy = tree.clone(laptop);  // seals 1..2
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("C")));
  must_do(laptop.store->seal());  // seals 1..3
  const std::vector<Bytes> longer = segments_of(*laptop.store);
  const std::vector<Bytes> shorter = segments_of(*copy.store);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  SECTION("the shorter first") {
    CHECK(take_one(*hall.store, shorter[0]).new_events == 2);
    const Taken taken = take_one(*hall.store, longer[0]);
    CHECK(taken.verdict == TakeVerdict::kTaken);
    CHECK(taken.new_events == 1);
  }
  SECTION("the longer first") {
    CHECK(take_one(*hall.store, longer[0]).new_events == 3);
    CHECK(take_one(*hall.store, shorter[0]).verdict == TakeVerdict::kKnown);
  }
  SECTION("both at once") {
    const std::vector<Taken> taken =
        must_have(hall.store->take_in(std::vector{shorter[0], longer[0]}));
    CHECK(taken[1].new_events == 1);
  }
  CHECK(seen(*hall.store) == seen(*laptop.store));
  check_clean(*hall.store);
  // What was kept overlaps; a third node gets all of it, and the log has each event once.
  SmallTree::Device province = tree.device(SmallTree::kProvince, 1);
  carry(*hall.store, *province.store, kVillageScope);
  CHECK(seen(*province.store) == seen(*laptop.store));
  CHECK(must_have(hall.store->history(kVillageScope, {}, 0)).size() == 3);
  CHECK(must_have(hall.store->history(kVillageScope, dot, 2)).size() == 2);
}

TEST_CASE("a database put back to an old copy branches off, and gets its lost events back") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  const Dot dot = new_household(*laptop.store, "A");
  must_do(laptop.store->seal());
  SmallTree::Device old = tree.clone(laptop);
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("lost")));
  carry(*laptop.store, *hall.store, kVillageScope);
  laptop.store.reset();
  write_one(*old.store, kVillageScope,
            set_event(*old.store, kVillageScope, dot, "head", Value::text("anew")));
  carry(*hall.store, *old.store, kVillageScope);
  carry(*old.store, *hall.store, kVillageScope);
  CHECK(must_have(hall.store->tips(kVillageScope)).size() == 2);
  CHECK(seen(*hall.store) == seen(*old.store));
  CHECK(seen(*hall.store).begin()->second.find("(conflict)") != std::string::npos);
  tree.reopen(old);
  new_household(*old.store, "B");
  carry(*old.store, *hall.store, kVillageScope);
  CHECK(must_have(hall.store->tips(kVillageScope)).size() == 2);
  check_clean(*old.store);
  check_clean(*hall.store);
}
