#include "tests/sim/disk/rng.h"

namespace lalanh::sim {
namespace {

constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15ULL;

std::uint64_t finalise(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

std::uint64_t rotate_left(std::uint64_t word, unsigned bits) {
  return (word << bits) | (word >> (64U - bits));
}

}  // namespace

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  return finalise(finalise(a + kStep) ^ (b * kStep + 0x632BE59BD9B4E019ULL));
}

Rng::Rng(std::uint64_t seed) : seed_(seed) {
  for (std::uint64_t& word : state_) word = finalise(seed += kStep);
}

Rng Rng::fork(std::string_view label, std::uint64_t number) const {
  std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
  for (const char letter : label) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3ULL;
  }
  return Rng(mix(mix(seed_, hash), number));
}

std::uint64_t Rng::next() {
  const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

std::uint64_t Rng::below(std::uint64_t n) {
  CHECK(n > 0);
  return next() % n;
}

std::int64_t Rng::between(std::int64_t low, std::int64_t high) {
  CHECK(low <= high);
  return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
}

bool Rng::chance(double p) {
  // 53 bits are exact in a double, so that this is the same everywhere.
  return static_cast<double>(next() >> 11U) < p * 9007199254740992.0;
}

void Rng::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    std::uint64_t word = next();
    for (int i = 0; i < 8 && !out.empty(); ++i, word >>= 8U) {
      out.front() = static_cast<std::uint8_t>(word);
      out = out.subspan(1);
    }
  }
}

void SimRandom::fill(std::span<std::uint8_t> out) {
  const std::lock_guard lock(mutex_);
  rng_.fill(out);
}

}  // namespace lalanh::sim
