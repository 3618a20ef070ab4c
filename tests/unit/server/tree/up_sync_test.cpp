#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>
#include <stdexcept>

// clang-format off
#include "server/tree/up_sync.h"
#include "shared/base/calendar.h"
// After ours: shared/base/check.h has a CHECK too, and tests mean Catch's.
#include <catch2/catch.hpp>
// clang-format on

using namespace lalanh;
using namespace lalanh::server;

namespace {

class FakeClock : public Clock {
 public:
  TimeMs now() override { return TimeMs(wall_ms.load()); }
  std::int64_t steady_ms() override { return steady.load(); }
  /// In steps: the scheduler reads one clock and then the other, and a long step between the two
  /// would look to it like a wall clock that was put right.
  void pass(std::int64_t ms) {
    constexpr std::int64_t kStepMs = 20'000;
    for (std::int64_t left = ms; left > 0; left -= kStepMs) {
      wall_ms.fetch_add((std::min)(left, kStepMs));
      steady.fetch_add((std::min)(left, kStepMs));
    }
  }
  std::atomic<std::int64_t> wall_ms{days_of({2023, 10, 9}) * 86'400'000 + 3'600'000};  // 08:00 here
  std::atomic<std::int64_t> steady{1'000};
};

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 500 && !condition(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

/// Long enough for a thread that looks each 2 ms to have looked.
void give_it_time() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }

constexpr std::int64_t kHour = 3'600'000;

struct Fixture {
  FakeClock clock;
  std::atomic<int> runs{0};
  std::atomic<int> ended{0};
  std::atomic<bool> fail{false};
  std::atomic<bool> hold{false};

