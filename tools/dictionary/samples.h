#pragma once

#include <functional>
#include <string>

#include "shared/event/segment.h"
#include "tools/dictionary/form.h"

namespace lalanh::dictionary {

/// Actors as the product shows them: name and office.
const std::vector<std::string>& actors();

/// Segments as villages and communes make them: imports, single records, corrections in batches of
/// 1 to 1,000, removals; each scope has its part of the form's households. Calls `use` for each.
void make_samples(
    const Form& form,
    const std::function<void(const SegmentHeader& header, std::span<const Event> events,
                             const StreamNames& names)>& use);

}  // namespace lalanh::dictionary
