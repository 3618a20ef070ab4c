#include "shared/event/revocation.h"
#include "tests/unit/sync/bundle/world.h"

namespace lalanh::test {
namespace {

TEST_CASE(
    "A village without a link sends by stick, and sees on the next stick that it was received") {
  Commune c;
  for (int i = 0; i < 20; ++i) household(c.village.store(), kVillage, "Hộ " + std::to_string(i));
  household(c.hall.store(), kHallReference, "reference");
  const Bytes up = c.village.up();
  CHECK(c.village.unsent() == 20);
  const auto taken = must(c.hall.read(up));
  CHECK(taken.summary.events_received == 20);
  CHECK(taken.summary.refused == 0);
  CHECK_FALSE(taken.late);
  household(c.hall.store(), kVillage, "entered at the hall");
  const Bytes down = c.hall.down(SmallTree::kVillage);
  const auto back = must(c.village.read(down));
  CHECK(back.from_parent);
  CHECK(back.summary.events_received == 2);
  CHECK(back.segments_known == 0);  // what the village said to hold was left out
  CHECK(c.village.unsent() == 0);
  check_equal(c.village, c.hall, kVillage);
  check_equal(c.village, c.hall, kHallReference);
  CHECK(must(c.hall.store().core().db->integer("SELECT count(*) FROM contact")) == 1);
}

TEST_CASE("The next bundle up holds what was not receipted alone, and both sides come to rest") {
  Commune c;
  household(c.village.store(), kVillage, "one");
  REQUIRE(c.hall.read(c.village.up()).ok());
  REQUIRE(c.village.read(c.hall.down(SmallTree::kVillage)).ok());
  household(c.village.store(), kVillage, "two");
  const auto taken = must(c.hall.read(c.village.up()));
  CHECK(taken.info.events == 1);
  CHECK(taken.summary.events_received == 1);
  REQUIRE(c.village.read(c.hall.down(SmallTree::kVillage)).ok());
  CHECK(must(c.hall.read(c.village.up())).info.segments == 0);
  CHECK(must(c.village.read(c.hall.down(SmallTree::kVillage))).info.segments == 0);
  check_equal(c.village, c.hall, kVillage);
}

TEST_CASE("By stick or by hand: the same segments and the same digest") {
  Commune c;
  Desk other{c.tree, c.tree.device(SmallTree::kCommune, 6)};
  const Dot dot = household(c.village.store(), kVillage, "one");
  testing::write_one(
      c.village.store(), kVillage,
      testing::set_event(c.village.store(), kVillage, dot, "head", Value::text("two")));
  REQUIRE(c.hall.read(c.village.up()).ok());
  testing::carry(c.village.store(), other.store(), kVillage);
  check_equal(c.hall, other, kVillage);
}

TEST_CASE("Two laptops of a village: a bundle down holds what either lacks, a third gets all") {
  Commune c;
  Desk second{c.tree, c.tree.device(SmallTree::kVillage, 13), &c.hall};
  Desk third{c.tree, c.tree.device(SmallTree::kVillage, 14), &c.hall};
  household(c.village.store(), kVillage, "A");
  household(second.store(), kVillage, "B");
  REQUIRE(c.hall.read(c.village.up()).ok());
  REQUIRE(c.hall.read(second.up()).ok());
  const Bytes down = c.hall.down(SmallTree::kVillage);
  CHECK(must(c.village.read(down)).summary.events_received == 1);
  CHECK(must(second.read(down)).summary.events_received == 1);
  CHECK(c.village.unsent() == 0);
  CHECK(second.unsent() == 0);
  CHECK(third.read(down).error().name() == "bundle.not_for_us");  // nobody had heard of it
  REQUIRE(c.hall.read(third.up()).ok());
  CHECK(must(third.read(c.hall.down(SmallTree::kVillage))).summary.events_received == 2);
  check_equal(third, c.hall, kVillage);
}

TEST_CASE("Bundles doubled and out of order change nothing beyond the first") {
  Commune c;
  std::vector<Bytes> up;
  for (int i = 0; i < 4; ++i) {
    household(c.village.store(), kVillage, "Hộ " + std::to_string(i));
    if (i % 2 == 0) c.village.reopen();
    up.push_back(c.village.up());
  }
  for (const std::size_t i : {3, 0, 2, 1, 1, 3, 0}) {
    const auto taken = must(c.hall.read(up[i]));
    CHECK(taken.summary.refused == 0);
    CHECK(taken.late == (i != 3));
  }
  check_equal(c.village, c.hall, kVillage);
  CHECK(must(c.hall.store().events_in(kVillage)) == 4);
  REQUIRE(c.village.read(c.hall.down(SmallTree::kVillage)).ok());
  CHECK(c.village.unsent() == 0);
}

TEST_CASE("A late bundle lowers no claim and takes back no receipt") {
  Commune c;
  household(c.village.store(), kVillage, "one");
  const Bytes old_up = c.village.up();
  REQUIRE(c.hall.read(old_up).ok());
  const Bytes old_down = c.hall.down(SmallTree::kVillage);
  household(c.village.store(), kVillage, "two");
  REQUIRE(c.hall.read(c.village.up()).ok());
  REQUIRE(c.village.read(c.hall.down(SmallTree::kVillage)).ok());
  CHECK(c.village.unsent() == 0);
  CHECK(must(c.hall.read(old_up)).late);
  CHECK(must(c.village.read(old_down)).late);
  CHECK(c.village.unsent() == 0);
  CHECK(must(c.village.read(c.hall.down(SmallTree::kVillage))).info.segments == 0);
}

TEST_CASE("A hall put back to last night's copy is found out by stick, and gets everything again") {
  Commune c;
  household(c.village.store(), kVillage, "monday");
  REQUIRE(c.hall.read(c.village.up()).ok());
  REQUIRE(c.village.read(c.hall.down(SmallTree::kVillage)).ok());
  Desk copy{c.tree, c.tree.clone(c.hall.device)};
  c.village.reopen();
  household(c.village.store(), kVillage, "tuesday");
  REQUIRE(c.hall.read(c.village.up()).ok());
  REQUIRE(c.village.read(c.hall.down(SmallTree::kVillage)).ok());
  CHECK(c.village.unsent() == 0);
  // The copy's sequence is lower and its clock no help: it hears of it in the next bundle up.
  copy.tree.clock.wall_ms -= 400LL * 86'400'000;
  REQUIRE(copy.read(c.village.up()).ok());
  REQUIRE(c.village.read(copy.down(SmallTree::kVillage)).ok());
  CHECK(c.village.unsent() == 1);
  REQUIRE(copy.read(c.village.up()).ok());
  REQUIRE(c.village.read(copy.down(SmallTree::kVillage)).ok());
  CHECK(c.village.unsent() == 0);
  check_equal(c.village, copy, kVillage);
}

TEST_CASE("A laptop put back to an old copy gets again what it lost") {
  Commune c;
  household(c.village.store(), kVillage, "monday");
  REQUIRE(c.hall.read(c.village.up()).ok());
  REQUIRE(c.village.read(c.hall.down(SmallTree::kVillage)).ok());
  Desk copy{c.tree, c.tree.clone(c.village.device), &c.hall};
  c.village.reopen();
  household(c.village.store(), kVillage, "tuesday");
  household(c.hall.store(), kVillage, "at the hall");
  REQUIRE(c.hall.read(c.village.up()).ok());
  REQUIRE(c.village.read(c.hall.down(SmallTree::kVillage)).ok());
  REQUIRE(c.hall.read(c.village.up()).ok());
  c.tree.clock.wall_ms -= 400LL * 86'400'000;
  for (int i = 0; i < 2; ++i) {
    REQUIRE(c.hall.read(copy.up()).ok());
    REQUIRE(copy.read(c.hall.down(SmallTree::kVillage)).ok());
  }
  check_equal(copy, c.hall, kVillage);
  CHECK(must(copy.store().events_in(kVillage)) == 3);
}

TEST_CASE("Take-back by stick yields to what the parent said later by the network") {
  Commune c;
  household(c.village.store(), kVillage, "one");
  REQUIRE(c.hall.read(c.village.up()).ok());
  const Bytes monday = c.hall.down(SmallTree::kVillage);
  household(c.village.store(), kVillage, "two");
  // Tuesday's sync by the network.
  testing::carry(c.village.store(), c.hall.store(), kVillage);
  const auto tips = must(c.village.store().tips(kVillage));
  const ReceiptPoint said{kVillage, tips[0]};
  const TimeMs now = c.tree.clock.now();
  REQUIRE(c.village.store().note_parent_time(now).ok());
  REQUIRE(c.village.store().keep_receipt({&said, 1}, now, as_bytes("signed")).ok());
  CHECK(c.village.unsent() == 0);
  REQUIRE(c.village.read(monday).ok());
  CHECK(c.village.unsent() == 0);
}

TEST_CASE("A neighbour's records are never in a bundle down, nor taken from a bundle up") {
  Commune c;
  household(c.neighbour.store(), kNeighbour, "CANARY");
  household(c.village.store(), kVillage, "A");
  REQUIRE(c.hall.read(c.neighbour.up()).ok());
  REQUIRE(c.hall.read(c.village.up()).ok());
  const auto taken = must(c.village.read(c.hall.down(SmallTree::kVillage)));
  CHECK(taken.info.segments == 0);
  CHECK(must(c.village.store().events_in(kNeighbour)) == 0);
}

/// A bundle of the village's with what another says in it.
Bytes forged(Commune& c, const KeyPair& key, const Certificate& certificate, UnitNo unit,
             const Bytes& segment) {
  sync::BundleHead head;
  head.certificate = certificate.bytes;
  head.readers = {c.hall.device.key->public_key()};
  const Bytes bytes = encode(head);
  sync::BundleFront front;
  front.writer = unit;
  front.sequence = 9;
  front.file_bytes = sync::bundle_file_bytes(1, bytes.size(), 1, segment.size());
  MemorySink sink;
  sync::BundleWriter writer(sink);
  REQUIRE(writer.begin(front, head.readers, bytes, c.tree.random).ok());
  REQUIRE(writer.add(segment).ok());
  REQUIRE(writer.end(key).ok());
  return sink.held;
}

TEST_CASE(
    "Segments of scopes that a child may not read are refused by name, and the rest goes on") {
  Commune c;
  household(c.neighbour.store(), kNeighbour, "not the village's");
  REQUIRE(c.neighbour.store().seal().ok());
  const auto refs = must(c.neighbour.store().missing(kNeighbour, {}));
  REQUIRE(refs.size() == 1);
  const Bytes segment = must(c.neighbour.store().segment_bytes(refs[0].ordinal));
  const auto taken = must(c.hall.read(forged(c, *c.village.device.key, c.village.device.certificate,
                                             SmallTree::kVillage, segment)));
  CHECK(taken.summary.refused == 1);
  REQUIRE(taken.summary.refusals.size() == 1);
  CHECK(taken.summary.refusals[0].error == "trust.not_readable");
  CHECK(must(c.hall.store().events_in(kNeighbour)) == 0);
  const auto rubbish = must(c.hall.read(forged(
      c, *c.village.device.key, c.village.device.certificate, SmallTree::kVillage, {1, 2, 3})));
  CHECK(rubbish.summary.refused == 1);
}

TEST_CASE("A bundle of one certified for more than his issuer's unit brings and says nothing") {
  Commune c;
  household(c.neighbour.store(), kNeighbour, "the neighbour's own");
  REQUIRE(c.neighbour.store().seal().ok());
  const auto refs = must(c.neighbour.store().missing(kNeighbour, {}));
  const Bytes segment = must(c.neighbour.store().segment_bytes(refs.at(0).ordinal));
  const auto thief = c.tree.certified_by(c.village.device, SmallTree::kNeighbour, 66);
  const auto taken =
      must(c.hall.read(forged(c, *thief.key, thief.certificate, SmallTree::kNeighbour, segment)));
  CHECK(taken.summary.refusals.at(0).error == "trust.not_readable");
  Database& db = *c.hall.store().core().db;
  for (const char* table : {"bundle_peer", "contact", "segment"}) {
    CHECK(must(db.integer(std::string("SELECT count(*) FROM ") + table)) == 0);
  }
  CHECK_FALSE(c.hall.store().known_certificate(thief.certificate.id));
}

TEST_CASE("A bundle is no meeting with whom a revoked server's key certified") {
  SmallTree tree;
  const SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  Desk district(tree, tree.device(SmallTree::kDistrict, 3));
  Desk met(tree, tree.certified_by(hall, SmallTree::kVillage, 11), &district);
  Desk thief(tree, tree.certified_by(hall, SmallTree::kVillage, 66), &district);
  SmallTree::Device province = tree.device(SmallTree::kProvince, 1);
  REQUIRE(district.read(met.up()).ok());
  Event event;
  event.actor = "Nguyễn Văn An, Phó chủ tịch";
  event.verb = "revoke";
  event.ops.push_back(revoke_op({hall.key->public_key(), {}}));
  const Scope reference{SmallTree::kProvince, Channel::kReference};
  testing::write_one(*province.store, reference, event);
  testing::carry(*province.store, district.store(), reference);
  household(thief.store(), kVillage, "late");
  CHECK(must(district.read(thief.up())).segments_taken == 1);
  CHECK(must(district.ledger->seen(thief.device.key->public_key())) == 0);
  CHECK_FALSE(must(district.store().met(thief.device.certificate)));
  const std::vector<Hash> readers = {met.device.key->public_key()};
  CHECK(must(district.ledger->devices_of(SmallTree::kVillage)) == readers);
  CHECK(must(met.read(district.down(SmallTree::kVillage))).segments_taken == 2);
}

TEST_CASE("A bundle under another root, another's signature or another's unit is refused by name") {
  Commune c;
  household(c.village.store(), kVillage, "one");
  const KeyPair root = KeyPair::make(c.tree.random);
  CertificateLink link = c.village.device.certificate.device();
  const Certificate foreign = issue_root(root, link);
  const auto refused = [&](const Bytes& bytes) { return c.hall.read(bytes).error().name(); };
  const Certificate& own = c.village.device.certificate;
  CHECK(refused(forged(c, *c.village.device.key, foreign, SmallTree::kVillage, {1})) ==
        "trust.bad_certificate");
  CHECK(refused(forged(c, *c.neighbour.device.key, own, SmallTree::kVillage, {1})) ==
        "format.bad_signature");
  CHECK(refused(forged(c, *c.village.device.key, own, SmallTree::kNeighbour, {1})) ==
        "bundle.altered");
  CHECK(must(c.hall.store().core().db->integer("SELECT count(*) FROM bundle_peer")) == 0);
}

TEST_CASE("A bundle opens for the parent, those above it and its writer, and for nobody else") {
  Commune c;
  household(c.village.store(), kVillage, "one");
  const Bytes up = c.village.up();
  CHECK(c.neighbour.read(up).error().name() == "bundle.not_for_us");
  CHECK(must(c.village.read(up)).own);
  // The chain's keys are of servers that are not played here: as many boxes as the certificate
  // says.
  MemorySource source(up);
  CHECK(must(sync::read_front(source)).boxes.size() ==
        c.village.device.certificate.chain.size() - 1 + 2);
}

TEST_CASE("A bundle for nobody, for another's unit or for the top is not written") {
  Commune c;
  const auto name = [](Result<std::vector<Bytes>> made) { return made.error().name(); };
  CHECK(name(c.hall.write({Direction::kDown, SmallTree::kNeighbour})) == "bundle.no_reader");
  CHECK(name(c.hall.write({Direction::kDown, SmallTree::kDistrict})) == "register.not_here");
  CHECK(name(c.village.write({Direction::kDown, SmallTree::kNeighbour})) == "register.not_here");
  CHECK(name(c.hall.write({})) == "sync.is_top");
}

}  // namespace
}  // namespace lalanh::test
