#pragma once

#include <array>
#include <mutex>
#include <span>
#include <string_view>

#include "shared/base/ports.h"

namespace lalanh::sim {

/// All choices of the simulator: xoshiro256**, seeded by splitmix64. The same seed gives the same
/// choices on every machine and compiler, so long as no two draws of one stream stand as arguments
/// of one call. Not for secrets; not thread-safe.
class Rng {
 public:
  explicit Rng(std::uint64_t seed);
  /// A stream of its own, named by this one's seed and the label alone: what was drawn before does
  /// not matter, so that a new draw in one part moves nothing in another.
  Rng fork(std::string_view label, std::uint64_t number = 0) const;

  std::uint64_t next();
  /// 0 .. n-1; n of 0 is a CHECK.
  std::uint64_t below(std::uint64_t n);
  /// low .. high, both included.
  std::int64_t between(std::int64_t low, std::int64_t high);
  /// True with probability p (0 never, 1 always).
  bool chance(double p);
  /// One of them, each alike; of none a CHECK.
  template <class T>
  T& pick(std::span<T> of) {
    return of[below(of.size())];
  }
  void fill(std::span<std::uint8_t> out);

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_{};
};

/// The random numbers of a simulated machine: of the same seed, the same bytes. Thread-safe.
class SimRandom : public Random {
 public:
  explicit SimRandom(std::uint64_t seed) : rng_(seed) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::mutex mutex_;
  Rng rng_;
};

/// Two numbers into one that depends on each of their bits. Pure.
std::uint64_t mix(std::uint64_t a, std::uint64_t b);

}  // namespace lalanh::sim
