#include <catch2/catch.hpp>

#include "sync/session/above.h"
#include "tests/unit/sync/session/world.h"

namespace lalanh::test {
namespace {

Point some_point(std::uint8_t n) {
  Point out;
  out.writer.bytes.fill(n);
  out.counter = n + 1U;
  out.hash.fill(n);
  return out;
}

sync::PullRequest some_pull() {
  sync::PullRequest out;
  out.wanted = 65'536;
  out.after = 12;
  out.count = true;
  out.scopes.push_back({kRecordsA, true, {some_point(1), some_point(2)}, {some_point(3)}});
  out.scopes.push_back({kHallReference, false, {}, {}});
  out.halves.push_back({{9}, 77});
  return out;
}

std::vector<Bytes> one_of_each() {
  sync::PullReply pulled;
  pulled.entries.push_back({{1}, 500, 20});
  pulled.scopes.push_back({sync::PullState::kFinished, {some_point(4)}, {true, false, true}});
  pulled.after = 99;
  pulled.total = 12'345;
  sync::DifferRequest differ;
  differ.scopes.push_back({kRecordsA, {1, 2}});
  sync::DifferReply differs;
  differs.scopes.push_back({kRecordsA, sync::DifferState::kServerEmpty});
  differs.halves.push_back({{3}, 4});
  sync::PushRequest push;
  push.entries.push_back({{5}, 65'536, 65'535});
  push.receipts.push_back({kRecordsA, {some_point(6)}});
  sync::PushReply pushed;
  pushed.verdicts = {{sync::Verdict::Kind::kAside, ""},
                     {sync::Verdict::Kind::kRefused, "trust.not_allowed"}};
  pushed.receipt = Bytes(80, 7);
  return {sync::encode(sync::OpenRequest{{1, 2}, 1, "0.1.0", 900}),
          sync::encode(sync::OpenReply{true, kNow, 1, "0.1.0"}),
          sync::encode(differ),
          sync::encode(differs),
          sync::encode(some_pull()),
          sync::encode(pulled),
          sync::encode(push),
          sync::encode(pushed)};
}

/// Decodes with the decoder of this number; nothing where it is refused, else its bytes again.
std::optional<Bytes> through(std::size_t which, ByteView head) {
  const auto again = [](const auto& decoded) -> std::optional<Bytes> {
    if (!decoded.ok()) return std::nullopt;
    return sync::encode(*decoded);
  };
  switch (which) {
    case 0: return again(sync::decode_open_request(head));
    case 1: return again(sync::decode_open_reply(head));
    case 2: return again(sync::decode_differ_request(head));
    case 3: return again(sync::decode_differ_reply(head));
    case 4: return again(sync::decode_pull_request(head));
    case 5: return again(sync::decode_pull_reply(head));
    case 6: return again(sync::decode_push_request(head));
    default: return again(sync::decode_push_reply(head));
  }
}

Bytes mutate(Bytes bytes, SeededRandom& random) {
  const std::size_t changes = 1 + random.below(4);
  for (std::size_t i = 0; i < changes; ++i) {
    const std::size_t at = random.below(bytes.size() + 1);
    switch (random.below(5)) {
      case 0: bytes.insert(bytes.begin() + at, static_cast<std::uint8_t>(random.next())); break;
      case 1:
        if (at < bytes.size()) bytes.erase(bytes.begin() + at);
        break;
      case 2: bytes.resize(at); break;
      case 3:
        if (at < bytes.size()) bytes[at] = static_cast<std::uint8_t>(random.next());
        break;
      default:
        if (at < bytes.size()) bytes[at] ^= static_cast<std::uint8_t>(1U << random.below(8));
    }
  }
  return bytes;
}

TEST_CASE("Every message is read back as it was written, and none as another's prefix") {
  const std::vector<Bytes> messages = one_of_each();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    REQUIRE(through(i, messages[i]) == messages[i]);
    for (std::size_t n = 0; n < messages[i].size(); ++n) {
      REQUIRE_FALSE(through(i, ByteView(messages[i]).first(n)));
    }
    Bytes longer = messages[i];
    longer.push_back(0);
    CHECK_FALSE(through(i, longer));
  }
}

TEST_CASE("Items that a later version adds at the end of a message are passed over") {
  Bytes open = sync::encode(sync::OpenRequest{{1}, 2, "9.0.0", {}});
  REQUIRE(open[0] == 0x84);
  open[0] = 0x86;
  append(open, Bytes{0x01, 0x82, 0x61, 0x61, 0xf6});
  const auto read = sync::decode_open_request(open);
  REQUIRE(read.ok());
  CHECK(read->program == "9.0.0");
}

TEST_CASE("Hostile bytes never crash a decoder, and what is read can be written") {
  const std::vector<Bytes> messages = one_of_each();
  SeededRandom random(11);
  std::size_t read = 0;
  for (int round = 0; round < 40'000; ++round) {
    const std::size_t which = random.below(messages.size());
    const Bytes bytes = mutate(messages[which], random);
    const auto again = through(which, bytes);
    if (!again) continue;
    ++read;
    REQUIRE(through(which, *again) == again);
  }
  CHECK(read > 1'000);
}

TEST_CASE("Counts, points and sizes beyond their limits are refused before memory is taken") {
  CHECK_FALSE(sync::decode_pull_request(Bytes{0x85, 0x00, 0x00, 0xf4, 0x9b, 0xff, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff})
                  .ok());
  sync::PullRequest points = some_pull();
  points.scopes[0].tips.assign(limits::kTipsMax + 1, some_point(1));
  CHECK_FALSE(sync::decode_pull_request(sync::encode(points)).ok());
  for (std::uint32_t i = 0; i < limits::kTipsMax; ++i) points.scopes[0].tips[i].counter = i + 1;
  points.scopes[0].tips.resize(limits::kTipsMax);
  CHECK(sync::decode_pull_request(sync::encode(points)).ok());
  points.scopes[0].tips = {Point{}};
  CHECK_FALSE(sync::decode_pull_request(sync::encode(points)).ok());
  sync::PushRequest push;
  push.entries.push_back({{}, 10, 10});
  CHECK_FALSE(sync::decode_push_request(sync::encode(push)).ok());
  push.entries = {{{}, limits::kSegmentBytesMax + 1, 0}};
  CHECK_FALSE(sync::decode_push_request(sync::encode(push)).ok());
  push.entries.assign(limits::kMessageSegmentsMax + 1, {{}, 10, 0});
  CHECK_FALSE(sync::decode_push_request(sync::encode(push)).ok());
  CHECK_FALSE(sync::read_reply(Bytes{1, 0x20, 0, 0}).ok());
  CHECK(sync::read_request(Bytes(limits::kSyncBodyBytesMax + 1, 1)).error().name() ==
        "format.limit");
  CHECK(sync::read_request(Bytes(100, 9)).error().name() == "format.newer");
  CHECK(sync::read_request({}).error().name() == "format.truncated");
}

TEST_CASE("A scope or a point that is named twice is refused: each would be worked for twice") {
  const auto refused = [](const auto& decoded) {
    return !decoded.ok() && decoded.error().name() == "format.malformed";
  };
  sync::PullRequest pull = some_pull();
  pull.scopes.push_back({kRecordsA, false, {}, {}});
  CHECK(refused(sync::decode_pull_request(sync::encode(pull))));
  pull = some_pull();
  pull.scopes[0].back = {some_point(1), some_point(2), some_point(1)};
  CHECK(refused(sync::decode_pull_request(sync::encode(pull))));
  sync::PushRequest push;
  push.receipts = {{kRecordsA, {some_point(1)}}, {kRecordsB, {}}, {kRecordsA, {some_point(2)}}};
  CHECK(refused(sync::decode_push_request(sync::encode(push))));
  push.receipts = {{kRecordsA, {some_point(1), some_point(1)}}};
  CHECK(refused(sync::decode_push_request(sync::encode(push))));
  sync::DifferRequest differ;
  differ.scopes = {{kRecordsA, {1}}, {kRecordsA, {2}}};
  CHECK(refused(sync::decode_differ_request(sync::encode(differ))));
  sync::AboveRequest above;
  above.scopes = {{kRecordsA, {}}, {kRecordsA, {}}};
  CHECK(refused(sync::decode_above_request(sync::encode(above))));
}

TEST_CASE("Hostile heads under a good signature and hostile replies harm neither side") {
  World world;
  world.a.store->write(kRecordsA, "household");
  world.hall.store->write(kRecordsA, "a correction");
  world.hall.store->write(kHallReference, "rule pack");
  REQUIRE(world.hall.store->note_met(world.a.store->own_certificate()).ok());
  REQUIRE(world.hall.store->seal().ok());
  REQUIRE(world.a.store->seal().ok());
  const FakeStore::Data village = world.a.store->data;
  const FakeStore::Data hall = world.hall.store->data;
  SeededRandom random(13);
  sync::SyncServer server = world.server();
  const Hash parent = world.hall.key.public_key();
  int answered = 0;
  for (int round = 0; round < 1'500; ++round) {
    world.a.store->data = village;
    world.hall.store->data = hall;
    sync::ClientSession session(*world.a.store, world.a.key, world.random, world.options());
    for (int step = 0; step < 50; ++step) {
      auto request = session.next();
      if (!request.ok() || !*request) break;
      const auto frame = sync::read_request((*request)->body);
      Bytes head(frame->head.begin(), frame->head.end());
      Bytes tail(frame->tail.begin(), frame->tail.end());
      if (random.below(4) == 0) head = mutate(std::move(head), random);
      if (random.below(8) == 0) tail = mutate(std::move(tail), random);
      sync::RequestToSign again{(*request)->path,
                                parent,
                                world.a.key,
                                world.a.store->own_certificate(),
                                false,
                                {},
                                head,
                                tail};
      world.random.fill(again.nonce);
      auto reply =
          server.handle((*request)->path, sync::make_request(again), random.below(8) != 0, kNow);
      if (!reply.ok()) {
        (void)session.on_error_reply(reply.error().name(), {}).ok();
        continue;
      }
      ++answered;
      if (random.below(4) == 0) *reply = mutate(std::move(*reply), random);
      if (random.below(16) == 0) {
        (void)session.on_cut(*reply, "test").ok();
      } else {
        (void)session.on_reply(*reply, 5).ok();
      }
    }
    REQUIRE(world.hall.store->events(kRecordsB) == 0);
    REQUIRE(sync_with_hall(world, world.a).ok());
    REQUIRE(sync_with_hall(world, world.a).ok());
    REQUIRE(same(world, world.a));
    REQUIRE(world.a.store->events(kRecordsA) == 2);
  }
  CHECK(answered > 1'500);
}

}  // namespace
}  // namespace lalanh::test
