#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/gen/household.h"
#include "tools/gen/rng.h"
#include "tools/gen/units.h"

namespace lalanh::gen {

/// How the bench form looks: as the register has it (mostly not poor, regular families), or as
/// the published example of the form does (each answer drawn by itself, so that nothing compresses
/// better than it would there). Codes, heads, births and addresses are the register's in both.
enum class BenchLook : std::uint8_t { kExample, kRegister };

/// Members of each household in the bench form.
inline constexpr std::size_t kBenchMembers = 4;

/// Writes households.ndjson and updates.ndjson, the input of lalanh-bench. Keeps what updates
/// need of each household, about 400 bytes. One thread.
class BenchForm {
 public:
  BenchForm(std::uint64_t seed, BenchLook look) : seed_(seed), look_(look) {}

  /// The line of a household in `year`, with its line end.
  std::string household(const VillageUnit& village, const Household& household, int year);

  /// The lines of the next `count` updates, numbered on from 1: each sets 1, 2 or 3 fields of a
  /// household drawn evenly from those written so far, each to a new value.
  std::string updates(std::int64_t count);

  std::size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    std::string id;
    std::string place;                 ///< of the address, after the number
    std::array<std::string, 3> texts;  ///< wishes, address, head as they stand
    std::int64_t income;
    std::array<bool, kIndicators> lacks;
    bool muong;
  };

  static void change(std::string& out, Rng& rng, Kept& kept, std::size_t field);

  std::uint64_t seed_;
  BenchLook look_;
  std::vector<Kept> kept_;
  std::int64_t seq_ = 0;
  std::int64_t ts_ = 1'767'225'600'000;  // 2026-01-01 in UTC
};

}  // namespace lalanh::gen
