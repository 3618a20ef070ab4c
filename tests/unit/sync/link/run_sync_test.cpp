#include "sync/link/run_sync.h"

#include <atomic>
#include <deque>
#include <thread>

#include <catch2/catch.hpp>

#include "shared/platform/platform.h"
#include "tests/unit/sync/link/raw_socket.h"
#include "tests/unit/sync/session/world.h"

namespace lalanh::sync {
namespace {

using test::Device;
using test::kRecordsA;
using test::World;

/// What happens to one call instead of being answered.
struct Fault {
  int status = 0;  ///< 0: a cut
  std::optional<int> retry_after_s;
  bool lost_kept = false;
};

/// A link without a socket: the hall answers in the same thread, unless a fault comes first.
class FakeLink final : public SyncLink {
 public:
  FakeLink(World& world, std::recursive_mutex& mutex) : server_(world.server()), mutex_(mutex) {}
  Result<LinkReply> post(std::string_view path, ByteView body, std::int64_t) override {
    ++posts;
    std::thread([&] {
      if (!mutex_.try_lock())
        locked = true;
      else
        mutex_.unlock();
    }).join();
    if (!faults.empty() && faults.front()) {
      const Fault fault = *faults.front();
      faults.pop_front();
      lost_ = fault.lost_kept;
      if (fault.status == 0) return Error{ErrorCode::sync_cut, {{"why", "test"}}};
      LinkReply reply;
      reply.status = fault.status;
      reply.retry_after_s = fault.retry_after_s;
      return reply;
    }
    if (!faults.empty()) faults.pop_front();
    const auto answer = server_.handle(path, body, true, test::kNow);
    LinkReply reply;
    reply.status = answer.ok() ? 200 : 403;
    if (answer.ok())
      reply.body = *answer;
    else
      reply.error_name = answer.error().name();
    return reply;
  }
  bool lost_kept_connection() const override { return lost_; }

  std::deque<std::optional<Fault>> faults;  ///< of the calls to come; none: answered
  int posts = 0;
  bool locked = false;  ///< the node's lock was held while the link was waited for

 private:
  SyncServer server_;
  std::recursive_mutex& mutex_;
  bool lost_ = false;
};

struct Evening {
  World world;
  std::recursive_mutex mutex;
  FakeLink link{world, mutex};
  std::vector<std::int64_t> waits;
  int progress = 0;
  bool stopped = false;
  SyncRun run;

