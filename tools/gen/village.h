#pragma once

#include <cstdint>
#include <vector>

#include "tools/gen/household.h"
#include "tools/gen/quotas.h"
#include "tools/gen/units.h"

namespace lalanh::gen {

/// All households of a village in the order of their codes, with every year's assessment. Meets
/// the quota exactly. Depends on seed, unit and quota alone (and the quota on the seed alone), so
/// a village has the same bytes whether it is made alone or with the province. Any thread.
std::vector<Household> make_village(std::uint64_t seed, const VillageUnit& village,
                                    const VillageQuota& quota);

}  // namespace lalanh::gen
