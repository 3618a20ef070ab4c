#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// A village with three evenings of work, one stream each; the hall has nothing yet.
struct ThreeEvenings {
  SmallTree tree;
  SmallTree::Device laptop;
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  std::vector<Bytes> segments;
  /// `writer`: the unit of the device that writes into the village's scope.
  explicit ThreeEvenings(UnitNo writer = SmallTree::kVillage) : laptop(tree.device(writer, 11)) {
    Dot dot;
    for (const char* head : {"A", "B", "C"}) {
      if (dot.none()) {
        dot = new_household(*laptop.store, head);
      } else {
        write_one(*laptop.store, kVillageScope,
                  set_event(*laptop.store, kVillageScope, dot, "head", Value::text(head)));
      }
      tree.reopen(laptop);
    }
    segments = segments_of(*laptop.store);
    REQUIRE(segments.size() == 3);
  }
};

}  // namespace

TEST_CASE("segments that come in the wrong order lie aside until their beginning is here") {
  ThreeEvenings v;
  CHECK(take_one(*v.hall.store, v.segments[2]).verdict == TakeVerdict::kAside);
  CHECK(take_one(*v.hall.store, v.segments[1]).verdict == TakeVerdict::kAside);
  CHECK(must_have(v.hall.store->tips(kVillageScope)).empty());
  CHECK(must_have(v.hall.store->missing(kVillageScope, {})).empty());
  v.tree.reopen(v.hall);
  CHECK(take_one(*v.hall.store, v.segments[0]).verdict == TakeVerdict::kTaken);
  CHECK(seen(*v.hall.store) == seen(*v.laptop.store));
  CHECK(must_have(v.hall.store->heads_digest(kVillageScope)) ==
        must_have(v.laptop.store->heads_digest(kVillageScope)));
  CHECK(must_have(v.hall.store->core().db->integer("SELECT count(*) FROM aside")) == 0);
  check_clean(*v.hall.store);
}

TEST_CASE("what lies aside is bounded for each scope") {
  ThreeEvenings v;
  Bytes other = v.segments[2];
  for (std::size_t i = 0; i < limits::kAsideSegmentsMax + 20; ++i) {
    // The signature is not looked at before the beginning is here, so each differs.
    other[other.size() / 2] = static_cast<std::uint8_t>(i);
    other[other.size() / 2 + 1] = static_cast<std::uint8_t>(i >> 8U);
    must_have(v.hall.store->take_in({&other, 1}));
  }
  CHECK(must_have(v.hall.store->core().db->integer("SELECT count(*) FROM aside")) <=
        static_cast<std::int64_t>(limits::kAsideSegmentsMax));
  must_have(v.hall.store->take_in(v.segments));
  CHECK(seen(*v.hall.store) == seen(*v.laptop.store));
  CHECK(must_have(v.hall.store->core().db->integer("SELECT count(*) FROM aside")) == 0);
}

TEST_CASE("what lies aside is never full for good: the oldest gives way") {
  ThreeEvenings v;
  Bytes other = v.segments[2];
  for (std::size_t i = 0; i < limits::kAsideSegmentsMax + 20; ++i) {
    other[other.size() / 2] = static_cast<std::uint8_t>(i);
    other[other.size() / 2 + 1] = static_cast<std::uint8_t>(i >> 8U);
    take_one(*v.hall.store, other);
  }
  CHECK(take_one(*v.hall.store, v.segments[1]).verdict == TakeVerdict::kAside);
  take_one(*v.hall.store, v.segments[0]);
  CHECK(must_have(v.hall.store->events_in(kVillageScope)) == 2);
}

TEST_CASE("an author whose segments never find their beginning takes no more than a share") {
  ThreeEvenings v;
  SmallTree::Device broken = v.tree.device(SmallTree::kVillage, 13);
  new_household(*broken.store, "B");
  must_have(v.hall.store->take_in(segments_of(*broken.store)));
  CHECK(take_one(*v.hall.store, v.segments[1]).verdict == TakeVerdict::kAside);
  for (std::uint32_t i = 1; i < limits::kAsideSegmentsMax + 50; ++i) {
    const Bytes early = next_segment(broken, field_event({}, "C"), i);
    CHECK(take_one(*v.hall.store, early).verdict == TakeVerdict::kAside);
  }
  CHECK(must_have(v.hall.store->core().db->integer("SELECT count(*) FROM aside")) ==
        static_cast<std::int64_t>(limits::kAsideAuthorMax) + 1);
  take_one(*v.hall.store, v.segments[0]);
  CHECK(must_have(v.hall.store->events_in(kVillageScope)) == 3);
}

TEST_CASE("a stream of a unit that the tree does not know waits, is sent on, and is folded later") {
  ThreeEvenings v(SmallTree::kCommune);
  const UnitTree whole = v.tree.tree;
  UnitTree none;
  v.hall.store->set_tree([&]() -> const UnitTree& { return none; });
  for (const Taken& taken : must_have(v.hall.store->take_in(v.segments))) {
    CHECK(taken.verdict == TakeVerdict::kTaken);
  }
  CHECK(must_have(v.hall.store->waiting_events()) == 3);
  CHECK(seen(*v.hall.store).empty());
  CHECK(must_have(v.hall.store->heads_digest(kVillageScope)) ==
        must_have(v.laptop.store->heads_digest(kVillageScope)));
  check_clean(*v.hall.store);
  SmallTree::Device province = v.tree.device(SmallTree::kProvince, 1);
  carry(*v.hall.store, *province.store, kVillageScope);
  CHECK(seen(*province.store) == seen(*v.laptop.store));
  must_do(v.hall.store->tree_changed());
  CHECK(must_have(v.hall.store->waiting_events()) == 3);
  const std::uint64_t version = v.hall.store->version();
  none.add(whole.facts());
  must_do(v.hall.store->tree_changed());
  CHECK(v.hall.store->version() > version);
  CHECK(must_have(v.hall.store->waiting_events()) == 0);
  CHECK(seen(*v.hall.store) == seen(*v.laptop.store));
  check_clean(*v.hall.store);
}

