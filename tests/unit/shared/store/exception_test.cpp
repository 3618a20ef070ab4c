// Memory runs out anywhere. The HTTP layer catches what is thrown and goes on, with this store.

#include <new>

#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// A projection that is told of changes, and throws when it is told to.
class Throwing : public Projection {
 public:
  bool at_change = false, at_flush = false;
  std::string number = "1";

  std::string_view name() const override { return "throwing"; }
  std::string version() const override { return number; }
  Status create() override { return {}; }
  Status change(const EntityChange&) override { return fail(at_change); }
  Status forget_scope(const ScopeStreams&) override { return {}; }
  Status flush() override { return fail(at_flush); }
  void committed() override {}
  void rolled_back() override {}

 private:
  static Status fail(bool now) {
    if (now) throw std::bad_alloc();
    return {};
  }
};

class ThrowingClock : public FakeClock {
 public:
  TimeMs now() override {
    if (throws) throw std::bad_alloc();
    return FakeClock::now();
  }
  bool throws = false;
};

std::vector<Point> all_tips(Store& store) { return must_have(store.tips(kVillageScope)); }

std::int64_t rows(Store& store, const std::string& table) {
  return must_have(store.core().db->integer("SELECT count(*) FROM " + table));
}

}  // namespace

TEST_CASE("what an exception rolled back is not held: no receipt, and its number is used once") {
  SmallTree tree;
  SmallTree::Device one = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device two = tree.device(SmallTree::kVillage, 12);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  Throwing throwing;
  hall.store->add_projection(&throwing);
  const Dot dot = new_household(*one.store, "A");
  new_household(*two.store, "B");
  const std::vector<Bytes> first = segments_of(*one.store);
  const std::vector<Bytes> second = segments_of(*two.store);
  const Point tip = all_tips(*one.store).at(0);

  throwing.at_change = GENERATE(false, true);
  throwing.at_flush = !throwing.at_change;
  CHECK_THROWS_AS(hall.store->take_in(first), std::bad_alloc);
  throwing.at_change = throwing.at_flush = false;

  SECTION("for who asks first") {
    CHECK_FALSE(must_have(hall.store->holds(kVillageScope, tip)));
    CHECK(all_tips(*hall.store).empty());
    CHECK(must_have(hall.store->heads_digest(kVillageScope)) == Hash{});
    CHECK(must_have(hall.store->missing(kVillageScope, {})).empty());
  }
  SECTION("for who sends first") {}
  // Another stream gets the number that was rolled back, and the first comes again.
  CHECK(take_one(*hall.store, second.at(0)).verdict == TakeVerdict::kTaken);
  CHECK(take_one(*hall.store, first.at(0)).verdict == TakeVerdict::kTaken);
  CHECK(must_have(hall.store->holds(kVillageScope, tip)));
  write_one(*one.store, kVillageScope,
            set_event(*one.store, kVillageScope, dot, "head", Value::text("C")));
  carry(*one.store, *hall.store, kVillageScope);
  carry(*hall.store, *one.store, kVillageScope);
  CHECK(seen(*hall.store) == seen(*one.store));
  check_clean(*hall.store);
  tree.reopen(hall);
  check_clean(*hall.store);
  CHECK(rows(*hall.store, "stream") == 2);
}

TEST_CASE("an entry that an exception cut short is not there, and the next one is kept") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  Throwing throwing;
  laptop.store->add_projection(&throwing);
  const Dot dot = new_household(*laptop.store, "A");
  const std::map<std::string, std::string> before = seen(*laptop.store);
  const auto add = [&] {
    WriteBatch batch = must_have(laptop.store->begin_write());
    must_have(batch.add(kVillageScope, create_event("a_new_word", {}, {})));
    throwing.at_flush = true;
    (void)batch.commit().ok();
  };
  CHECK_THROWS_AS(add(), std::bad_alloc);
  throwing.at_flush = false;
  CHECK_FALSE(laptop.store->core().current());
  CHECK(laptop.store->core().known(kVillageScope).error().name() == "system.internal");
  must_do(laptop.store->readable());
  CHECK(seen(*laptop.store) == before);
  CHECK(laptop.store->core().words.find("a_new_word") == 0);
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("B")));
  check_clean(*laptop.store);
  tree.reopen(laptop);
  check_clean(*laptop.store);
}

TEST_CASE("a sealing that an exception cut short has moved no head") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  laptop.store.reset();
  ThrowingClock clock;
  laptop.store =
      must_have(open_with(tree, laptop, [&](StoreOptions& options) { options.clock = &clock; }));
  new_household(*laptop.store, "A");
  const Hash before = must_have(laptop.store->heads_digest(kVillageScope));
  clock.throws = true;
  CHECK_THROWS_AS(laptop.store->seal(), std::bad_alloc);
  clock.throws = false;
  CHECK(all_tips(*laptop.store).size() == 1);  // sealed by the recovery
  CHECK(rows(*laptop.store, "segment") == 1);
  CHECK_FALSE(must_have(laptop.store->heads_digest(kVillageScope)) == before);
  new_household(*laptop.store, "B");
  check_clean(*laptop.store);
  laptop.store.reset();
}

TEST_CASE("a projection that an exception kept from being rebuilt is rebuilt the next time") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  Throwing throwing;
  laptop.store->add_projection(&throwing);
  must_do(laptop.store->prepare_projections());
  new_household(*laptop.store, "A");
  throwing.number = "2";
  throwing.at_change = true;
  CHECK_THROWS_AS(laptop.store->prepare_projections(), std::bad_alloc);
  CHECK_FALSE(laptop.store->core().current());
  throwing.at_change = false;
  must_do(laptop.store->prepare_projections());
  CHECK(must_have(laptop.store->core().meta_text("projection:throwing")) == "2");
  new_household(*laptop.store, "B");
  check_clean(*laptop.store);
}
