#pragma once

#include <cstdint>
#include <optional>

#include "shared/base/ids.h"

namespace lalanh::server {

/// When a server syncs with its parent by itself.
struct UpSyncSettings {
  bool nightly = true;
  int at_minute = 60;       ///< after midnight in Vietnam: 01:00
  int spread_minutes = 60;  ///< its own minute of this hour, by a hash of the device
};

/// What came of the syncs so far; kept over restarts by whoever owns the scheduler.
struct UpSyncState {
  std::optional<TimeMs> last_success;
  std::optional<TimeMs> last_try;
  int failures = 0;       ///< since the last success
  int retry_after_s = 0;  ///< what a busy parent asked for, 0: nothing
};

/// The least and most minutes between tries after failures: 2, 4, 8, 16, 32, 60, 60, ...
inline constexpr int kBackOffFirstMinutes = 2;
inline constexpr int kBackOffMostMinutes = 60;
/// A server that was switched off at night (halls are) syncs within so long after its start.
inline constexpr int kCatchUpMinutes = 10;

/// The moment of the next sync, never before `now`; nullopt where there is none by itself.
///   - after a failure: the back-off, or what the parent asked for, spread by up to a quarter; or
///     the night's own moment, if that comes first
///   - no success since the night's last moment: within kCatchUpMinutes
///   - else the night's next moment, at most 24 hours away
/// Moments after `now` in `state` come of a clock that was put back, and count as `now`. Pure.
std::optional<TimeMs> next_run(TimeMs now, const UpSyncSettings& settings, DeviceNo device,
                               const UpSyncState& state);

/// The state after a try that ended at `now`.
UpSyncState after_success(TimeMs now);
UpSyncState after_failure(const UpSyncState& before, TimeMs now, int retry_after_s);

}  // namespace lalanh::server
