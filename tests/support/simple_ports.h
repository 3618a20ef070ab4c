#pragma once

#include <filesystem>
#include <string>

#include "shared/base/ports.h"

namespace lalanh::testing {

/// A clock that moves when told, and a millisecond at each reading.
class FakeClock : public Clock {
 public:
  TimeMs now() override { return TimeMs(wall_ms += 1); }
  std::int64_t steady_ms() override { return steady += 1; }
  void advance(std::int64_t ms) {
    wall_ms += ms;
    steady += ms;
  }
  std::int64_t wall_ms = 1'798'700'000'000;  ///< in December 2026
  std::int64_t steady = 1'000;
};

/// SplitMix64: the same bytes for the same seed.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(next() >> 56U);
  }
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  std::uint64_t below(std::uint64_t n) { return next() % n; }

 private:
  std::uint64_t state_;
};

/// A new folder under the system's temporary one; removed with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const;
  std::string path() const;

 private:
  std::filesystem::path path_;
};

}  // namespace lalanh::testing