TEST_CASE("what names an event that waits, waits too") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  SmallTree::Device province = tree.device(SmallTree::kProvince, 1);
  const Dot dot = new_household(*laptop.store, "A");
  carry(*laptop.store, *hall.store, kVillageScope);
  write_one(*hall.store, kVillageScope,
            set_event(*hall.store, kVillageScope, dot, "head", Value::text("B")));
  const std::vector<Bytes> segments = segments_of(*hall.store);
  REQUIRE(segments.size() == 2);
  UnitTree partial;
  SECTION("the cause is not here: its name cannot be filled in") {
    CHECK(take_one(*province.store, segments[1]).verdict == TakeVerdict::kAside);
    CHECK(take_one(*province.store, segments[0]).verdict == TakeVerdict::kTaken);
  }
  SECTION("the cause is held, and itself waits for the tree") {
    std::vector<UnitFact> facts = tree.tree.facts();
    std::erase_if(facts, [](const UnitFact& fact) { return fact.unit == SmallTree::kVillage; });
    partial.add(facts);
    province.store->set_tree([&]() -> const UnitTree& { return partial; });
    for (const Taken& taken : must_have(province.store->take_in(segments))) {
      CHECK(taken.verdict == TakeVerdict::kTaken);
    }
    // Whether the hall could certify for the village is not known either.
    CHECK(must_have(province.store->waiting_events()) == 2);
    CHECK(seen(*province.store).empty());
    check_clean(*province.store);
    partial.add(tree.tree.facts());
    must_do(province.store->tree_changed());
  }
  CHECK(must_have(province.store->waiting_events()) == 0);
  CHECK(seen(*province.store) == seen(*hall.store));
  check_clean(*province.store);
}

TEST_CASE("what waits for ever is not read again, whatever comes and after a start") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device thief = tree.device(SmallTree::kVillage, 12);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  const Dot dot = new_household(*laptop.store, "A");
  carry(*laptop.store, *thief.store, kVillageScope);
  const Dot other = new_household(*thief.store, "B");
  must_do(thief.store->seal());
  carry(*laptop.store, *hall.store, kVillageScope);
  carry(*thief.store, *hall.store, kVillageScope);
  Event event = field_event(other, "C");
  event.ops.front().base = {Dot{dot.writer, 4'000'000}};
  for (int i = 0; i < 3; ++i) {
    const Bytes one = next_segment(thief, event);
    CHECK(take_one(*hall.store, one).verdict == TakeVerdict::kTaken);
    take_one(*thief.store, one);
    event.ops.front().base.clear();
  }
  CHECK(must_have(hall.store->waiting_events()) == 3);
  // A segment that cannot be read shows whether it was.
  must_do(hall.store->core().db->execute(
      "UPDATE segment SET bytes=x'00' WHERE stream IN (SELECT no FROM stream WHERE waits<>x'')"
      " AND last > (SELECT folded FROM stream WHERE no=segment.stream)"));
  CHECK(must_have(
            hall.store->core().db->integer("SELECT count(*) FROM segment WHERE bytes=x'00'")) == 3);
  for (const char* head : {"D", "E"}) {
    write_one(*laptop.store, kVillageScope,
              set_event(*laptop.store, kVillageScope, dot, "head", Value::text(head)));
    carry(*laptop.store, *hall.store, kVillageScope);
    CHECK(seen(*hall.store).at(to_text(dot)) == "counts 0|head=" + std::string(head));
    must_do(hall.store->tree_changed());
    tree.reopen(hall);
  }
  CHECK(must_have(hall.store->waiting_events()) == 3);
}

TEST_CASE("streams that wait for each other at each event come to the end in pieces") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device second = tree.device(SmallTree::kVillage, 12);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  const Dot dot = new_household(*laptop.store, "0");
  for (int i = 1; i <= 20; ++i) {
    SmallTree::Device& from = i % 2 == 1 ? laptop : second;
    SmallTree::Device& to = i % 2 == 1 ? second : laptop;
    carry(*from.store, *to.store, kVillageScope);
    write_one(*to.store, kVillageScope,
              set_event(*to.store, kVillageScope, dot, "head", Value::text(std::to_string(i))));
  }
  // Held while the tree is not known, so that all of it is read from the log at once.
  UnitTree none;
  hall.store->set_tree([&]() -> const UnitTree& { return none; });
  carry(*laptop.store, *hall.store, kVillageScope);
  carry(*second.store, *hall.store, kVillageScope);
  carry(*laptop.store, *hall.store, kVillageScope);
  CHECK(seen(*hall.store).empty());
  none.add(tree.tree.facts());
  must_do(hall.store->tree_changed());
  CHECK(must_have(hall.store->waiting_events()) == 0);
  CHECK(seen(*hall.store) == seen(*laptop.store));
  CHECK(must_have(hall.store->state_digest()) == must_have(laptop.store->state_digest()));
  check_clean(*hall.store);
}
