#pragma once

#include <cstdint>

namespace lalanh::gen {

/// What a review finds, as Decree 07/2021 names it. kOther is every household that has none of
/// the three names.
enum class HouseholdClass : std::uint8_t { kPoor, kNearPoor, kAverageFarm, kOther };

inline constexpr int kClasses = 4;

/// Rural is a xã; urban a phường or a thị trấn.
enum class Area : std::uint8_t { kRural, kUrban };

/// Dong a person a month up to which a household can be poor or near-poor
/// (Decree 07/2021 Article 3: 1,500,000 rural, 2,000,000 urban).
std::int64_t poverty_line(Area area);

/// Dong a person a month up to which a farming household has an average living
/// (2,250,000 rural, 3,000,000 urban).
std::int64_t average_line(Area area);

/// The number of the 12 indicators from which a household at or under the line is poor.
inline constexpr int kPoorDeprivations = 3;

/// The class by the rule, from the answers alone: income a person a month in dong, how many of
/// the 12 indicators the household lacks, whether it works in farming. Pure.
HouseholdClass classify(Area area, std::int64_t income, int deprivations, bool farm_work);

}  // namespace lalanh::gen
