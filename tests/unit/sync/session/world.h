#pragma once

#include <functional>
#include <memory>

#include "sync/session/client_session.h"
#include "sync/session/frame.h"
#include "sync/session/server_session.h"
#include "tests/support/simple_ports.h"
#include "tests/unit/sync/session/fake_store.h"

namespace lalanh::test {

using testing::SeededRandom;

inline constexpr UnitNo kProvince{1};
inline constexpr UnitNo kCommune{10};
inline constexpr UnitNo kVillageA{11};
inline constexpr UnitNo kVillageB{12};
inline constexpr Scope kRecordsA{kVillageA, Channel::kRecords};
inline constexpr Scope kRecordsB{kVillageB, Channel::kRecords};
inline constexpr Scope kHallReference{kCommune, Channel::kReference};
inline constexpr TimeMs kNow{1'700'000'000'000};

inline KeyPair seeded_key(std::uint8_t seed) {
  Hash bytes{};
  bytes.fill(seed);
  return KeyPair::from_seed(bytes);
}

/// One device with its database and its key.
struct Device {
  KeyPair key;
  std::unique_ptr<FakeStore> store;
};

/// A province, a hall, two villages. The hall is the server of most tests.
class World {
 public:
  FakeTree tree{{{1, 0}, {10, 1}, {11, 10}, {12, 10}}};
  KeyPair root = seeded_key(1);
  Device hall{seeded_key(3), nullptr};
  Device a{seeded_key(4), nullptr};
  Device b{seeded_key(5), nullptr};
  SeededRandom random{42};

  World() {
    CHECK(start_crypto().ok());
    const KeyPair province = seeded_key(2);
    const std::uint32_t all = kWriteRecords | kWriteReference | kCertify;
    top_ = issue_root(root, {DeviceNo{1}, province.public_key(), kProvince, Rank{4}, all, {}});
    const Certificate commune =
        issue(top_, province, {DeviceNo{2}, hall.key.public_key(), kCommune, Rank{2}, all, {}});
    hall.store = std::make_unique<FakeStore>(tree, commune, root.public_key());
    a.store = village(commune, a.key, DeviceNo{3}, kVillageA);
    b.store = village(commune, b.key, DeviceNo{4}, kVillageB);
  }
  /// Another device of a village or of none, certified by the hall.
  std::unique_ptr<FakeStore> village(const Certificate& commune, const KeyPair& key, DeviceNo no,
                                     UnitNo unit) {
    const Certificate c =
        issue(commune, hall.key, {no, key.public_key(), unit, Rank{1}, kWriteRecords, {}});
    return std::make_unique<FakeStore>(tree, c, root.public_key());
  }
  const Certificate& commune() const { return hall.store->own_certificate(); }
  sync::SyncServer server() { return {*hall.store, hall.key, {"0.1.0", scope_of_fake}}; }
  sync::ClientOptions options() const {
    sync::ClientOptions out;
    out.parent_key = hall.key.public_key();
    out.program = "0.1.0";
    out.scope_of = scope_of_fake;
    return out;
  }

 private:
  Certificate top_;
};

/// What goes over the wire of one sync, in order; may be changed on its way.
struct Wire {
  struct Exchange {
    std::string path;
    Bytes request;
    Bytes reply;
    std::string error;
  };
  std::vector<Exchange> exchanges;
  /// Cuts the request or reply with this index (request 0, reply 1, request 2, ...) after so many
  /// bytes; -1: none.
  int cut_message = -1;
  std::size_t cut_after = 0;
  /// Changes a reply before the client sees it.
  std::function<void(std::size_t index, Bytes& reply)> on_reply;

  std::size_t tail_bytes() const {
    std::size_t n = 0;
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
      const int at = static_cast<int>(2 * i);
      const auto request = sync::read_request(cut(at, exchanges[i].request));
      if (request.ok()) n += request->tail.size();
      if (exchanges[i].reply.empty() || cut_message == at) continue;
      const auto reply = sync::read_reply(cut(at + 1, exchanges[i].reply));
      if (reply.ok()) n += reply->tail.size();
    }
    return n;
  }
  ByteView cut(int message, const Bytes& bytes) const {
    return message == cut_message ? ByteView(bytes).first((std::min)(cut_after, bytes.size()))
                                  : ByteView(bytes);
  }
};

/// Runs the session to its end over the wire.
inline Result<SyncSummary> run(sync::ClientSession& session, sync::SyncServer& server, Wire& wire) {
  for (int i = 0; i < 10'000; ++i) {
    auto request = session.next();
    if (!request.ok()) return request.error();
    if (!*request) return session.result();
    const int at = static_cast<int>(2 * wire.exchanges.size());
    wire.exchanges.push_back({(*request)->path, (*request)->body, {}, {}});
    Wire::Exchange& exchange = wire.exchanges.back();
    const bool whole = wire.cut_message != at || wire.cut_after >= exchange.request.size();
    auto reply = server.handle(exchange.path, wire.cut(at, exchange.request), whole, kNow);
    if (!whole) {
      TRY(session.on_cut({}, "test"));
      continue;
    }
    if (!reply.ok()) {
      exchange.error = reply.error().name();
      (void)session.on_error_reply(exchange.error, {}).ok();
      continue;
    }
    exchange.reply = *reply;
    if (wire.on_reply) wire.on_reply(wire.exchanges.size() - 1, exchange.reply);
    if (wire.cut_message == at + 1 && wire.cut_after < exchange.reply.size()) {
      TRY(session.on_cut(wire.cut(at + 1, exchange.reply), "test"));
      continue;
    }
    (void)session.on_reply(exchange.reply, 100).ok();
  }
  CHECK(false);
  return Error{ErrorCode::system_internal};
}

/// One sync of `child` with the hall.
inline Result<SyncSummary> sync_with_hall(World& world, Device& child, sync::SyncServer& server,
                                          Wire& wire) {
  sync::ClientSession session(*child.store, child.key, world.random, world.options());
  return run(session, server, wire);
}
inline Result<SyncSummary> sync_with_hall(World& world, Device& child) {
  sync::SyncServer server = world.server();
  Wire wire;
  return sync_with_hall(world, child, server, wire);
}

/// Do both hold the same events in all that `child` may read?
inline bool same(World& world, Device& child) {
  auto scopes = world.hall.store->readable_scopes(child.store->own_certificate().device().unit);
  for (const Scope scope : *scopes) {
    if (*world.hall.store->heads_digest(scope) != *child.store->heads_digest(scope)) return false;
  }
  return true;
}

}  // namespace lalanh::test
