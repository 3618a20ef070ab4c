// The rules of the merge one by one, in the words of the design.
#include <catch2/catch.hpp>

#include "shared/base/limits.h"
#include "tests/unit/shared/merge/real_merge.h"

using namespace lalanh;
using namespace lalanh::test;

namespace {

WriterId writer(std::uint8_t n) {
  WriterId out;
  out.bytes[0] = n;
  return out;
}

/// Histories by hand: stream n has writer n.
class Book {
 public:
  Book& stream(std::uint8_t n, std::uint32_t device, std::uint8_t rank, Dot predecessor = {}) {
    history.streams.push_back({writer(n), DeviceNo(device), Rank(rank), predecessor, {}});
    return *this;
  }
  Dot add(std::uint8_t n, Dot entity, std::vector<Op> ops, std::uint64_t order = 0) {
    HistoryStream& s = history.streams.at(history.index_of(writer(n)));
    Event event;
    event.actor = "a";
    event.verb = "v";
    event.entity = entity;
    event.ops = std::move(ops);
    event.order = order == 0 ? ++order_ : order;
    REQUIRE(check_event(event).ok());
    s.events.push_back(std::move(event));
    return {s.writer, static_cast<std::uint32_t>(s.events.size())};
  }
  View view() const {
    RealMerge merge(history);
    merge.deliver(all_of(history));
    const NaiveModel naive(history, all_of(history));
    REQUIRE(merge.view() == naive.view());
    return merge.view();
  }
  EntityView view_of(const Dot& entity) const { return view().entities.at(entity); }

  History history;

 private:
  std::uint64_t order_ = 0;
};

Op op(OpKind kind, std::string name, Value value = {}, std::vector<Dot> base = {},
      std::vector<Dot> tips = {}) {
  return {kind, std::move(name), std::move(value), std::move(base), std::move(tips), {}, {}};
}
Op create() { return op(OpKind::kCreate, "household"); }
Op set(std::int64_t v, std::vector<Dot> base = {}) {
  return op(OpKind::kSet, "income", Value::integer(v), std::move(base));
}
Op remove(std::vector<Dot> base, std::vector<Dot> tips) {
  return op(OpKind::kRemove, "", Value::text("chuyển đi"), std::move(base), std::move(tips));
}
Op keep(std::vector<Dot> base) { return op(OpKind::kKeep, "", {}, std::move(base)); }

}  // namespace

TEST_CASE("two writes that do not know each other conflict until a write names both") {
  Book book;
  book.stream(1, 1, 1).stream(2, 2, 1);
  const Dot home = book.add(1, {}, {create(), set(1)});
  const Dot a = book.add(1, home, {set(2, {home})});
  const Dot b = book.add(2, home, {set(3, {home})});
  CHECK(book.view_of(home).conflicts == std::set<std::string>{"income"});
  CHECK(book.view_of(home).shown.at("income") == Value::integer(3));
  book.add(1, home, {set(2, {a, b})});
  CHECK(book.view_of(home).conflicts.empty());
  CHECK(book.view_of(home).shown.at("income") == Value::integer(2));
}

TEST_CASE("equal values are agreement and not a conflict") {
  Book book;
  book.stream(1, 1, 1).stream(2, 2, 1);
  const Dot home = book.add(1, {}, {create(), set(1)});
  book.add(1, home, {set(5, {home})});
  book.add(2, home, {set(5, {home})});
  CHECK(book.view_of(home).conflicts.empty());
  CHECK(book.view_of(home).live.at({0, "income"}).size() == 2);
}

TEST_CASE("rank beats order, order beats the dot, and a device number beats a writer in the dot") {
  Book book;
  book.stream(1, 9, 2).stream(2, 5, 1).stream(9, 1, 1).stream(3, 5, 1);
  const Dot home = book.add(2, {}, {create()}, 1);
  book.add(2, home, {set(1)}, 7);
  book.add(9, home, {set(2)}, 7);
  CHECK(book.view_of(home).shown.at("income") == Value::integer(1));
  book.add(3, home, {set(3)}, 7);
  CHECK(book.view_of(home).shown.at("income") == Value::integer(3));
  book.add(9, home, {set(4)}, 8);
  CHECK(book.view_of(home).shown.at("income") == Value::integer(4));
  book.add(1, home, {set(5)}, 2);
  CHECK(book.view_of(home).shown.at("income") == Value::integer(5));
}

