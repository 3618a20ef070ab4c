#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// A laptop with `evenings` streams in one line, one event each.
struct Evenings {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  explicit Evenings(int evenings) {
    for (int i = 0; i < evenings; ++i) evening();
  }
  void evening() {
    new_household(*laptop.store, "A");
    tree.reopen(laptop);
  }
  Store& store() { return *laptop.store; }
  std::vector<Point> tips() { return must_have(store().tips(kVillageScope)); }
  void receive(const Point& point, std::int64_t time = 5) {
    const ReceiptPoint receipt{kVillageScope, point};
    must_do(store().keep_receipt({&receipt, 1}, TimeMs(time), as_bytes("signed")));
  }
  std::int64_t receipts() {
    return must_have(store().core().db->integer("SELECT count(*) FROM receipt"));
  }
};

}  // namespace

TEST_CASE("a receipt for a tip covers its whole line, and is taken back where the parent lost it") {
  Evenings v(6);
  REQUIRE(v.tips().size() == 1);
  CHECK(must_have(v.store().unsent_events()) == 6);
  CHECK_FALSE(must_have(v.store().all_receipted(kVillageScope)));
  CHECK(must_have(v.store().unreceipted(kVillageScope)) == v.tips());
  const Point third = [&] {
    const auto& row = must_have(v.store().core().known(kVillageScope))->rows()[2];
    return Point{row->writer, 1, hash_front<8>(row->head)};
  }();
  v.receive(third);
  CHECK(v.receipts() == 3);
  CHECK(must_have(v.store().unsent_events()) == 3);
  v.receive(v.tips()[0]);
  CHECK(v.receipts() == 6);
  CHECK(must_have(v.store().unsent_events()) == 0);
  CHECK(must_have(v.store().all_receipted(kVillageScope)));
  CHECK(must_have(v.store().unreceipted(kVillageScope)).empty());
  // A receipt that comes late raises nothing and lowers nothing.
  v.receive(third);
  CHECK(v.receipts() == 6);
  // The parent was put back: it holds the first three streams.
  must_do(v.store().take_back_receipts(kVillageScope, {&third, 1}));
  CHECK(must_have(v.store().unsent_events()) == 3);
  CHECK(must_have(v.store().unreceipted(kVillageScope)) == v.tips());
  v.receive(v.tips()[0]);
  CHECK(must_have(v.store().unsent_events()) == 0);
  must_do(v.store().take_back_receipts(kVillageScope, {}));
  CHECK(v.receipts() == 0);
  CHECK(must_have(v.store().unsent_events()) == 6);
}

TEST_CASE("a receipt for what is not here, or of another hash, is not kept") {
  Evenings v(2);
  Point point = v.tips()[0];
  point.hash[0] ^= 1;
  v.receive(point);
  point = v.tips()[0];
  point.counter = 2;
  v.receive(point);
  point.writer.bytes[0] ^= 1;
  v.receive(point);
  CHECK(v.receipts() == 0);
}

TEST_CASE("back points are the receipted one, and ever further ones where asked") {
  Evenings v(20);
  CHECK(must_have(v.store().back_points(kVillageScope, false)).empty());
  const auto& rows = must_have(v.store().core().known(kVillageScope))->rows();
  const auto point = [&](std::size_t i) {
    return Point{rows[i]->writer, 1, hash_front<8>(rows[i]->head)};
  };
  v.receive(point(10));
  CHECK(must_have(v.store().back_points(kVillageScope, false)) == std::vector{point(10)});
  // 1, 2, 4, 8, 16 back from the twentieth, its receipt, and the line's first.
  const std::vector<Point> deep = must_have(v.store().back_points(kVillageScope, true));
  const std::vector<Point> expected = {point(18), point(17), point(15), point(11),
                                       point(10), point(3),  point(0)};
  CHECK(deep == expected);
  v.receive(point(19));
  CHECK(must_have(v.store().back_points(kVillageScope, true)).empty());
}

