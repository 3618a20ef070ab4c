#pragma once

#include <atomic>
#include <mutex>

#include "shared/base/ports.h"

namespace lalanh::sim {

/// The time that really passes, one for all machines of a simulation. Only ever goes on, and only
/// when told. Thread-safe.
class TrueTime {
 public:
  static constexpr std::int64_t kStartMs = 1'798'700'000'000;  ///< in December 2026
  explicit TrueTime(std::int64_t start_ms = kStartMs) : ms_(start_ms) {}
  std::int64_t ms() const { return ms_.load(); }
  void advance(std::int64_t ms) {
    LALANH_CHECK(ms >= 0);
    ms_ += ms;
  }

 private:
  std::atomic<std::int64_t> ms_;
};

/// The clock of one machine: what its battery, its quartz and its user make of the true time.
/// Right until told otherwise; `time` is not owned and outlives it. Thread-safe.
class SimClock : public Clock {
 public:
  static constexpr std::int64_t k1970 = 0;                  ///< an empty battery
  static constexpr std::int64_t k2000 = 946'684'800'000;    ///< an empty battery, other makes
  static constexpr std::int64_t k2038 = 2'147'483'648'000;  ///< beyond 31 bits of seconds
  static constexpr std::int64_t k2099 = 4'070'908'800'000;  ///< a wrong digit

  explicit SimClock(const TrueTime& time);

  TimeMs now() override;
  std::int64_t steady_ms() override;

  /// Puts the wall clock, as a user or an empty battery does; it goes on from there.
  void set_wall(std::int64_t ms);
  /// Moves the wall clock by so much.
  void shift_wall(std::int64_t ms);
  /// Puts the wall clock right; the drift stays.
  void set_right();
  /// So many millionths too fast (negative: too slow) from now on, wall and steady.
  void set_drift(std::int64_t ppm);
  /// Goes on as the other stands now: of a machine that was copied while it ran.
  void follow(SimClock& other);
  /// The steady clock starts anew.
  void reboot();
  /// Wall minus true time.
  std::int64_t error_ms();

 private:
  /// What this machine counts since the last change of its drift, under the lock.
  std::int64_t counted() const;
  void rebase();

  const TrueTime& time_;
  std::mutex mutex_;
  std::int64_t since_, wall_, steady_ = 0, drift_ppm_ = 0;
};

}  // namespace lalanh::sim
