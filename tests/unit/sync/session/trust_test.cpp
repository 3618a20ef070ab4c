#include <catch2/catch.hpp>

#include "sync/session/receipt.h"
#include "tests/unit/sync/session/world.h"

namespace lalanh::test {
namespace {

/// A request of village A's device with any head.
Bytes signed_request(World& world, std::string_view path, const Bytes& head, const Bytes& tail = {},
                     bool attach = true) {
  const Hash parent = world.hall.key.public_key();
  sync::RequestToSign request{path,   parent, world.a.key, world.a.store->own_certificate(),
                              attach, {},     head,        tail};
  world.random.fill(request.nonce);
  return sync::make_request(request);
}

bool contains(const Bytes& bytes, ByteView part) {
  return std::search(bytes.begin(), bytes.end(), part.begin(), part.end()) != bytes.end();
}

TEST_CASE("A device that the server never met sends its certificate once, and is known then") {
  World world;
  sync::SyncServer server = world.server();
  Wire wire;
  const auto summary = sync_with_hall(world, world.a, server, wire);
  REQUIRE(summary.ok());
  REQUIRE(wire.exchanges.size() == 2);
  CHECK(wire.exchanges[0].error == "trust.unknown_certificate");
  CHECK(wire.exchanges[1].request.size() > wire.exchanges[0].request.size());
  Wire next;
  REQUIRE(sync_with_hall(world, world.a, server, next).ok());
  CHECK(next.exchanges.size() == 1);
}

TEST_CASE("A certificate of another system, or another than the one named, is refused") {
  World world;
  const KeyPair other_root = seeded_key(77);
  const KeyPair key = seeded_key(78);
  const Certificate foreign =
      issue_root(other_root, {DeviceNo{3}, key.public_key(), kVillageA, Rank{4}, 1, {}});
  const Hash parent = world.hall.key.public_key();
  const Bytes head = sync::encode(sync::OpenRequest{{}, 1, "x", {}});
  sync::RequestToSign request{"/s/open", parent, key, foreign, true, {}, head, {}};
  sync::SyncServer server = world.server();
  const auto refused = server.handle("/s/open", sync::make_request(request), true, kNow);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().domain() == "trust");
  Certificate renamed = world.a.store->own_certificate();
  renamed.id[0] ^= 1U;
  sync::RequestToSign second{"/s/open", parent, world.a.key, renamed, true, {}, head, {}};
  const auto wrong = server.handle("/s/open", sync::make_request(second), true, kNow);
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().name() == "trust.bad_certificate");
  CHECK(world.hall.store->data.certificates.empty());
  CHECK(world.hall.store->data.contacts == 0);
}

TEST_CASE("A request for one server, path or device is worth nothing for another") {
  World world;
  const Bytes head = sync::encode(sync::DifferRequest{});
  const Bytes request = signed_request(world, "/s/differ", head);
  sync::SyncServer other(*world.hall.store, world.b.key, {"0.1.0", scope_of_fake});
  CHECK(other.handle("/s/differ", request, true, kNow).error().name() ==
        "trust.bad_request_signature");
  sync::SyncServer server = world.server();
  CHECK(server.handle("/s/open", request, true, kNow).error().name() ==
        "trust.bad_request_signature");
  CHECK(server.handle("/s/other", request, true, kNow).error().name() == "http.not_found");
  CHECK(server.handle("/s/differ", request, true, kNow).ok());
  CHECK(server.handle("/s/differ", request, true, kNow).error().name() == "trust.replayed");
}

TEST_CASE("A client that knows another parent's key is refused and keeps everything") {
  World world;
  world.a.store->write(kRecordsA, "household");
  sync::ClientOptions options = world.options();
  options.parent_key = world.b.key.public_key();
  sync::ClientSession session(*world.a.store, world.a.key, world.random, options);
  sync::SyncServer server = world.server();
  Wire wire;
  const auto summary = run(session, server, wire);
  REQUIRE_FALSE(summary.ok());
  CHECK(summary.error().name() == "sync.refused");
  CHECK(summary.error().value("why") == "trust.bad_request_signature");
  CHECK(world.a.store->events(kRecordsA) == 1);
  CHECK(world.hall.store->data.segments.empty());
}