TEST_CASE("missing is what is not at or before a known point, on every branch") {
  Evenings v(3);
  const std::vector<SegmentRef> all = must_have(v.store().missing(kVillageScope, {}));
  REQUIRE(all.size() == 3);
  CHECK(must_have(v.store().missing(kVillageScope, v.tips())).empty());
  const auto& rows = must_have(v.store().core().known(kVillageScope))->rows();
  const Point first{rows[0]->writer, 1, hash_front<8>(rows[0]->head)};
  CHECK(must_have(v.store().missing(kVillageScope, {&first, 1})).size() == 2);
  Point unknown = first;
  unknown.writer.bytes[3] ^= 1;
  CHECK(must_have(v.store().missing(kVillageScope, {&unknown, 1})).size() == 3);
  // A copy branches off after the third.
  SmallTree::Device copy = v.tree.clone(v.laptop);
  new_household(*copy.store, "copy");
  v.evening();
  carry(*copy.store, v.store(), kVillageScope);
  CHECK(v.tips().size() == 2);
  const std::vector<Point> of_copy = must_have(copy.store->tips(kVillageScope));
  REQUIRE(of_copy.size() == 1);
  const std::vector<SegmentRef> rest = must_have(v.store().missing(kVillageScope, of_copy));
  REQUIRE(rest.size() == 1);
  CHECK(must_have(v.store().holds(kVillageScope, of_copy[0])));
  carry(v.store(), *copy.store, kVillageScope);
  CHECK(must_have(copy.store->heads_digest(kVillageScope)) ==
        must_have(v.store().heads_digest(kVillageScope)));
  // A receipt for one branch leaves the other's.
  v.receive(of_copy[0]);
  CHECK(must_have(v.store().unreceipted(kVillageScope)).size() == 1);
  CHECK_FALSE(must_have(v.store().all_receipted(kVillageScope)));
}

TEST_CASE("half segments are kept for each device, the newest few, and dropped when whole") {
  Evenings v(1);
  for (std::uint8_t i = 0; i < limits::kPartialsMax + 3; ++i) {
    must_do(v.store().keep_partial(DeviceNo(7), {i}, Bytes(i + 1U, i)));
  }
  must_do(v.store().keep_partial(DeviceNo(8), {0}, Bytes(3, 9)));
  const auto partials = must_have(v.store().partials(DeviceNo(7)));
  REQUIRE(partials.size() == limits::kPartialsMax);
  CHECK(partials[0].received == limits::kPartialsMax + 3);
  CHECK(must_have(v.store().partial_bytes(DeviceNo(7), partials[0].digest)).size() ==
        limits::kPartialsMax + 3);
  must_do(v.store().drop_partial(DeviceNo(7), partials[0].digest));
  CHECK(must_have(v.store().partials(DeviceNo(7))).size() == limits::kPartialsMax - 1);
  CHECK(must_have(v.store().partials(DeviceNo(8))).size() == 1);
  CHECK(must_have(v.store().partial_bytes(DeviceNo(9), {0})).empty());
}