TEST_CASE(
    "an order counts as at most two to the 24 more than the event before it, along predecessors") {
  CHECK(counted_order(std::uint64_t{1} << 60U, 5) == 5 + limits::kOrderStepMax);
  CHECK(counted_order(4, 5) == 4);
  CHECK(counted_order(~std::uint64_t{0}, ~std::uint64_t{0} - 3) == ~std::uint64_t{0});
  Book book;
  book.stream(1, 1, 1);
  const Dot home = book.add(1, {}, {create(), set(1)}, std::uint64_t{1} << 50U);
  book.stream(2, 1, 1, home).stream(3, 3, 1);
  // The broken device's second event counts 2^25, so 2^25 + 1 is greater and 2^25 - 1 is not.
  book.add(2, home, {set(2, {home})}, std::uint64_t{1} << 51U);
  book.add(3, home, {set(3, {home})}, (std::uint64_t{1} << 24U) - 1);
  book.add(3, home, {set(4, {home})}, (std::uint64_t{1} << 25U) - 2);
  CHECK(book.view_of(home).shown.at("income") == Value::integer(2));
  book.add(3, home, {set(5, {home})}, (std::uint64_t{1} << 25U) + 1);
  CHECK(book.view_of(home).shown.at("income") == Value::integer(5));
}

TEST_CASE("an item of a set stays while one add of it was not seen by the drop") {
  Book book;
  book.stream(1, 1, 1).stream(2, 2, 1);
  const Value land = Value::text("thiếu đất");
  const Dot home = book.add(1, {}, {create(), op(OpKind::kAdd, "causes", land)});
  const Dot again = book.add(2, home, {op(OpKind::kAdd, "causes", land)});
  book.add(1, home, {op(OpKind::kDrop, "causes", land, {home})});
  CHECK(book.view_of(home).live.at({1, "causes"}).size() == 1);
  book.add(1, home, {op(OpKind::kDrop, "causes", land, {again})});
  CHECK(book.view_of(home).live.count({1, "causes"}) == 0);
}

TEST_CASE("a removal that saw every event removes, an edit that it did not see disputes it") {
  Book book;
  book.stream(1, 1, 1).stream(2, 2, 1);
  const Dot home = book.add(1, {}, {create(), set(1)});
  const Dot gone = book.add(1, home, {remove({}, {home})}, 10);
  CHECK(book.view_of(home).standing == Standing::kRemoved);
  CHECK_FALSE(book.view_of(home).counts);
  const Dot edit = book.add(2, home, {set(2, {home})}, 9);
  CHECK(book.view_of(home).standing == Standing::kDisputed);
  CHECK_FALSE(book.view_of(home).counts);
  // An edit settles nothing, even one that saw the removal; but the greatest word counts.
  const Dot later = book.add(2, home, {set(3, {edit})}, 11);
  CHECK(book.view_of(home).standing == Standing::kDisputed);
  CHECK(book.view_of(home).counts);
  book.add(1, home, {remove({gone}, {gone, later})}, 12);
  CHECK(book.view_of(home).standing == Standing::kRemoved);
}

TEST_CASE("a keep undoes the removals that it names and no other") {
  Book book;
  book.stream(1, 1, 1).stream(2, 2, 1);
  const Dot home = book.add(1, {}, {create()});
  const Dot first = book.add(1, home, {remove({}, {home})});
  const Dot second = book.add(2, home, {remove({}, {home})});
  // Two removals that do not know each other agree.
  CHECK(book.view_of(home).standing == Standing::kRemoved);
  const Dot kept = book.add(1, home, {keep({first})});
  CHECK(book.view_of(home).standing == Standing::kDisputed);
  book.add(1, home, {keep({second})});
  CHECK(book.view_of(home).standing == Standing::kThere);
  CHECK(book.view_of(home).removals.empty());
  CHECK(kept.counter == 3);
}

TEST_CASE("what is before a tip along predecessors was seen by the removal that names the tip") {
  Book book;
  book.stream(1, 1, 1);
  const Dot home = book.add(1, {}, {create()});
  const Dot evening = book.add(1, home, {set(1)});
  book.stream(2, 1, 1, evening);
  const Dot next = book.add(2, home, {set(2, {evening})});
  book.stream(3, 1, 1, evening).stream(4, 4, 1);
  const Dot gone = book.add(4, home, {remove({}, {next})});
  CHECK(book.view_of(home).standing == Standing::kRemoved);
  // A copy of the database branches off before that tip: its edit was not seen.
  book.add(3, home, {set(3, {evening})});
  CHECK(book.view_of(home).standing == Standing::kDisputed);
  CHECK(book.view_of(home).removals == std::set<Dot>{gone});
}

