#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/sim/seeds.h"

/// Runs that leave nothing out: every write, every byte, every order. Each throws nothing and gives
/// the first run that breaks a promise.
namespace lalanh::sim {

struct Exhausted {
  std::uint64_t runs = 0;
  std::optional<SeedRun> failed;
};

/// What a power cut comes in the middle of.
enum class CutIn : std::uint8_t {
  kSave,       ///< one entry on a laptop
  kTaking,     ///< a segment taken in: at the hall, while a laptop syncs
  kSync,       ///< a sync: at the laptop
  kImporting,  ///< a bundle taken in at the hall
  kUpgrading   ///< the hall's first start with a newer program, which makes its tables anew
};
constexpr std::size_t kCutsIn = 5;
/// The power goes at each write in turn; after each the tree must come to rest with nothing lost.
Exhausted cut_at_every_write(CutIn where, std::uint64_t seed);

/// The link is cut after each byte of a sync with so many events, in both directions together; what
/// goes on from there must end in the same state.
Exhausted cut_at_every_byte(int events, std::uint64_t step);

/// Every order of the steps of two laptops, a hall and a district, of so many steps each. `prune`:
/// orders that differ only in steps of machines that do not meet are played once.
Exhausted every_order(int steps, std::uint64_t program, bool prune);
/// How many programs every_order knows.
constexpr std::uint64_t kPrograms = 6;

}  // namespace lalanh::sim
