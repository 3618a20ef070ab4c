// What the tiers above hold, servers that were put back, and machines that were revoked.
#include "sync/session/above.h"

#include <catch2/catch.hpp>

#include "tests/unit/sync/session/world.h"

namespace lalanh::test {
namespace {

TEST_CASE("A revoked machine gets no session, by name") {
  World world;
  world.a.store->write(kRecordsA, "entry");
  world.hall.store->revoked_keys.insert(world.a.key.public_key());
  CHECK(sync_with_hall(world, world.a).error().name() == "trust.revoked");
  CHECK(world.hall.store->events(kRecordsA) == 0);
  CHECK(sync_with_hall(world, world.b).ok());
}

TEST_CASE("Who was certified by a revoked server is met no more, unless he was met before") {
  World world;
  REQUIRE(sync_with_hall(world, world.a).ok());
  world.hall.store->revoked_keys.insert(world.hall.key.public_key());
  CHECK(sync_with_hall(world, world.a).ok());
  CHECK(sync_with_hall(world, world.b).error().name() == "trust.revoked");
}

TEST_CASE("A server that has compared nothing takes in, but gives no receipt") {
  World world;
  sync::SyncServer server = world.server();
  world.a.store->write(kRecordsA, "entry");
  Wire wire;
  // Started anew between the child's question and its push: nothing was compared since.
  wire.on_reply = [&](std::size_t index, Bytes&) {
    if (wire.exchanges[index].path == "/s/differ") world.hall.store->compared_heads = false;
  };
  REQUIRE(sync_with_hall(world, world.a, server, wire).ok());
  CHECK(world.hall.store->events(kRecordsA) == 1);
  CHECK_FALSE(*world.a.store->all_receipted(kRecordsA));
  Wire next;
  REQUIRE(sync_with_hall(world, world.a, server, next).ok());
  CHECK(world.hall.store->compared_heads);
  CHECK(*world.a.store->all_receipted(kRecordsA));
}

TEST_CASE("What the tiers above hold is asked for once, whenever it has changed") {
  World world;
  sync::SyncServer server = world.server();
  world.a.store->write(kRecordsA, "entry");
  Wire first;
  REQUIRE(sync_with_hall(world, world.a, server, first).ok());
  CHECK(first.exchanges.back().path != "/s/above");
  world.hall.store->told_version = 7;
  world.hall.store->tells = {{Rank{4}, kNow, {}}};
  Wire second;
  REQUIRE(sync_with_hall(world, world.a, server, second).ok());
  CHECK(second.exchanges.back().path == "/s/above");
  REQUIRE(world.a.store->told.size() == 1);
  CHECK(world.a.store->told[0].rank == Rank{4});
  CHECK(world.a.store->told[0].points.size() == 1);
  CHECK(world.a.store->seen_version == 7);
  Wire third;
  REQUIRE(sync_with_hall(world, world.a, server, third).ok());
  CHECK(third.exchanges.size() == 1);
}

TEST_CASE("A word about tiers above is the parent's, whole and unchanged") {
  World world;
  const sync::AboveWord word{
      world.commune().id, Rank{3}, kNow, {{kRecordsA, {WriterId{{1, 2}}, 5, {9}}}}};
  const Bytes bytes = sync::make_above(word, world.hall.key);
  const auto read = sync::read_above(bytes, world.hall.key.public_key());
  REQUIRE(read.ok());
  CHECK(read->rank == Rank{3});
  CHECK(read->points.at(0).point == word.points[0].point);
  CHECK(sync::read_above(bytes, world.a.key.public_key()).error().name() == "format.bad_signature");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes bad = bytes;
    bad[i] ^= 1U;
    CHECK_FALSE(sync::read_above(bad, world.hall.key.public_key()).ok());
    CHECK_FALSE(sync::read_above(ByteView(bytes).first(i), world.hall.key.public_key()).ok());
  }
}

}  // namespace
}  // namespace lalanh::test