TEST_CASE("a decision is a register of its kind and period, and one event may decide two periods") {
  Book book;
  book.stream(1, 1, 1).stream(2, 2, 1);
  const auto decide = [](const char* period, std::vector<Dot> base) {
    Op out = op(OpKind::kDecide, "annual", Value::text(period), std::move(base));
    out.payload = {0xa0};
    return out;
  };
  const Dot both = book.add(1, {}, {decide("2024", {}), decide("2025", {})});
  CHECK(book.view_of({}).conflicts.empty());
  book.add(1, {}, {decide("2024", {both})});
  CHECK(book.view_of({}).live.at({2, "annual"}).size() == 2);
  CHECK(book.view_of({}).conflicts.empty());
  // With another period between the two in order of arrival, the conflict is seen all the same.
  book.add(2, {}, {decide("2025", {both})});
  CHECK(book.view_of({}).conflicts.empty());
  book.add(2, {}, {decide("2024", {both})});
  CHECK(book.view_of({}).conflicts == std::set<std::string>{"annual"});
}

TEST_CASE("an event on what no event created changes nothing and holds nothing up") {
  Book book;
  book.stream(1, 1, 1);
  const Dot home = book.add(1, {}, {create(), set(1)});
  const Dot edit = book.add(1, home, {set(2, {home})});
  book.add(1, edit, {set(9), op(OpKind::kAppend, "notes", Value::integer(1))});
  const Dot after = book.add(1, home, {set(3, {edit})});
  RealMerge merge(book.history);
  merge.deliver(all_of(book.history));
  CHECK(merge.view().pending == 0);
  CHECK(merge.view().entities.at(home).shown.at("income") == Value::integer(3));
  RealMerge without(book.history);
  without.deliver({2});
  CHECK(after.counter == 4);
}

TEST_CASE("a stream whose right is not known yet waits, and so does what names it") {
  Book book;
  book.stream(1, 1, 1).stream(2, 2, 1);
  const Dot home = book.add(1, {}, {create()});
  book.add(2, home, {set(1)});
  std::vector<PendingStream> pending(2);
  for (std::uint32_t i = 0; i < 2; ++i) {
    pending[i].stream = i + 1;
    MergeEvent event;
    event.ref = Ref(i + 1, 1);
    event.entity = Ref(1, 1);
    pending[i].events.push_back(event);
  }
  pending[0].admitted = false;
  const RealMerge none(book.history);
  std::size_t used = 0;
  fold_ready(pending, none, [&](const MergeEvent&) { ++used; });
  CHECK(used == 0);
  pending[0].admitted = true;
  fold_ready(pending, none, [&](const MergeEvent&) { ++used; });
  CHECK(used == 2);
}

TEST_CASE("names numbered in another order, as an older version would, give the same digest") {
  const Scope scope{UnitNo(3'700'012), Channel::kRecords};
  Book book;
  book.stream(1, 1, 1);
  const RealMerge lines = [&] {
    book.add(1, {}, {create(), set(1), op(OpKind::kSet, "a_field_of_tomorrow", Value::text("x"))});
    RealMerge merge(book.history);
    merge.deliver(all_of(book.history));
    return merge;
  }();
  Hash digests[2];
  for (int version = 0; version < 2; ++version) {
    TestWords words;
    if (version == 1) {
      for (const char* name : {"z", "a_field_of_tomorrow", "income", "household"}) words.word(name);
    }
    EntityState state;
    std::vector<AppendedItem> items;
    MergeEvent event;
    event.ref = Ref(1, 1);
    event.entity = event.ref;
    event.ops = {{OpKind::kCreate, words.word("household"), {}, {}, {}},
                 {OpKind::kSet, words.word("income"), Value::integer(1), {}, {}},
                 {OpKind::kSet, words.word("a_field_of_tomorrow"), Value::text("x"), {}, {}}};
    apply(event, lines, state, items);
    HashSum sum;
    add_to_digest(scope, state, items, lines, words, sum);
    digests[version] = sum.bytes();
  }
  CHECK(digests[0] == digests[1]);
}

TEST_CASE("a sum of hashes is the same in any order, and what was added can be taken away") {
  Rng rng(5);
  std::vector<Hash> hashes(50);
  for (Hash& hash : hashes) {
    for (std::uint8_t& b : hash) b = static_cast<std::uint8_t>(rng.chance(30) ? 0xff : rng.next());
  }
  HashSum forward;
  for (const Hash& hash : hashes) forward.add(hash);
  HashSum backward;
  for (std::size_t i = hashes.size(); i > 0; --i) backward.add(hashes[i - 1]);
  CHECK(forward == backward);
  CHECK(HashSum(forward.bytes()) == forward);
  for (const Hash& hash : hashes) forward.subtract(hash);
  CHECK(forward == HashSum());
  HashSum below;
  Hash one{};
  one[0] = 1;
  below.subtract(one);
  for (const std::uint8_t b : below.bytes()) CHECK(b == 0xff);
}
