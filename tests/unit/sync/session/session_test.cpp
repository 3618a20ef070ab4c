#include <catch2/catch.hpp>

#include "tests/unit/sync/session/world.h"

namespace lalanh::test {
namespace {

TEST_CASE("An idle sync is one round trip of at most 400 bytes with the HTTP lines counted") {
  World world;
  world.a.store->write(kRecordsA, "household 1");
  REQUIRE(sync_with_hall(world, world.a).ok());
  sync::SyncServer server = world.server();
  Wire wire;
  const auto summary = sync_with_hall(world, world.a, server, wire);
  REQUIRE(summary.ok());
  CHECK(summary->equal_at_start);
  CHECK(summary->round_trips == 1);
  REQUIRE(wire.exchanges.size() == 1);
  const std::string request_lines =
      "POST /s/open HTTP/1.1\r\nHost: 192.168.100.100:8443\r\nContent-Length: " +
      std::to_string(wire.exchanges[0].request.size()) + "\r\n\r\n";
  const std::string reply_lines =
      "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nConnection: Keep-Alive\r\n"
      "Content-Length: " +
      std::to_string(wire.exchanges[0].reply.size()) + "\r\n\r\n";
  CHECK(wire.exchanges[0].request.size() == 139);
  CHECK(wire.exchanges[0].reply.size() == 22);
  const std::size_t request = request_lines.size() + wire.exchanges[0].request.size();
  const std::size_t reply = reply_lines.size() + wire.exchanges[0].reply.size();
  CHECK(request == 213);
  CHECK(reply == 122);
  CHECK(request + reply <= 400);
}

TEST_CASE("A first sync brings a village's events up and the reference channel down") {
  World world;
  for (int i = 0; i < 5; ++i) {
    world.a.store->write(kRecordsA, "household " + std::to_string(i));
    world.a.store->new_epoch();
  }
  world.hall.store->write(kHallReference, "rule pack");
  world.hall.store->write(kRecordsA, "a correction by the hall");
  const auto summary = sync_with_hall(world, world.a);
  REQUIRE(summary.ok());
  CHECK(same(world, world.a));
  CHECK(summary->segments_sent == 5);
  CHECK(summary->events_sent == 5);
  CHECK(summary->segments_received == 2);
  CHECK(summary->events_received == 2);
  CHECK(summary->parent_time == kNow);
  CHECK(world.a.store->data.parent_time == kNow);
  CHECK(world.hall.store->data.contacts == 1);
  CHECK(world.a.store->unreceipted(kRecordsA)->empty());
  CHECK(world.a.store->known == 0);
  CHECK(world.hall.store->known == 0);
}

TEST_CASE("Both sides edit, evening after evening, and nothing is sent twice") {
  World world;
  for (int day = 0; day < 12; ++day) {
    world.a.store->write(kRecordsA, "village " + std::to_string(day));
    world.hall.store->write(kRecordsA, "hall " + std::to_string(day));
    world.hall.store->write(kHallReference, "note " + std::to_string(day));
    world.b.store->write(kRecordsB, "neighbour " + std::to_string(day));
    REQUIRE(sync_with_hall(world, world.b).ok());
    sync::SyncServer server = world.server();
    Wire wire;
    const auto summary = sync_with_hall(world, world.a, server, wire);
    REQUIRE(summary.ok());
    CHECK(same(world, world.a));
    CHECK(same(world, world.b));
    CHECK(summary->round_trips <= (day == 0 ? 6 : 4));
    world.a.store->new_epoch();
    world.hall.store->new_epoch();
  }
  CHECK(world.a.store->known + world.b.store->known == 0);
  CHECK(world.hall.store->known == 0);
  CHECK(world.a.store->events(kRecordsB) == 0);
}

TEST_CASE("Two laptops of one village meet through the hall") {
  World world;
  Device second{seeded_key(9), nullptr};
  second.store = world.village(world.commune(), second.key, DeviceNo{9}, kVillageA);
  world.a.store->write(kRecordsA, "first laptop");
  second.store->write(kRecordsA, "second laptop");
  REQUIRE(sync_with_hall(world, world.a).ok());
  REQUIRE(sync_with_hall(world, second).ok());
  REQUIRE(sync_with_hall(world, world.a).ok());
  CHECK(world.a.store->events(kRecordsA) == 2);
  CHECK(same(world, world.a));
  CHECK(same(world, second));
  CHECK(sync_with_hall(world, world.a)->equal_at_start);
}

TEST_CASE("A sync that is larger than one message takes several, each within its size") {
  World world;
  for (int i = 0; i < 60; ++i) {
    world.a.store->write(kRecordsA, std::string(3'000, 'a') + std::to_string(i));
    world.hall.store->write(kRecordsA, std::string(3'000, 'h') + std::to_string(i));
    REQUIRE(world.a.store->seal().ok());
    REQUIRE(world.hall.store->seal().ok());
  }
  sync::ClientOptions options = world.options();
  options.wanted_bytes = 16 * 1'024;
  sync::ClientSession session(*world.a.store, world.a.key, world.random, options);
  sync::SyncServer server = world.server();
  Wire wire;
  std::uint64_t total = 0;
  wire.on_reply = [&](std::size_t, Bytes&) {
    const SyncProgress& p = session.progress();
    CHECK(p.received_bytes <= (std::max)(p.receive_total_bytes, p.received_bytes));
    total = (std::max)(total, p.receive_total_bytes);
  };
  const auto summary = run(session, server, wire);
  REQUIRE(summary.ok());
  CHECK(same(world, world.a));
  CHECK(wire.exchanges.size() > 6);
  for (const Wire::Exchange& e : wire.exchanges) {
    CHECK(e.request.size() <= limits::kPushBytesMax + 4'096);
    CHECK(e.reply.size() <= limits::kPushBytesMax + 4'096);
  }
  CHECK(session.progress().received_bytes == total);
  CHECK(session.progress().sent_bytes == session.progress().send_total_bytes);
  CHECK(summary->segments_received == 60);
  CHECK(summary->segments_sent == 60);
  CHECK(world.a.store->known + world.hall.store->known == 0);
}

TEST_CASE("A push that unfolds to much is taken in turns, and what is beyond them is sent again") {
  World world;
  const std::size_t segments = limits::kTakesMax + 8;
  for (std::size_t i = 0; i < segments; ++i) {
    world.a.store->write(kRecordsA, "household " + std::to_string(i));
    REQUIRE(world.a.store->seal().ok());
  }
  world.hall.store->take_most = 1;
  std::size_t turns = 0;
  sync::ServerOptions options{"0.1.0", scope_of_fake};
  options.unlocked = [&](const std::function<void()>& work) {
    ++turns;
    work();
  };
  sync::SyncServer server(*world.hall.store, world.hall.key, options);
  Wire wire;
  const auto summary = sync_with_hall(world, world.a, server, wire);
  REQUIRE(summary.ok());
  CHECK(same(world, world.a));
  CHECK(summary->refused == 0);
  CHECK(summary->segments_sent == segments);
  CHECK(turns == segments);  // others had the lock before each
  CHECK(world.hall.store->known == 0);
}

TEST_CASE("A request whose points would be looked up for hours is refused") {
  World world;
  for (int i = 0; i < 3; ++i) {
    world.a.store->new_epoch();
    world.a.store->write(kRecordsA, "household " + std::to_string(i));
  }
  REQUIRE(sync_with_hall(world, world.a).ok());
  world.a.store->write(kRecordsA, "another");
  world.hall.store->read_for_point = limits::kPointsMemoryMax + 1;
  Wire wire;
  sync::SyncServer server = world.server();
  REQUIRE_FALSE(sync_with_hall(world, world.a, server, wire).ok());
  CHECK(wire.exchanges.back().error == "format.limit");
  world.hall.store->read_for_point = limits::kPointsMemoryMax / 16;
  CHECK(sync_with_hall(world, world.a).ok());
  CHECK(same(world, world.a));
}

TEST_CASE("A slow link makes messages smaller, down to the least") {
  World world;
  for (int i = 0; i < 40; ++i) {
    world.a.store->write(kRecordsA, std::string(5'000, 'x') + std::to_string(i));
    REQUIRE(world.a.store->seal().ok());
  }
  sync::ClientSession session(*world.a.store, world.a.key, world.random, world.options());
  sync::SyncServer server = world.server();
  std::size_t last = 0;
  while (true) {
    auto request = session.next();
    REQUIRE(request.ok());
    if (!*request) break;
    auto reply = server.handle((*request)->path, (*request)->body, true, kNow);
    if (!reply.ok()) {
      REQUIRE(session.on_error_reply(reply.error().name(), {}).ok());
      continue;
    }
    if ((*request)->path == "/s/push") last = (*request)->body.size();
    REQUIRE(session.on_reply(*reply, 60'000).ok());
  }
  CHECK(session.result().ok());
  CHECK(same(world, world.a));
  CHECK(last < limits::kPushBytesMin + 1'024);
}

TEST_CASE("A receipt whose reply was lost is asked for by the next sync, and then no more") {
  World world;
  world.a.store->write(kRecordsA, "household");
  REQUIRE(sync_with_hall(world, world.a).ok());
  world.a.store->data.receipts.clear();
  auto again = sync_with_hall(world, world.a);
  REQUIRE(again.ok());
  CHECK(again->equal_at_start);
  CHECK(again->round_trips == 2);
  CHECK(world.a.store->unreceipted(kRecordsA)->empty());
  CHECK(sync_with_hall(world, world.a)->round_trips == 1);
}

TEST_CASE("A server put back to an older copy gets everything again, and receipts are taken back") {
  World world;
  world.a.store->write(kRecordsA, "monday");
  REQUIRE(sync_with_hall(world, world.a).ok());
  const FakeStore::Data copy = world.hall.store->data;
  for (const char* day : {"tuesday", "wednesday", "thursday"}) {
    world.a.store->new_epoch();
    world.a.store->write(kRecordsA, day);
    REQUIRE(sync_with_hall(world, world.a).ok());
  }
  world.hall.store->data = copy;
  world.hall.store->data.epoch += 100;
  SECTION("with nothing new of its own") {}
  SECTION("with work of its own since") {
    world.hall.store->write(kRecordsA, "hall");
    world.hall.store->write(kHallReference, "hall");
  }
  SECTION("put back to nothing at all") {
    const auto certificates = world.hall.store->data.certificates;
    world.hall.store->data = {};
    world.hall.store->data.certificates = certificates;
    world.hall.store->data.epoch = 1'000;
  }
  const auto summary = sync_with_hall(world, world.a);
  REQUIRE(summary.ok());
  CHECK(world.a.store->take_backs == 1);
  CHECK(world.hall.store->events(kRecordsA) == world.a.store->events(kRecordsA));
  CHECK(same(world, world.a));
  CHECK(world.a.store->unreceipted(kRecordsA)->empty());
  CHECK(world.a.store->known == 0);
  CHECK(sync_with_hall(world, world.a)->equal_at_start);
}

TEST_CASE("A child put back to an older copy gets its lost events again") {
  World world;
  world.a.store->write(kRecordsA, "monday");
  REQUIRE(sync_with_hall(world, world.a).ok());
  const FakeStore::Data copy = world.a.store->data;
  world.a.store->new_epoch();
  world.a.store->write(kRecordsA, "tuesday");
  REQUIRE(sync_with_hall(world, world.a).ok());
  world.a.store->data = copy;
  world.a.store->data.epoch = 77;
  world.a.store->write(kRecordsA, "tuesday, by the old copy");
  REQUIRE(sync_with_hall(world, world.a).ok());
  CHECK(same(world, world.a));
  CHECK(world.a.store->events(kRecordsA) == 3);
}

TEST_CASE("A long line that the server knows in part is sent from near where it parts") {
  World world;
  for (int i = 0; i < 64; ++i) {
    world.a.store->write(kRecordsA, "evening " + std::to_string(i));
    if (i == 40) REQUIRE(sync_with_hall(world, world.a).ok());
    world.a.store->new_epoch();
  }
  world.a.store->data.receipts.clear();
  world.hall.store->write(kRecordsA, "hall");
  Wire wire;
  sync::SyncServer server = world.server();
  const auto summary = sync_with_hall(world, world.a, server, wire);
  REQUIRE(summary.ok());
  CHECK(same(world, world.a));
  // Points 1, 2, 4, 8, 16, 32 back: the server knows the last, nine evenings before it parts.
  CHECK(world.a.store->known <= 32);
  CHECK(world.hall.store->known <= 32);
}

TEST_CASE("A refused segment blocks neither its scope nor others, and is named") {
  World world;
  SECTION("by the server") {
    world.a.store->write(kRecordsA, "not allowed");
    world.a.store->new_epoch();
    world.a.store->write(kRecordsA, "after it in the line: waits");
    Device second{seeded_key(9), nullptr};
    second.store = world.village(world.commune(), second.key, DeviceNo{9}, kVillageA);
    second.store->write(kRecordsA, "another stream");
    REQUIRE(second.store->seal().ok());
    REQUIRE(world.a.store->take_in({{second.store->sealed_bytes_of(0)}}).ok());
    const auto summary = sync_with_hall(world, world.a);
    REQUIRE(summary.ok());
    CHECK(world.hall.store->events(kRecordsA) == 1);
    REQUIRE(summary->refused == 1);
    CHECK(summary->refusals[0].error == "trust.not_allowed");
    CHECK(summary->refusals[0].by_parent);
    CHECK(summary->refusals[0].scope == kRecordsA);
    CHECK(world.a.store->unreceipted(kRecordsA)->size() == 1);
  }
  SECTION("by the client") {
    world.hall.store->write(kRecordsA, "not allowed");
    world.hall.store->write(kHallReference, "fine");
    world.a.store->write(kRecordsA, "fine");
    const auto summary = sync_with_hall(world, world.a);
    REQUIRE(summary.ok());
    CHECK(world.a.store->events(kHallReference) == 1);
    CHECK(world.hall.store->events(kRecordsA) == 2);
    REQUIRE(summary->refused == 1);
    CHECK_FALSE(summary->refusals[0].by_parent);
    const auto again = sync_with_hall(world, world.a);
    REQUIRE(again.ok());
    CHECK(again->round_trips <= 6);
  }
}

}  // namespace
}  // namespace lalanh::test