TEST_CASE("a unit that ended reads its own, and no record of what hung below it once") {
  SmallTree tree;
  SmallTree::Device province = tree.device(SmallTree::kProvince, 1);
  const auto readable = [&](UnitNo unit) {
    return must_have(province.store->readable_scopes(unit));
  };
  const std::vector<Scope> before = readable(SmallTree::kDistrict);
  REQUIRE(before.size() == 9);
  // Districts end, and their communes hang below the province.
  std::vector<UnitFact> facts = tree.tree.facts();
  for (UnitFact& fact : facts) {
    if (fact.unit == SmallTree::kDistrict || fact.unit == SmallTree::kCommune) {
      fact.valid_to = Date{2025, 6, 30};
    }
  }
  UnitFact commune = tree.tree.history(SmallTree::kCommune).front();
  commune.valid_from = {2025, 7, 1};
  commune.parent = SmallTree::kProvince;
  facts.push_back(commune);
  tree.tree.reset(facts);
  const std::vector<Scope> own = {{SmallTree::kProvince, Channel::kReference},
                                  {SmallTree::kDistrict, Channel::kReference},
                                  {SmallTree::kDistrict, Channel::kRecords}};
  CHECK(readable(SmallTree::kDistrict) == own);
  CHECK(readable(SmallTree::kCommune).size() == 7);
  // What is left is what is not read any more, and nothing of it is both.
  write_one(*province.store, kVillageScope, create_event("household", {}, {}));
  const TimeMs now = tree.clock.now();
  CHECK(must_have(province.store->left_scopes(SmallTree::kDistrict, now)) ==
        std::vector<Scope>{kVillageScope});
  // A clock that the tree knows nothing of is no sign that a unit ended.
  tree.clock.wall_ms = 0;
  CHECK(readable(SmallTree::kDistrict) == before);
}

TEST_CASE("a device reads its subtree and the reference channel above, and asking makes nothing") {
  Evenings v(1);
  const std::vector<Scope> scopes = must_have(v.store().readable_scopes(SmallTree::kVillage));
  const std::vector<Scope> expected = {{SmallTree::kProvince, Channel::kReference},
                                       {SmallTree::kDistrict, Channel::kReference},
                                       {SmallTree::kCommune, Channel::kReference},
                                       {SmallTree::kVillage, Channel::kReference},
                                       {SmallTree::kVillage, Channel::kRecords}};
  CHECK(scopes == expected);
  CHECK(must_have(v.store().readable_scopes(SmallTree::kCommune)).size() == 8);
  CHECK(must_have(v.store().readable_scopes(UnitNo(9'999'999))).size() == 2);
  const std::string before = fingerprint(v.store());
  for (const Scope scope : must_have(v.store().readable_scopes(SmallTree::kProvince))) {
    must_have(v.store().heads_digest(scope));
    must_have(v.store().tips(scope));
    must_have(v.store().back_points(scope, true));
    must_have(v.store().unreceipted(scope));
    must_have(v.store().all_receipted(scope));
    must_have(v.store().missing(scope, {}));
    must_have(v.store().holds(scope, v.tips()[0]));
    must_have(v.store().state_digest(scope));
    must_have(v.store().history(scope, {}, 5));
  }
  CHECK(fingerprint(v.store()) == before);
}

TEST_CASE("long lines are walked in few steps, and rightly on every branch") {
  ScopeStreams streams(1, kVillageScope);
  // Stream i follows i - 1, but every seventh one branches off from four before.
  const std::uint32_t count = 300;
  std::vector<std::uint32_t> before(count + 1, 0);
  for (std::uint32_t no = 1; no <= count; ++no) {
    StreamRow row;
    row.no = no;
    row.writer.bytes[0] = static_cast<std::uint8_t>(no);
    row.writer.bytes[1] = static_cast<std::uint8_t>(no >> 8U);
    before[no] = no == 1 ? 0 : no % 7 == 0 && no > 7 ? no - 4 : no - 1;
    if (before[no] != 0) row.predecessor = Ref(before[no], 2);
    streams.add(std::move(row));
  }
  for (std::uint32_t b = 1; b <= count; ++b) {
    std::vector<bool> above(count + 1, false);
    for (std::uint32_t at = before[b]; at != 0; at = before[at]) above[at] = true;
    for (std::uint32_t a = 1; a <= count; ++a) {
      if (a == b) continue;
      REQUIRE(streams.at_or_before(Ref(a, 2), Ref(b, 1)) == above[a]);
      REQUIRE_FALSE(streams.at_or_before(Ref(a, 3), Ref(b, 1)));
    }
  }
  CHECK(streams.at_or_before(Ref(5, 1), Ref(5, 1)));
  CHECK_FALSE(streams.at_or_before(Ref(5, 2), Ref(5, 1)));
}
