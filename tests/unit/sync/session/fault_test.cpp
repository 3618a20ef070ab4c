#include <catch2/catch.hpp>

#include "tests/unit/sync/session/world.h"

namespace lalanh::test {
namespace {

/// A village and a hall with something to say to each other, in two streams each.
struct SmallSync {
  World world;
  FakeStore::Data village;
  FakeStore::Data hall;

  SmallSync() {
    world.a.store->write(kRecordsA, "first");
    world.a.store->write(kRecordsA, "second");
    world.a.store->new_epoch();
    world.a.store->write(kRecordsA, "third");
    CHECK(world.a.store->seal().ok());
    world.hall.store->write(kHallReference, "rule pack");
    world.hall.store->write(kRecordsA, "a correction");
    world.hall.store->new_epoch();
    CHECK(world.hall.store->note_met(world.a.store->own_certificate()).ok());
    village = world.a.store->data;
    hall = world.hall.store->data;
  }
  void put_back() {
    world.a.store->data = village;
    world.hall.store->data = hall;
    world.a.store->known = world.hall.store->known = 0;
  }
};

TEST_CASE("A sync cut at any byte of any message goes on there, and sends nothing twice") {
  SmallSync small;
  World& world = small.world;
  Wire whole;
  sync::SyncServer first = world.server();
  REQUIRE(sync_with_hall(world, world.a, first, whole).ok());
  const std::size_t segment_bytes = whole.tail_bytes();
  int cuts = 0;
  int resumed = 0;
  for (std::size_t message = 0; message < 2 * whole.exchanges.size(); ++message) {
    const Wire::Exchange& exchange = whole.exchanges[message / 2];
    const std::size_t size = message % 2 == 0 ? exchange.request.size() : exchange.reply.size();
    for (std::size_t at = 0; at < size; ++at) {
      small.put_back();
      sync::SyncServer server = world.server();
      Wire cut;
      cut.cut_message = static_cast<int>(message);
      cut.cut_after = at;
      const auto broken = sync_with_hall(world, world.a, server, cut);
      Wire next;
      const auto summary = sync_with_hall(world, world.a, server, next);
      const std::size_t sent = cut.tail_bytes() + next.tail_bytes();
      ++cuts;
      for (const auto& [from, halves] : world.hall.store->data.halves) resumed += halves.empty();
      const bool good = !broken.ok() && broken.error().name() == "sync.cut" && summary.ok() &&
                        same(world, world.a) && sent == segment_bytes &&
                        world.a.store->known == 0 && world.hall.store->known == 0 &&
                        world.a.store->unreceipted(kRecordsA)->empty();
      if (!good) {
        CAPTURE(message, at, sent, segment_bytes, world.a.store->known, world.hall.store->known);
        REQUIRE(good);
      }
    }
  }
  CHECK(cuts > 1'000);
  CHECK(resumed > 100);
}

TEST_CASE(
    "Requests delivered twice are refused, and replies delivered twice end the sync unharmed") {
  SmallSync small;
  World& world = small.world;
  sync::SyncServer server = world.server();
  Wire wire;
  REQUIRE(sync_with_hall(world, world.a, server, wire).ok());
  const FakeStore::Data before = world.hall.store->data;
  for (const Wire::Exchange& exchange : wire.exchanges) {
    const auto again = server.handle(exchange.path, exchange.request, true, kNow);
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().name() == "trust.replayed");
  }
  CHECK(world.hall.store->data.segments.size() == before.segments.size());
  CHECK(world.hall.store->data.contacts == before.contacts);
  // A server that started anew has forgotten the nonces: the calls have no effect.
  sync::SyncServer fresh = world.server();
  for (const Wire::Exchange& exchange : wire.exchanges) {
    CHECK(fresh.handle(exchange.path, exchange.request, true, kNow).ok());
  }
  CHECK(world.hall.store->data.segments.size() == before.segments.size());
  CHECK(same(world, world.a));
}

TEST_CASE("Replies of other moments or other calls in any order harm neither side") {
  SmallSync small;
  World& world = small.world;
  Wire whole;
  sync::SyncServer first = world.server();
  REQUIRE(sync_with_hall(world, world.a, first, whole).ok());
  SeededRandom random(7);
  for (int round = 0; round < 400; ++round) {
    small.put_back();
    sync::SyncServer server = world.server();
    Wire wire;
    wire.on_reply = [&](std::size_t, Bytes& reply) {
      if (random.below(3) == 0) reply = whole.exchanges[random.below(whole.exchanges.size())].reply;
    };
    (void)sync_with_hall(world, world.a, server, wire).ok();
    const auto summary = sync_with_hall(world, world.a);
    REQUIRE(summary.ok());
    REQUIRE(same(world, world.a));
    REQUIRE(world.a.store->events(kRecordsA) == 4);
  }
}

TEST_CASE("An altered byte anywhere in a request is refused, and what is whole stays") {
  SmallSync small;
  World& world = small.world;
  Wire whole;
  sync::SyncServer first = world.server();
  REQUIRE(sync_with_hall(world, world.a, first, whole).ok());
  for (const Wire::Exchange& exchange : whole.exchanges) {
    const std::size_t tail = sync::read_request(exchange.request)->tail.size();
    const std::size_t signed_end = exchange.request.size() - tail;
    for (std::size_t at = 0; at < exchange.request.size(); ++at) {
      small.put_back();
      sync::SyncServer server = world.server();
      Bytes altered = exchange.request;
      altered[at] = static_cast<std::uint8_t>(altered[at] ^ (1U << (at % 8)));
      const auto reply = server.handle(exchange.path, altered, true, kNow);
      if (at < signed_end) {
        REQUIRE_FALSE(reply.ok());
        REQUIRE(world.hall.store->data.segments.size() == small.hall.segments.size());
        REQUIRE(world.hall.store->data.contacts == 0);
      } else {
        REQUIRE(reply.ok());
        const auto push = sync::decode_push_reply(sync::read_reply(*reply)->head);
        int again = 0;
        for (const sync::Verdict& v : push->verdicts)
          again += v.kind == sync::Verdict::Kind::kAgain;
        REQUIRE(again == 1);
      }
    }
    Bytes longer = exchange.request;
    longer.push_back(0);
    sync::SyncServer server = world.server();
    CHECK_FALSE(server.handle(exchange.path, longer, true, kNow).ok());
    longer.resize(exchange.request.size() - 1);
    CHECK_FALSE(world.server().handle(exchange.path, longer, true, kNow).ok());
  }
}

TEST_CASE("A segment damaged on its way is sent once more in the same sync") {
  SmallSync small;
  World& world = small.world;
  sync::SyncServer server = world.server();
  sync::ClientSession session(*world.a.store, world.a.key, world.random, world.options());
  bool damaged = false;
  while (true) {
    auto request = session.next();
    REQUIRE(request.ok());
    if (!*request) break;
    Bytes body = (*request)->body;
    if ((*request)->path == "/s/push" && !damaged) {
      body.back() ^= 1U;
      damaged = true;
    }
    auto reply = server.handle((*request)->path, body, true, kNow);
    REQUIRE(reply.ok());
    REQUIRE(session.on_reply(*reply, 10).ok());
  }
  REQUIRE(damaged);
  CHECK(session.result()->refused == 0);
  CHECK(same(world, world.a));
}

TEST_CASE("A half that does not fit its whole is dropped, and the segment comes whole") {
  SmallSync small;
  World& world = small.world;
  const Bytes segment = world.a.store->sealed_bytes_of(0);
  const Bytes wrong(20, 0x55);
  REQUIRE(world.hall.store->keep_partial(DeviceNo{3}, sync::segment_digest(segment), wrong).ok());
  const Bytes down = world.hall.store->sealed_bytes_of(0);
  REQUIRE(world.a.store->keep_partial(sync::kParent, sync::segment_digest(down), wrong).ok());
  REQUIRE(sync_with_hall(world, world.a).ok());
  REQUIRE(sync_with_hall(world, world.a).ok());
  CHECK(same(world, world.a));
  CHECK(world.hall.store->partials(DeviceNo{3})->empty());
  CHECK(world.a.store->partials(sync::kParent)->empty());
}

TEST_CASE("A request of the head of which something is missing changes nothing") {
  SmallSync small;
  World& world = small.world;
  Wire whole;
  sync::SyncServer first = world.server();
  REQUIRE(sync_with_hall(world, world.a, first, whole).ok());
  const Wire::Exchange& push = whole.exchanges.back();
  REQUIRE(push.path == "/s/push");
  const std::size_t head_end = push.request.size() - sync::read_request(push.request)->tail.size();
  for (std::size_t at = 0; at < head_end; ++at) {
    small.put_back();
    sync::SyncServer server = world.server();
    const auto reply = server.handle("/s/push", ByteView(push.request).first(at), false, kNow);
    REQUIRE_FALSE(reply.ok());
    REQUIRE(reply.error().name() == "format.truncated");
    REQUIRE(world.hall.store->data.segments.size() == small.hall.segments.size());
  }
}

TEST_CASE("Busy and unknown answers end the sync with a typed error") {
  World world;
  const auto ended = [&](std::string_view name, std::optional<int> retry) {
    sync::ClientSession session(*world.a.store, world.a.key, world.random, world.options());
    REQUIRE(session.next().ok());
    CHECK_FALSE(session.on_error_reply(name, retry).ok());
    REQUIRE(session.ended());
    REQUIRE_FALSE(session.next()->has_value());
    return session.result().error();
  };
  CHECK(ended("sync.busy", 30).name() == "sync.busy");
  CHECK(ended("sync.busy", 30).value("seconds") == "30");
  CHECK(ended("trust.replayed", {}).name() == "sync.refused");
  CHECK(ended("", {}).name() == "sync.refused");
  sync::ClientSession session(*world.a.store, world.a.key, world.random, world.options());
  REQUIRE(session.next().ok());
  CHECK(session.on_reply(as_bytes("<html>a captive portal</html>"), 5).error().name() ==
        "format.newer");
}

}  // namespace
}  // namespace lalanh::test