  Evening() {
    run.make_session = [this] {
      return std::make_unique<ClientSession>(*world.a.store, world.a.key, world.random,
                                             world.options());
    };
    run.lock = [this] { return std::unique_lock<std::recursive_mutex>(mutex); };
    run.progress = [this](const SyncProgress&) { ++progress; };
    run.stopped = [this] { return stopped; };
    run.sleep = [this](std::int64_t ms) { waits.push_back(ms); };
    run.random = &world.random;
    world.a.store->write(kRecordsA, "household");
  }
};

TEST_CASE("a sync runs to its end without holding the lock while it waits for the network") {
  Evening evening;
  const auto summary = run_sync(evening.link, evening.run);
  REQUIRE(summary.ok());
  CHECK(summary->segments_sent == 1);
  CHECK(same(evening.world, evening.world.a));
  CHECK_FALSE(evening.link.locked);
  CHECK(evening.progress == evening.link.posts);
  CHECK(evening.waits.empty());
  const auto again = run_sync(evening.link, evening.run);
  REQUIRE(again.ok());
  CHECK(again->equal_at_start);
}

TEST_CASE("a busy parent is asked again after the time that it names, with jitter") {
  Evening evening;
  evening.link.faults = {Fault{503, 4, false}, Fault{503, 0, false}};
  const auto summary = run_sync(evening.link, evening.run);
  REQUIRE(summary.ok());
  CHECK(same(evening.world, evening.world.a));
  REQUIRE(evening.waits.size() == 2);
  CHECK(evening.waits[0] >= 4'000);
  CHECK(evening.waits[0] <= 6'000);
  CHECK(evening.waits[1] >= 2'000);  // it named none of use
  CHECK(evening.waits[1] <= 3'000);
}

TEST_CASE("a parent that stays busy, or asks for too long a wait, ends the sync as busy") {
  Evening evening;
  for (int i = 0; i < 10; ++i) evening.link.faults.push_back(Fault{503, 1, false});
  const auto summary = run_sync(evening.link, evening.run);
  REQUIRE_FALSE(summary.ok());
  CHECK(summary.error().name() == "sync.busy");
  CHECK(evening.waits.size() == 3);

  Evening later;
  later.link.faults = {Fault{503, 3'600, false}};
  CHECK(run_sync(later.link, later.run).error().name() == "sync.busy");
  CHECK(later.waits.empty());
}

TEST_CASE("a kept connection that was lost costs one new session at once, a cut link none") {
  Evening evening;
  evening.link.faults = {std::nullopt, Fault{0, {}, true}};
  REQUIRE(run_sync(evening.link, evening.run).ok());
  CHECK(same(evening.world, evening.world.a));
  CHECK(evening.waits.empty());

  Evening twice;
  twice.link.faults = {std::nullopt, Fault{0, {}, true}, Fault{0, {}, true}};
  CHECK(run_sync(twice.link, twice.run).error().name() == "sync.cut");
  CHECK(twice.link.posts == 3);

  Evening cut;
  cut.link.faults = {Fault{0, {}, false}};
  CHECK(run_sync(cut.link, cut.run).error().name() == "sync.cut");
  CHECK(cut.link.posts == 1);
}

TEST_CASE("something else at the parent's address is refused by its status") {
  Evening evening;
  evening.link.faults = {Fault{404, {}, false}};
  const auto summary = run_sync(evening.link, evening.run);
  REQUIRE_FALSE(summary.ok());
  CHECK(summary.error().name() == "sync.refused");
  CHECK(summary.error().value("why") == "HTTP status 404");
}

TEST_CASE("a stop ends the sync before the next call, and while it waits for a busy parent") {
  Evening evening;
  evening.run.progress = [&](const SyncProgress&) { evening.stopped = true; };
  CHECK(run_sync(evening.link, evening.run).error().name() == "system.cancelled");
  CHECK(evening.link.posts == 1);

  Evening waiting;
  waiting.link.faults = {Fault{503, 1, false}};
  waiting.run.sleep = [&](std::int64_t) { waiting.stopped = true; };
  CHECK(run_sync(waiting.link, waiting.run).error().name() == "system.cancelled");
  CHECK(waiting.link.posts == 1);
}

TEST_CASE("the real sleep waits by the steady clock and ends at a stop") {
  const auto clock = make_system_clock();
  const std::int64_t start = clock->steady_ms();
  sleep_by(*clock, {})(50);
  CHECK(clock->steady_ms() - start >= 50);
  sleep_by(*clock, [] { return true; })(1'000'000);
  CHECK(clock->steady_ms() - start < 10'000);
}

/// A hall behind a socket: answers connection after connection until it is told to end.
class SocketHall {
 public:
  explicit SocketHall(World& world, int connections)
      : server_(world.server()),
        socket_(std::vector<testing::RawServer::Script>(
            static_cast<std::size_t>(connections),
            [this](testing::RawSocket& socket) { serve(socket); })) {}
  std::uint16_t port() const { return socket_.port(); }

 private:
  void serve(testing::RawSocket& socket) {
    while (true) {
      const std::string head = socket.read_until("\r\n\r\n");
      const std::size_t at = head.find("Content-Length: ");
      if (!head.starts_with("POST ") || at == std::string::npos || !head.ends_with("\r\n\r\n"))
        return;
      const std::size_t length = std::stoul(head.substr(at + 16));
      const std::string body = socket.read(length);
      const std::string path = head.substr(5, head.find(' ', 5) - 5);
      const auto reply = server_.handle(path, as_bytes(body), body.size() == length, test::kNow);
      std::string out = reply.ok() ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 403 Forbidden\r\n";
      if (!reply.ok()) out += "Lalanh-Error: " + reply.error().name() + "\r\n";
      const std::string text(reply.ok() ? as_text(*reply) : std::string_view());
      out += "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
      if (!socket.write(out)) return;
    }
  }
  SyncServer server_;
  testing::RawServer socket_;
};

TEST_CASE("a sync over a real socket, cut after ever more bytes, arrives in the end") {
  Evening evening;
  for (int i = 0; i < 30; ++i) {
    evening.world.a.store->write(kRecordsA, "household " + std::to_string(i));
    if (i % 5 == 0) evening.world.a.store->new_epoch();
    evening.world.hall.store->write(test::kHallReference, "pack " + std::to_string(i));
    if (i % 7 == 0) evening.world.hall.store->new_epoch();
  }
  const auto clock = make_system_clock();
  int cuts = 0;
  bool done = false;
  // The link is cut 60 bytes later each time; each try keeps what came.
  for (std::uint64_t bytes = 60; !done && bytes < 60'000; bytes += 60) {
    const SocketHall hall(evening.world, 1);
    const HostPort to{"127.0.0.1", hall.port()};
    HttpLinkOptions options;
    options.parent = to;
    options.clock = clock.get();
    HttpLink link(options, make_cut_stream(make_plain_stream(to, *clock, {}), bytes));
    const auto summary = run_sync(link, evening.run);
    done = summary.ok();
    if (done) break;
    ++cuts;
    CHECK(summary.error().name() == "sync.cut");
  }
  CHECK(done);
  CHECK(cuts > 3);
  CHECK(same(evening.world, evening.world.a));
}

}  // namespace
}  // namespace lalanh::sync
