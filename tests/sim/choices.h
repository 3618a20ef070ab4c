#pragma once

#include "shared/base/bytes.h"
#include "tests/sim/disk/rng.h"

namespace lalanh::sim {

/// Where a random script's choices come from. Not thread-safe.
class Choices {
 public:
  virtual ~Choices() = default;
  /// 0 .. n-1; n is not 0.
  virtual std::uint64_t below(std::uint64_t n) = 0;
  /// low .. high, both included.
  virtual std::int64_t between(std::int64_t low, std::int64_t high) = 0;
  /// True with probability p.
  virtual bool chance(double p) = 0;
  /// Is there nothing more to choose? What is asked for all the same is answered.
  virtual bool ended() const { return false; }
};

/// All from one seed; without an end.
class SeededChoices final : public Choices {
 public:
  explicit SeededChoices(const Rng& rng) : rng_(rng) {}
  std::uint64_t below(std::uint64_t n) override { return rng_.below(n); }
  std::int64_t between(std::int64_t low, std::int64_t high) override {
    return rng_.between(low, high);
  }
  bool chance(double p) override { return rng_.chance(p); }

 private:
  Rng rng_;
};

/// Each from the next bytes: one where there are at most 256 choices, else as many as it takes. The
/// same bytes give the same choices; an altered byte alters one choice. When they have ended, a
/// fixed seed answers. The bytes outlive it.
class ByteChoices final : public Choices {
 public:
  explicit ByteChoices(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t below(std::uint64_t n) override;
  std::int64_t between(std::int64_t low, std::int64_t high) override;
  bool chance(double p) override;
  bool ended() const override { return bytes_.empty(); }

 private:
  ByteView bytes_;
  Rng after_{1};
};

}  // namespace lalanh::sim