  UpSync make(const UpSyncState& state) {
    return UpSync(
        {}, DeviceNo(7), clock,
        [this](const UpSync::Progress&) -> Result<SyncSummary> {
          runs.fetch_add(1);
          while (hold.load()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          if (fail.load()) return Error(ErrorCode::sync_busy, {{"seconds", "600"}});
          return SyncSummary{};
        },
        [this](const UpSyncState&, const Result<SyncSummary>&) { ended.fetch_add(1); }, state, 2);
  }
};

}  // namespace

TEST_CASE("the scheduler syncs once in the night and not before") {
  Fixture f;
  UpSync up = f.make(after_success(f.clock.now()));
  up.start();
  f.clock.pass(16 * kHour);  // midnight
  give_it_time();
  CHECK(f.runs.load() == 0);
  f.clock.pass(2 * kHour);
  CHECK(eventually([&] { return f.ended.load() == 1; }));
  f.clock.pass(20 * kHour);
  give_it_time();
  CHECK(f.runs.load() == 1);
  f.clock.pass(4 * kHour);
  CHECK(eventually([&] { return f.ended.load() == 2; }));
}

TEST_CASE("a sync on request runs at once, in the thread or in the caller's") {
  Fixture f;
  UpSync up = f.make(after_success(f.clock.now()));
  CHECK(up.sync_now({}).ok());
  CHECK(f.runs.load() == 1);
  up.start();
  up.request();
  CHECK(eventually([&] { return f.ended.load() == 2; }));
  CHECK(up.state().last_success == f.clock.now());
}

TEST_CASE("two syncs never run at once") {
  Fixture f;
  UpSync up = f.make(after_success(f.clock.now()));
  up.start();
  f.hold.store(true);
  up.request();
  REQUIRE(eventually([&] { return f.runs.load() == 1; }));
  const auto second = up.sync_now({});
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().name() == "sync.running");
  CHECK(up.in_work());
  f.hold.store(false);
  CHECK(eventually([&] { return !up.in_work(); }));
  CHECK(f.runs.load() == 1);
}

TEST_CASE("a request during a sync is kept and runs after it") {
  Fixture f;
  UpSync up = f.make(after_success(f.clock.now()));
  up.start();
  f.hold.store(true);
  up.request();
  REQUIRE(eventually([&] { return f.runs.load() == 1; }));
  up.request();
  f.hold.store(false);
  CHECK(eventually([&] { return f.ended.load() == 2; }));
}

TEST_CASE("a failure is tried again after what the parent asked for") {
  Fixture f;
  f.fail.store(true);
  UpSync up = f.make(after_success(f.clock.now()));
  up.start();
  up.request();
  REQUIRE(eventually([&] { return f.ended.load() == 1; }));
  CHECK(up.state().failures == 1);
  f.clock.pass(599'000);
  give_it_time();
  CHECK(f.runs.load() == 1);
  f.fail.store(false);
  f.clock.pass(160'000);
  CHECK(eventually([&] { return f.ended.load() == 2; }));
  CHECK(up.state().failures == 0);
}

TEST_CASE("a clock that is put right in the middle makes a new plan") {
  Fixture f;
  UpSync up = f.make(after_success(f.clock.now()));
  up.start();
  const auto before = up.next();
  f.clock.wall_ms.fetch_add(400 * 24 * kHour);  // the battery was dead: it is next year
  CHECK(eventually([&] { return up.next() != before; }));
  give_it_time();
  CHECK(f.runs.load() == 0);
  f.clock.pass(kCatchUpMinutes * 60'000);
  CHECK(eventually([&] { return f.ended.load() == 1; }));
}

TEST_CASE("an exception in a sync is a failure, not the end of the server") {
  FakeClock clock;
  std::atomic<int> ended{0};
  UpSync up(
      {}, DeviceNo(7), clock,
      [](const UpSync::Progress&) -> Result<SyncSummary> { throw std::runtime_error("x"); },
      [&](const UpSyncState& state, const Result<SyncSummary>& result) {
        CHECK(state.failures == 1);
        CHECK_FALSE(result.ok());
        ended.fetch_add(1);
      },
      after_success(clock.now()), 2);
  const auto result = up.sync_now({});
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().name() == "system.internal");
  CHECK(ended.load() == 1);
}

TEST_CASE("an exception after a sync, or of the clock, ends neither the thread nor the syncs") {
  struct Broken : FakeClock {
    TimeMs now() override {
      if (broken.load()) throw std::bad_alloc();
      return FakeClock::now();
    }
    std::int64_t steady_ms() override {
      if (broken.load()) throw std::bad_alloc();
      return FakeClock::steady_ms();
    }
    std::atomic<bool> broken{false};
  };
  Broken clock;
  std::atomic<bool> throws{true};
  std::atomic<int> ended{0};
  UpSync up(
      {}, DeviceNo(7), clock,
      [](const UpSync::Progress&) { return Result<SyncSummary>(SyncSummary{}); },
      [&](const UpSyncState&, const Result<SyncSummary>&) {
        ended.fetch_add(1);
        if (throws.load()) throw std::runtime_error("x");
      },
      after_success(clock.now()), 2);
  const auto result = up.sync_now({});
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().name() == "system.internal");
  CHECK_FALSE(up.in_work());
  up.start();
  up.request();
  REQUIRE(eventually([&] { return ended.load() == 2; }));
  clock.broken.store(true);
  give_it_time();
  up.request();
  give_it_time();
  clock.broken.store(false);
  throws.store(false);
  up.request();
  REQUIRE(eventually([&] { return ended.load() == 3; }));
  CHECK(eventually([&] { return !up.in_work(); }));
  up.stop();
}

TEST_CASE("a stop waits for the sync in work and lets none begin") {
  Fixture f;
  UpSync up = f.make(after_success(f.clock.now()));
  up.start();
  f.hold.store(true);
  up.request();
  REQUIRE(eventually([&] { return f.runs.load() == 1; }));
  std::thread stopping([&] { up.stop(); });
  give_it_time();
  CHECK(f.ended.load() == 0);
  f.hold.store(false);
  stopping.join();
  CHECK(f.ended.load() == 1);
  const auto after = up.sync_now({});
  REQUIRE_FALSE(after.ok());
  CHECK(after.error().name() == "system.cancelled");
}

TEST_CASE("while a sync runs its progress can be asked for, afterwards there is none") {
  FakeClock clock;
  std::optional<SyncProgress> seen;
  std::uint64_t told = 0;
  UpSync* self = nullptr;
  UpSync up(
      {}, DeviceNo(7), clock,
      [&](const UpSync::Progress& progress) {
        SyncProgress now;
        now.sent_bytes = 77;
        progress(now);
        seen = self->running();
        return Result<SyncSummary>(SyncSummary{});
      },
      {}, after_success(clock.now()), 2);
  self = &up;
  CHECK_FALSE(up.running());
  CHECK(up.sync_now([&](const SyncProgress& now) { told = now.sent_bytes; }).ok());
  REQUIRE(seen);
  CHECK(seen->sent_bytes == 77);
  CHECK(told == 77);
  CHECK_FALSE(up.running());
}
