#include "shared/store/bundle_ledger.h"

#include "shared/event/revocation.h"
#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

TEST_CASE("sequences of bundles grow, whatever the clock does, and above what others have seen") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  BundleLedger ledger(laptop.store->core());
  const std::uint64_t first = must_have(ledger.next_sequence());
  CHECK(first == static_cast<std::uint64_t>(tree.clock.wall_ms / 1'000));
  CHECK(must_have(ledger.next_sequence()) == first + 1);
  tree.clock.wall_ms = -5'000;
  CHECK(must_have(ledger.next_sequence()) == first + 2);
  must_do(ledger.raise_sequence(first));  // lowers nothing
  must_do(ledger.raise_sequence(first + 100));
  CHECK(must_have(ledger.next_sequence()) == first + 101);
  must_do(ledger.raise_sequence((std::uint64_t{1} << 62U) - 1));  // nobody can use them up
  CHECK(must_have(ledger.next_sequence()) == first + 102);
}

TEST_CASE(
    "what a device said to hold is replaced as a whole, and an older sequence lowers nothing") {
  SmallTree tree;
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  BundleLedger ledger(hall.store->core());
  const Hash key{1};
  const Scope other{SmallTree::kCommune, Channel::kReference};
  CHECK(must_have(ledger.seen(key)) == 0);
  CHECK_FALSE(must_have(ledger.claimed(key, kVillageScope)).has_value());
  const Point point{{{1, 2, 3}}, 70'000, {{9, 8}}};
  const std::vector<Claim> claims = {{kVillageScope, {point}}, {other, {}}};
  must_do(ledger.note(key, 7, &claims));
  CHECK(must_have(ledger.claimed(key, kVillageScope)) == std::vector<Point>{point});
  CHECK(must_have(ledger.claimed(key, other))->empty());
  must_do(ledger.note(key, 5, nullptr));
  CHECK(must_have(ledger.seen(key)) == 7);
  const std::vector<Claim> next = {{other, {point}}};
  must_do(ledger.note(key, 8, &next));
  CHECK_FALSE(must_have(ledger.claimed(key, kVillageScope)).has_value());
  CHECK(must_have(ledger.seen(key)) == 8);
}

TEST_CASE("a unit's devices are those of every certificate that is here") {
  SmallTree tree;
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  SmallTree::Device one = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device two = tree.device(SmallTree::kVillage, 12);
  BundleLedger ledger(hall.store->core());
  CHECK(must_have(ledger.devices_of(SmallTree::kVillage)).empty());
  new_household(*one.store, "A");
  carry(*one.store, *hall.store, kVillageScope);
  must_do(hall.store->note_met(two.certificate));
  must_do(hall.store->note_met(two.certificate));
  CHECK(must_have(ledger.devices_of(SmallTree::kVillage)).size() == 2);
  CHECK(must_have(ledger.devices_of(SmallTree::kNeighbour)).empty());
  // Nobody certifies for a unit that is not below his own.
  const SmallTree::Device thief = tree.certified_by(one, SmallTree::kNeighbour, 66);
  must_do(hall.store->note_met(thief.certificate));
  CHECK(must_have(ledger.devices_of(SmallTree::kNeighbour)).empty());
  CHECK(must_have(ledger.devices_of(SmallTree::kVillage)).size() == 2);
  // A lost laptop: nothing more is sealed to it.
  Event event;
  event.actor = "Nguyễn Văn An, Phó chủ tịch";
  event.verb = "revoke";
  event.ops.push_back(revoke_op({one.key->public_key(), {}}));
  write_one(*hall.store, kVillageScope, event);
  CHECK(must_have(ledger.devices_of(SmallTree::kVillage)) ==
        std::vector<Hash>{two.key->public_key()});
}
