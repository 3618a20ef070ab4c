#include "tools/gen/rng.h"

#include "shared/base/check.h"

namespace lalanh::gen {
namespace {

std::uint64_t finalise(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::uint64_t rotate_left(std::uint64_t word, int bits) {
  return (word << bits) | (word >> (64 - bits));
}

}  // namespace

std::uint64_t mix(std::uint64_t key, std::uint64_t word) {
  return finalise(key * 0x9E3779B97F4A7C15ULL + word + 0x632BE59BD9B4E019ULL);
}

std::uint64_t key_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char letter : text) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 0x100000001B3ULL;
  }
  return finalise(hash);
}

Rng::Rng(std::uint64_t seed, std::string_view purpose, std::initializer_list<std::uint64_t> thing) {
  std::uint64_t key = mix(key_of(purpose), seed);
  for (const std::uint64_t word : thing) key = mix(key, word);
  for (std::uint64_t& word : state_) {
    key += 0x9E3779B97F4A7C15ULL;
    word = finalise(key);
  }
}

std::uint64_t Rng::next() {
  const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

std::uint32_t Rng::below(std::uint32_t bound) {
  CHECK(bound > 0);
  const std::uint64_t high = next() >> 32;
  return static_cast<std::uint32_t>((high * bound) >> 32);
}

int Rng::between(int low, int high) {
  CHECK(low <= high);
  return low + static_cast<int>(below(static_cast<std::uint32_t>(high - low) + 1));
}

std::size_t Rng::pick(std::span<const int> weights) {
  std::uint32_t sum = 0;
  for (const int weight : weights) sum += static_cast<std::uint32_t>(weight);
  std::uint32_t rest = below(sum);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto weight = static_cast<std::uint32_t>(weights[i]);
    if (rest < weight) return i;
    rest -= weight;
  }
  CHECK(false);
  return 0;
}

}  // namespace lalanh::gen
