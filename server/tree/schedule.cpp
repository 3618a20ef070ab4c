#include "server/tree/schedule.h"

#include <algorithm>

#include "shared/base/calendar.h"
#include "shared/base/check.h"

namespace lalanh::server {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 24 * 60 * kMinuteMs;
/// Vietnam's time, which has no summer time.
constexpr std::int64_t kZoneMs = 7 * 60 * kMinuteMs;
/// More failures than this change nothing, and would only overflow.
constexpr int kFailuresMax = 30;

/// Neighbours get numbers from one block, so the bits are mixed well (splitmix64).
std::uint64_t hash_of(DeviceNo device) {
  std::uint64_t z = device.value + 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// This device's share of a span, the same each time.
std::int64_t share_ms(DeviceNo device, std::int64_t span_ms) {
  if (span_ms <= 0) return 0;
  return static_cast<std::int64_t>(hash_of(device) % static_cast<std::uint64_t>(span_ms));
}

/// The last of the nightly moments at or before `now_ms`.
std::int64_t last_slot(std::int64_t now_ms, const UpSyncSettings& settings, DeviceNo device) {
  const std::int64_t in_day =
      settings.at_minute * kMinuteMs + share_ms(device, settings.spread_minutes * kMinuteMs);
  const Date today = vietnam_date(TimeMs(now_ms));
  std::int64_t slot = days_of(today) * kDayMs - kZoneMs + in_day;
  while (slot > now_ms) slot -= kDayMs;
  while (slot + kDayMs <= now_ms) slot += kDayMs;
  return slot;
}

std::int64_t back_off_ms(const UpSyncState& state, DeviceNo device) {
  const int doublings = std::min(state.failures - 1, 10);
  const std::int64_t minutes =
      std::min<std::int64_t>(std::int64_t{kBackOffFirstMinutes} << doublings, kBackOffMostMinutes);
  const std::int64_t wait =
      std::max(minutes * kMinuteMs, std::int64_t{state.retry_after_s} * 1'000);
  return wait + share_ms(device, wait / 4);
}

}  // namespace

std::optional<TimeMs> next_run(TimeMs now, const UpSyncSettings& settings, DeviceNo device,
                               const UpSyncState& state) {
  CHECK(settings.at_minute >= 0 && settings.at_minute < 24 * 60 && settings.spread_minutes >= 0);
  if (!settings.nightly) return std::nullopt;
  const std::int64_t slot = last_slot(now.value, settings, device);
  const std::int64_t next_slot = slot + kDayMs;
  if (state.failures > 0) {
    const std::int64_t tried = std::min(state.last_try.value_or(now).value, now.value);
    const std::int64_t again = std::max(tried + back_off_ms(state, device), now.value);
    return TimeMs(std::min(again, next_slot));
  }
  if (state.last_success && state.last_success->value >= slot) return TimeMs(next_slot);
  const std::int64_t soon = now.value + share_ms(device, kCatchUpMinutes * kMinuteMs);
  return TimeMs(std::min(soon, next_slot));
}

UpSyncState after_success(TimeMs now) { return {now, now, 0, 0}; }

UpSyncState after_failure(const UpSyncState& before, TimeMs now, int retry_after_s) {
  UpSyncState state = before;
  state.last_try = now;
  state.failures = std::min(before.failures + 1, kFailuresMax);
  state.retry_after_s = std::clamp(retry_after_s, 0, kBackOffMostMinutes * 60);
  return state;
}

}  // namespace lalanh::server