TEST_CASE("A child that asks for a neighbour's scope gets nothing of it") {
  World world;
  world.b.store->write(kRecordsB, "CANARY of village B");
  REQUIRE(sync_with_hall(world, world.b).ok());
  const std::vector<Point> tips = *world.hall.store->tips(kRecordsB);
  const Bytes segment = world.b.store->sealed_bytes_of(0);
  sync::SyncServer server = world.server();
  std::vector<Bytes> replies;
  const auto ask = [&](std::string_view path, const Bytes& head, const Bytes& tail = {}) {
    auto reply = server.handle(path, signed_request(world, path, head, tail), true, kNow);
    REQUIRE(reply.ok());
    replies.push_back(*reply);
    return *reply;
  };
  sync::DifferRequest differ;
  differ.scopes.push_back({kRecordsB, {}});
  differ.scopes.push_back({{UnitNo{99'999}, Channel::kRecords}, {}});
  const auto differs =
      sync::decode_differ_reply(sync::read_reply(ask("/s/differ", sync::encode(differ)))->head);
  REQUIRE(differs->scopes.size() == 2);  // a scope that is not there is answered alike
  CHECK(differs->scopes[0].state == sync::DifferState::kNotReadable);
  CHECK(differs->scopes[1].state == sync::DifferState::kNotReadable);
  for (const bool deep : {false, true}) {
    sync::PullRequest pull;
    pull.wanted = 1'000'000;
    pull.count = true;
    pull.scopes.push_back({kRecordsB, deep, tips, {}});
    const auto pulled =
        sync::decode_pull_reply(sync::read_reply(ask("/s/pull", sync::encode(pull)))->head);
    REQUIRE(pulled->scopes.size() == 1);
    CHECK(pulled->scopes[0].state == sync::PullState::kNotReadable);
    CHECK(pulled->scopes[0].held.empty());
    CHECK(pulled->total == 0);
  }
  sync::PushRequest push;
  push.entries.push_back(
      {sync::segment_digest(segment), static_cast<std::uint32_t>(segment.size()), 0});
  push.receipts.push_back({kRecordsB, tips});
  const auto pushed =
      sync::decode_push_reply(sync::read_reply(ask("/s/push", sync::encode(push), segment))->head);
  CHECK(pushed->verdicts[0].error == "trust.not_readable");
  CHECK(pushed->receipt.empty());
  for (const Bytes& reply : replies) {
    CHECK_FALSE(contains(reply, as_bytes("CANARY")));
    CHECK_FALSE(contains(reply, tips[0].writer.bytes));
  }
  REQUIRE(sync_with_hall(world, world.a).ok());
  for (const FakeStore::Held& held : world.a.store->data.segments) {
    CHECK_FALSE(contains(held.bytes, as_bytes("CANARY")));
  }
}

TEST_CASE("A segment of a scope that was not asked for is not taken from the parent") {
  World world;
  world.b.store->write(kRecordsB, "CANARY of village B");
  REQUIRE(world.b.store->seal().ok());
  const Bytes segment = world.b.store->sealed_bytes_of(0);
  world.hall.store->write(kRecordsA, "a correction");
  sync::SyncServer server = world.server();
  Wire wire;
  wire.on_reply = [&](std::size_t index, Bytes& reply) {
    if (wire.exchanges[index].path != "/s/pull") return;
    const auto parts = sync::read_reply(reply);
    auto pull = *sync::decode_pull_reply(parts->head);
    Bytes tail(parts->tail.begin(), parts->tail.end());
    pull.entries.push_back(
        {sync::segment_digest(segment), static_cast<std::uint32_t>(segment.size()), 0});
    append(tail, segment);
    reply = sync::make_reply(sync::encode(pull), tail);
  };
  const auto summary = sync_with_hall(world, world.a, server, wire);
  REQUIRE(summary.ok());
  CHECK(world.a.store->events(kRecordsB) == 0);
  CHECK(world.a.store->events(kRecordsA) == 1);
  CHECK(summary->refused == 1);
}

TEST_CASE("A receipt that the parent did not sign, or for what was not asked, is worth nothing") {
  World world;
  const ReceiptPoint point{kRecordsA, {{}, 7, {1, 2, 3}}};
  const sync::Receipt said{world.commune().id, kNow, {point}};
  const Bytes bytes = sync::make_receipt(said, world.hall.key);
  const auto read = sync::read_receipt(bytes, world.hall.key.public_key());
  REQUIRE(read.ok());
  CHECK(read->points[0].scope == kRecordsA);
  CHECK(read->points[0].point == point.point);
  CHECK(read->time == kNow);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes altered = bytes;
    altered[at] ^= 4U;
    CHECK_FALSE(sync::read_receipt(altered, world.hall.key.public_key()).ok());
  }
  CHECK_FALSE(sync::read_receipt(bytes, world.b.key.public_key()).ok());

  world.a.store->write(kRecordsA, "household");
  sync::SyncServer server = world.server();
  const auto with_receipt = [&](const Bytes& receipt) {
    Wire wire;
    wire.on_reply = [&](std::size_t index, Bytes& reply) {
      if (wire.exchanges[index].path != "/s/push") return;
      auto push = *sync::decode_push_reply(sync::read_reply(reply)->head);
      push.receipt = receipt;
      reply = sync::make_reply(sync::encode(push), {});
    };
    return sync_with_hall(world, world.a, server, wire);
  };
  CHECK(with_receipt(bytes).ok());
  CHECK(world.a.store->unreceipted(kRecordsA)->size() == 1);
  const Bytes forged = sync::make_receipt(said, world.b.key);
  CHECK(with_receipt(forged).error().name() == "format.bad_signature");
  CHECK(world.a.store->unreceipted(kRecordsA)->size() == 1);
}

TEST_CASE("The memory of nonces is bounded and forgets the oldest") {
  sync::NonceMemory memory(3);
  const auto nonce = [](std::uint8_t n) { return sync::Nonce{n}; };
  for (std::uint8_t n = 1; n <= 3; ++n) CHECK(memory.note(nonce(n)));
  CHECK_FALSE(memory.note(nonce(1)));
  CHECK(memory.note(nonce(4)));
  CHECK(memory.size() == 3);
  CHECK_FALSE(memory.note(nonce(3)));
  CHECK(memory.note(nonce(1)));
  CHECK(memory.note(nonce(2)));
  CHECK(memory.size() == 3);
}

}  // namespace
}  // namespace lalanh::test
