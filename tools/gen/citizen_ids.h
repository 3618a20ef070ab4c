#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tools/gen/data.h"

namespace lalanh::gen {

/// Gives invented citizen ids (12 digits: 037, century and sex, two digits of the birth year,
/// six digits; Decree 137/2015 Article 13) that no two persons of a province share: each village
/// has its own part of the six digits, so that no list of used numbers is needed.
/// One object a village, asked in a fixed order; one thread.
class CitizenIds {
 public:
  /// `village` is the village's number in the province.
  CitizenIds(std::uint64_t seed, std::size_t village);

  /// A new id. Births before 1900 or from 2100 on are a CHECK.
  std::string next(int birth, Sex sex);

 private:
  static constexpr int kBirths = 200;
  std::uint64_t seed_;
  std::uint64_t village_;
  std::array<std::uint16_t, static_cast<std::size_t>(kBirths) * 2> used_{};
};

/// Whether an id has the structure and fits birth and sex. Pure.
bool citizen_id_fits(const std::string& id, int birth, Sex sex);

}  // namespace lalanh::gen
