#include <set>

// clang-format off
#include "server/tree/schedule.h"
#include "shared/base/calendar.h"
// After ours: shared/base/check.h has a CHECK too, and tests mean Catch's.
#include <catch2/catch.hpp>
// clang-format on

using namespace lalanh;
using namespace lalanh::server;

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;

/// A moment of Vietnam's time.
TimeMs at(int year, int month, int day, int hour, int minute = 0) {
  const std::int64_t minutes = days_of({year, month, day}) * 24 * 60 + (hour - 7) * 60 + minute;
  return TimeMs(minutes * kMinute);
}

std::int64_t minute_of_day(TimeMs time) {
  const std::int64_t local = time.value / kMinute + 7 * 60;
  return ((local % (24 * 60)) + 24 * 60) % (24 * 60);
}

}  // namespace

TEST_CASE("after a success the next sync is in the hour of the next night") {
  const UpSyncSettings settings;
  for (std::uint32_t device = 1; device < 500; ++device) {
    const TimeMs now = at(2023, 10, 9, 8);
    const auto next = next_run(now, settings, DeviceNo(device), after_success(now));
    REQUIRE(next);
    CHECK(minute_of_day(*next) >= 60);
    CHECK(minute_of_day(*next) < 120);
    CHECK(vietnam_date(*next) == Date{2023, 10, 10});
  }
}

TEST_CASE("devices with neighbouring numbers are spread over the hour") {
  const TimeMs now = at(2023, 10, 9, 8);
  std::set<std::int64_t> minutes;
  for (std::uint32_t device = 370'000; device < 370'060; ++device) {
    minutes.insert(minute_of_day(*next_run(now, {}, DeviceNo(device), after_success(now))));
  }
  CHECK(minutes.size() > 25);
}

TEST_CASE("a device has the same minute each night") {
  const auto first =
      next_run(at(2023, 10, 9, 8), {}, DeviceNo(7), after_success(at(2023, 10, 9, 8)));
  const auto second = next_run(*first, {}, DeviceNo(7), after_success(*first));
  CHECK(second->value - first->value == kDay);
}

TEST_CASE("a night near midnight runs over into the next day") {
  const UpSyncSettings settings{true, 23 * 60 + 30, 60};
  for (std::uint32_t device = 1; device < 100; ++device) {
    const TimeMs now = at(2023, 12, 31, 12);
    const auto next = next_run(now, settings, DeviceNo(device), after_success(now));
    CHECK(*next < at(2024, 1, 1, 0, 30));
    CHECK_FALSE(*next < at(2023, 12, 31, 23, 30));
    const auto later = next_run(*next, settings, DeviceNo(device), after_success(*next));
    CHECK(later->value == next->value + kDay);
  }
}

TEST_CASE("a server that was off at night syncs soon after its start") {
  const TimeMs now = at(2023, 10, 9, 8);
  const auto missed = next_run(now, {}, DeviceNo(7), after_success(at(2023, 10, 8, 8)));
  CHECK(missed->value - now.value <= kCatchUpMinutes * kMinute);
  const auto never = next_run(now, {}, DeviceNo(7), {});
  CHECK(never->value == missed->value);
}

TEST_CASE("after failures the waits double up to an hour, and a success ends them") {
  const TimeMs now = at(2023, 10, 9, 8);
  UpSyncState state = after_success(at(2023, 10, 9, 3));
  std::int64_t before = 0;
  for (int i = 0; i < 40; ++i) {
    state = after_failure(state, now, 0);
    const std::int64_t wait = next_run(now, {}, DeviceNo(7), state)->value - now.value;
    CHECK(wait >= before);
    CHECK(wait >= kBackOffFirstMinutes * kMinute);
    CHECK(wait <= kBackOffMostMinutes * kMinute * 5 / 4);
    before = wait;
  }
  CHECK(before >= kBackOffMostMinutes * kMinute);
  CHECK(state.last_success == at(2023, 10, 9, 3));
  CHECK(next_run(now, {}, DeviceNo(7), after_success(now))->value - now.value > 12 * 60 * kMinute);
}

TEST_CASE("a busy parent's word is kept, within an hour") {
  const TimeMs now = at(2023, 10, 9, 8);
  const auto asked = next_run(now, {}, DeviceNo(7), after_failure({}, now, 1'800));
  CHECK(asked->value - now.value >= 30 * kMinute);
  const auto absurd = next_run(now, {}, DeviceNo(7), after_failure({}, now, 2'000'000'000));
  CHECK(absurd->value - now.value <= 75 * kMinute);
}

TEST_CASE("the night's own moment comes before a longer back-off") {
  const TimeMs now = at(2023, 10, 9, 0, 59);
  const auto next = next_run(now, {true, 60, 0}, DeviceNo(7), after_failure({}, now, 3'600));
  CHECK(*next == at(2023, 10, 9, 1));
}

TEST_CASE("an overdue try runs now, not before") {
  const UpSyncState failed = after_failure({}, at(2023, 10, 9, 3), 0);
  const TimeMs now = at(2023, 10, 9, 8);
  CHECK(*next_run(now, {}, DeviceNo(7), failed) == now);
}

TEST_CASE("a clock that was put back, or stands in any year, never moves the sync out of a day") {
  for (const int year : {1901, 1970, 2000, 2023, 2038, 2099}) {
    const TimeMs now = at(year, 1, 19, 10);
    for (const UpSyncState& state :
         {UpSyncState{}, after_success(at(2060, 1, 1, 1)), after_failure({}, at(2060, 1, 1, 1), 0),
          after_success(at(1950, 1, 1, 1)), after_failure({}, at(1950, 1, 1, 1), 9)}) {
      const auto next = next_run(now, {}, DeviceNo(7), state);
      REQUIRE(next);
      CHECK_FALSE(*next < now);
      CHECK(next->value - now.value <= kDay);
    }
  }
}

TEST_CASE("without a parent nothing runs by itself") {
  CHECK_FALSE(next_run(at(2023, 10, 9, 8), {false, 60, 60}, DeviceNo(7), {}));
}
