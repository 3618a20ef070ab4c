#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace lalanh::gen {

/// Mixes a word into a key (splitmix64's finaliser). Pure; the same on every machine.
std::uint64_t mix(std::uint64_t key, std::uint64_t word);

/// A 64-bit key of a text (FNV-1a, then mixed). Pure; the same on every machine.
std::uint64_t key_of(std::string_view text);

/// A small stream of choices: xoshiro256**, seeded by splitmix64. Integers only, so a choice is
/// the same on any machine and compiler. A stream belongs to one thing (a household, a year), so
/// that making a part of the province makes the same bytes as making the whole.
/// Two draws of one stream never stand as arguments of one call or operands of one operator: C++
/// leaves their order to the compiler, and GCC and Clang differ.
/// Not for secrets. Not shared between threads.
class Rng {
 public:
  /// The stream of (seed, purpose, numbers that name the thing).
  Rng(std::uint64_t seed, std::string_view purpose, std::initializer_list<std::uint64_t> thing);

  /// The next 64 bits.
  std::uint64_t next();

  /// 0 .. bound-1; a bound of 0 is a CHECK.
  std::uint32_t below(std::uint32_t bound);

  /// low .. high, both included; low > high is a CHECK.
  int between(int low, int high);

  /// True in about `permille` of 1,000 calls.
  bool chance(int permille) { return static_cast<int>(below(1000)) < permille; }

  /// An index of `weights`, each in proportion to its weight; a sum of 0 is a CHECK.
  std::size_t pick(std::span<const int> weights);

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace lalanh::gen
