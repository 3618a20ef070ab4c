#include "tests/sim/disk/clock.h"

namespace lalanh::sim {

SimClock::SimClock(const TrueTime& time) : time_(time), since_(time.ms()), wall_(since_) {}

std::int64_t SimClock::counted() const {
  const std::int64_t passed = time_.ms() - since_;
  return passed + passed * drift_ppm_ / 1'000'000;
}

void SimClock::rebase() {
  const std::int64_t passed = counted();
  wall_ += passed;
  steady_ += passed;
  since_ = time_.ms();
}

TimeMs SimClock::now() {
  const std::lock_guard lock(mutex_);
  return TimeMs(wall_ + counted());
}

std::int64_t SimClock::steady_ms() {
  const std::lock_guard lock(mutex_);
  return steady_ + counted();
}

void SimClock::set_wall(std::int64_t ms) {
  const std::lock_guard lock(mutex_);
  rebase();
  wall_ = ms;
}

void SimClock::shift_wall(std::int64_t ms) {
  const std::lock_guard lock(mutex_);
  wall_ += ms;
}

void SimClock::set_right() { set_wall(time_.ms()); }

void SimClock::set_drift(std::int64_t ppm) {
  const std::lock_guard lock(mutex_);
  rebase();
  drift_ppm_ = ppm;
}

void SimClock::follow(SimClock& other) {
  const std::scoped_lock lock(mutex_, other.mutex_);
  since_ = other.since_;
  wall_ = other.wall_;
  steady_ = other.steady_;
  drift_ppm_ = other.drift_ppm_;
}

void SimClock::reboot() {
  const std::lock_guard lock(mutex_);
  rebase();
  steady_ = 0;
}

std::int64_t SimClock::error_ms() {
  const std::lock_guard lock(mutex_);
  return wall_ + counted() - time_.ms();
}

}  // namespace lalanh::sim
