#include <catch2/catch.hpp>

#include "shared/event/revocation.h"
#include "shared/store/bundle_ledger.h"
#include "shared/store/ticket_ledger.h"
#include "tests/support/small_tree.h"
#include "tests/unit/sync/session/world.h"

/// Sessions between real databases.
namespace lalanh::test {
namespace {

using testing::SmallTree;

const Scope kVillage = SmallTree::records(SmallTree::kVillage);
const Scope kNeighbour = SmallTree::records(SmallTree::kNeighbour);

Dot household(Store& store, Scope scope, const std::string& head) {
  return testing::write_one(store, scope,
                            testing::create_event("household", {}, {{"head", Value::text(head)}}));
}

void set_head(Store& store, const Dot& entity, const std::string& head) {
  testing::write_one(store, kVillage,
                     testing::set_event(store, kVillage, entity, "head", Value::text(head)));
}

struct Hall {
  SmallTree::Device device;
  sync::SyncServer server;
  explicit Hall(SmallTree::Device made)
      : device(std::move(made)),
        server(*device.store, *device.key, {"0.1.0", sync::scope_of_segment}) {}
};

Result<SyncSummary> sync_up(SmallTree& tree, SmallTree::Device& child, Hall& hall, Wire& wire) {
  sync::ClientOptions options;
  options.parent_key = hall.device.key->public_key();
  options.program = "0.1.0";
  sync::ClientSession session(*child.store, *child.key, tree.random, options);
  return run(session, hall.server, wire);
}
SyncSummary sync_up(SmallTree& tree, SmallTree::Device& child, Hall& hall) {
  Wire wire;
  const auto summary = sync_up(tree, child, hall, wire);
  INFO((summary.ok() ? "" : summary.error().message(Language::kEnglish)));
  REQUIRE(summary.ok());
  return *summary;
}

void check_equal(SmallTree::Device& a, SmallTree::Device& b, Scope scope) {
  CHECK(*a.store->heads_digest(scope) == *b.store->heads_digest(scope));
  CHECK(*a.store->state_digest(scope) == *b.store->state_digest(scope));
  CHECK(a.store->verify()->differences.empty());
  CHECK(b.store->verify()->differences.empty());
}

TEST_CASE("Real databases: two laptops and a hall come to one state, and an idle sync is small") {
  SmallTree tree;
  SmallTree::Device one = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device two = tree.device(SmallTree::kVillage, 12);
  Hall hall(tree.device(SmallTree::kCommune, 5));
  const Dot dot = household(*one.store, kVillage, "Bùi Văn Quyết");
  for (int i = 0; i < 30; ++i) household(*one.store, kVillage, "Hộ " + std::to_string(i));
  CHECK(sync_up(tree, one, hall).events_sent == 31);
  CHECK(sync_up(tree, two, hall).events_received == 31);
  set_head(*one.store, dot, "B");
  set_head(*two.store, dot, "C");
  sync_up(tree, one, hall);
  sync_up(tree, two, hall);
  sync_up(tree, one, hall);
  check_equal(one, hall.device, kVillage);
  check_equal(two, hall.device, kVillage);
  CHECK(*one.store->unsent_events() == 0);
  CHECK(*two.store->unsent_events() == 0);
  Wire wire;
  const auto idle = sync_up(tree, one, hall, wire);
  REQUIRE(idle.ok());
  CHECK(idle->equal_at_start);
  CHECK(idle->round_trips == 1);
  CHECK(wire.exchanges[0].request.size() + wire.exchanges[0].reply.size() == 161);
}

TEST_CASE("Real databases: a village gets nothing of its neighbour, and its ancestors' reference") {
  SmallTree tree;
  SmallTree::Device village = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device neighbour = tree.device(SmallTree::kNeighbour, 12);
  Hall hall(tree.device(SmallTree::kCommune, 5));
  household(*neighbour.store, kNeighbour, "CANARY");
  household(*village.store, kVillage, "A");
  household(*hall.device.store, {SmallTree::kCommune, Channel::kReference}, "reference");
  household(*hall.device.store, SmallTree::records(SmallTree::kCommune), "CANARY");
  sync_up(tree, neighbour, hall);
  const SyncSummary summary = sync_up(tree, village, hall);
  CHECK(summary.events_received == 1);
  CHECK(summary.events_sent == 1);
  CHECK(*village.store->events_in(kNeighbour) == 0);
  CHECK(*village.store->events_in(SmallTree::records(SmallTree::kCommune)) == 0);
  CHECK(*village.store->events_in({SmallTree::kCommune, Channel::kReference}) == 1);
  CHECK(*hall.device.store->events_in(kNeighbour) == 1);
}

TEST_CASE("Real databases: who was certified for more than his issuer's unit gets no session") {
  SmallTree tree;
  SmallTree::Device neighbour = tree.device(SmallTree::kNeighbour, 12);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  Hall district(tree.device(SmallTree::kDistrict, 3));
  household(*neighbour.store, kNeighbour, "CANARY");
  testing::carry(*neighbour.store, *district.device.store, kNeighbour);
  const auto refused = [&](const SmallTree::Device& issuer, UnitNo unit) {
    SmallTree::Device thief = tree.certified_by(issuer, unit, 66);
    Wire wire;
    const auto summary = sync_up(tree, thief, district, wire);
    CHECK(wire.exchanges.back().error == "trust.bad_certificate");
    CHECK(*thief.store->events_in(kNeighbour) == 0);
    CHECK_FALSE(district.device.store->known_certificate(thief.certificate.id));
    return !summary.ok();
  };
  CHECK(refused(hall, SmallTree::kProvince));
  CHECK(refused(hall, SmallTree::kDistrict));
  CHECK(refused(tree.device(SmallTree::kVillage, 11), SmallTree::kNeighbour));
  CHECK(refused(hall, UnitNo(9'999'999)));  // of no unit that is known
  // A step within the chain counts as the last one does.
  CHECK(refused(tree.certified_by(hall, SmallTree::kDistrict, 67), SmallTree::kNeighbour));
  SmallTree::Device honest = tree.certified_by(hall, SmallTree::kNeighbour, 68);
  CHECK(sync_up(tree, honest, district).events_received == 1);
}

TEST_CASE("Real databases: a stream is no meeting with whom a revoked server's key certified") {
  SmallTree tree;
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  SmallTree::Device met = tree.certified_by(hall, SmallTree::kVillage, 11);
  SmallTree::Device thief = tree.certified_by(hall, SmallTree::kVillage, 66);
  SmallTree::Device province = tree.device(SmallTree::kProvince, 1);
  Hall district(tree.device(SmallTree::kDistrict, 3));
  sync_up(tree, met, district);
  Event event;
  event.actor = "Nguyễn Văn An, Phó chủ tịch";
  event.verb = "revoke";
  event.ops.push_back(revoke_op({hall.key->public_key(), {}}));
  const Scope reference{SmallTree::kProvince, Channel::kReference};
  testing::write_one(*province.store, reference, event);
  testing::carry(*province.store, *district.device.store, reference);
  household(*thief.store, kVillage, "its certificate comes with it");
  testing::carry(*thief.store, *district.device.store, kVillage);
  REQUIRE(district.device.store->known_certificate(thief.certificate.id));
  for (int i = 0; i < 2; ++i) {
    Wire wire;
    CHECK_FALSE(sync_up(tree, thief, district, wire).ok());
    CHECK(wire.exchanges.back().error == "trust.revoked");
  }
  CHECK(sync_up(tree, met, district).events_received == 2);
  BundleLedger ledger(district.device.store->core());
  CHECK(*ledger.devices_of(SmallTree::kVillage) == std::vector<Hash>{met.key->public_key()});
}

TEST_CASE(
    "Real databases: whom a hall certified itself it knows, whatever became of its own issuer") {
  SmallTree tree;
  SmallTree::Device province = tree.device(SmallTree::kProvince, 1);
  SmallTree::Device district = tree.device(SmallTree::kDistrict, 3);
  Hall hall(tree.certified_by(district, SmallTree::kCommune, 5));
  SmallTree::Device laptop = tree.certified_by(hall.device, SmallTree::kVillage, 11);
  Event event;
  event.actor = "Nguyễn Văn An, Phó chủ tịch";
  event.verb = "revoke";
  event.ops.push_back(revoke_op({district.key->public_key(), {}}));
  const Scope reference{SmallTree::kProvince, Channel::kReference};
  testing::write_one(*province.store, reference, event);
  testing::carry(*province.store, *hall.device.store, reference);
  Wire before;
  CHECK_FALSE(sync_up(tree, laptop, hall, before).ok());
  CHECK(before.exchanges.back().error == "trust.revoked");
  KeptTicket ticket;
  ticket.device = DeviceNo(11);
  ticket.unit = SmallTree::kVillage;
  TicketLedger ledger(hall.device.store->core());
  REQUIRE(ledger.add(ticket).ok());
  REQUIRE(ledger.use(ticket, laptop.key->public_key(), laptop.certificate.bytes).ok());
  household(*laptop.store, kVillage, "A");
  CHECK(sync_up(tree, laptop, hall).events_sent == 1);
  CHECK(sync_up(tree, laptop, hall).equal_at_start);
}

TEST_CASE("Real databases: a village without the tree of its units gets its ancestors' reference") {
  SmallTree tree;
  const UnitTree empty;
  SmallTree::Device village = tree.device(SmallTree::kVillage, 11);
  village.store->set_tree([&]() -> const UnitTree& { return empty; });
  Hall hall(tree.device(SmallTree::kCommune, 5));
  household(*hall.device.store, {SmallTree::kCommune, Channel::kReference}, "reference");
  Wire wire;
  REQUIRE(sync_up(tree, village, hall, wire).ok());
  // Held; it waits for the tree that says the author may write there.
  CHECK(*village.store->heads_digest({SmallTree::kCommune, Channel::kReference}) ==
        *hall.device.store->heads_digest({SmallTree::kCommune, Channel::kReference}));
}

namespace {

constexpr UnitNo kOther{3700006};

/// The village hangs below another commune of the district from this year on.
void move_village(SmallTree& tree) {
  UnitFact other = tree.tree.history(SmallTree::kCommune).back();
  other.unit = kOther;
  other.code = "14409";
  UnitFact moved = tree.tree.history(SmallTree::kVillage).back();
  moved.valid_from.day = 2;
  moved.parent = kOther;
  const std::vector<UnitFact> facts = {other, moved};
  tree.tree.add(facts);
}

}  // namespace

TEST_CASE("Real databases: a hall hands over what only it has of a village that left") {
  SmallTree tree;
  SmallTree::Device village = tree.device(SmallTree::kVillage, 11);
  Hall hall(tree.device(SmallTree::kCommune, 5));
  Hall district(tree.device(SmallTree::kDistrict, 3));
  const Dot dot = household(*village.store, kVillage, "Bùi Văn Quyết");
  household(*hall.device.store, kNeighbour, "Ở lại");
  sync_up(tree, village, hall);
  sync_up(tree, hall.device, district);
  set_head(*hall.device.store, dot, "Bùi Văn Quyền");  // known to nobody else
  move_village(tree);

  Wire cut;
  cut.cut_message = 9;  // the reply to the push, with the receipt
  cut.cut_after = 40;
  CHECK_FALSE(sync_up(tree, hall.device, district, cut).ok());
  REQUIRE(cut.exchanges.size() == 5);
  CHECK(*district.device.store->events_in(kVillage) == 2);
  CHECK(*hall.device.store->unsent_events() == 1);
  const SyncSummary again = sync_up(tree, hall.device, district);
  CHECK(again.segments_sent == 0);
  CHECK(*hall.device.store->unsent_events() == 0);

  // The village at its new hall has what the old one wrote; the old one hears no more of it.
  Hall other(tree.device(kOther, 6));
  sync_up(tree, other.device, district);
  set_head(*village.store, dot, "C");
  sync_up(tree, village, other);
  sync_up(tree, other.device, district);
  check_equal(village, district.device, kVillage);
  check_equal(other.device, district.device, kVillage);
  Wire wire;
  REQUIRE(sync_up(tree, hall.device, district, wire).ok());
  CHECK(wire.tail_bytes() == 0);
  CHECK(*hall.device.store->events_in(kVillage) == 2);
  check_equal(hall.device, district.device, kNeighbour);
}

TEST_CASE("Real databases: a district put back is sent again what a hall had of who left") {
  SmallTree tree;
  Hall hall(tree.device(SmallTree::kCommune, 5));
  Hall district(tree.device(SmallTree::kDistrict, 3));
  household(*hall.device.store, kVillage, "A");
  sync_up(tree, hall.device, district);
  move_village(tree);
  sync_up(tree, hall.device, district);
  CHECK(*hall.device.store->unsent_events() == 0);
  Hall back(tree.device(SmallTree::kDistrict, 3));
  const SyncSummary noticed = sync_up(tree, hall.device, back);
  CHECK(noticed.taken_back);
  CHECK(*back.device.store->events_in(kVillage) == 1);
  CHECK(*hall.device.store->unsent_events() == 0);
}

TEST_CASE("Real databases: nobody brings what was never his to read") {
  SmallTree tree;
  SmallTree::Device village = tree.device(SmallTree::kVillage, 11);
  Hall hall(tree.device(SmallTree::kCommune, 5));
  move_village(tree);
  CHECK(*hall.device.store->may_hand_over(kVillage, SmallTree::kCommune));
  CHECK(*hall.device.store->may_hand_over(kVillage, SmallTree::kVillage));
  CHECK_FALSE(*hall.device.store->may_hand_over(kNeighbour, SmallTree::kVillage));
  CHECK(*hall.device.store->may_hand_over(kVillage, kOther));
  CHECK_FALSE(*village.store->may_hand_over(kNeighbour, SmallTree::kNeighbour));
  const Scope reference{SmallTree::kVillage, Channel::kReference};
  CHECK_FALSE(*hall.device.store->may_hand_over(reference, SmallTree::kCommune));
}

TEST_CASE("Real databases: links cut at random go on, and nothing confirmed is lost or doubled") {
  SmallTree tree;
  SmallTree::Device village = tree.device(SmallTree::kVillage, 11);
  Hall hall(tree.device(SmallTree::kCommune, 5));
  SeededRandom random(5);
  std::uint64_t written = 0;
  for (int round = 0; round < 80; ++round) {
    household(*village.store, kVillage, "V" + std::to_string(round));
    household(*hall.device.store, kVillage, "H" + std::to_string(round));
    written += 2;
    if (random.below(5) == 0) tree.reopen(village);
    Wire wire;
    wire.cut_message = static_cast<int>(random.below(10));
    wire.cut_after = random.below(600);
    (void)sync_up(tree, village, hall, wire).ok();
    const auto sent = *hall.device.store->events_in(kVillage);
    CHECK(sent + *village.store->unsent_events() >= written);
  }
  sync_up(tree, village, hall);
  check_equal(village, hall.device, kVillage);
  CHECK(*village.store->events_in(kVillage) == written);
  CHECK(*village.store->unsent_events() == 0);
  CHECK(sync_up(tree, village, hall).equal_at_start);
}

TEST_CASE("Real databases: a hall put back to last night's copy gets everything again") {
  SmallTree tree;
  SmallTree::Device village = tree.device(SmallTree::kVillage, 11);
  Hall hall(tree.device(SmallTree::kCommune, 5));
  household(*village.store, kVillage, "monday");
  sync_up(tree, village, hall);
  Hall copy(tree.clone(hall.device));
  tree.reopen(village);
  household(*village.store, kVillage, "tuesday");
  household(*hall.device.store, kVillage, "lost with the hall, kept by the village");
  sync_up(tree, village, hall);
  CHECK(*village.store->unsent_events() == 0);
  household(*copy.device.store, kVillage, "wednesday, at the copy");
  sync_up(tree, village, copy);
  check_equal(village, copy.device, kVillage);
  CHECK(*copy.device.store->events_in(kVillage) == 4);
  CHECK(*village.store->unsent_events() == 0);
  CHECK(sync_up(tree, village, copy).equal_at_start);
}

}  // namespace
}  // namespace lalanh::test
