#include "tools/gen/classes.h"

namespace lalanh::gen {

std::int64_t poverty_line(Area area) { return area == Area::kRural ? 1'500'000 : 2'000'000; }

std::int64_t average_line(Area area) { return area == Area::kRural ? 2'250'000 : 3'000'000; }

HouseholdClass classify(Area area, std::int64_t income, int deprivations, bool farm_work) {
  if (income <= poverty_line(area)) {
    return deprivations >= kPoorDeprivations ? HouseholdClass::kPoor : HouseholdClass::kNearPoor;
  }
  if (farm_work && income <= average_line(area)) return HouseholdClass::kAverageFarm;
  return HouseholdClass::kOther;
}

}  // namespace lalanh::gen
