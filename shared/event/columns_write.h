#pragma once

#include <functional>

#include "shared/event/segment_parts.h"

/// Inside shared/event: the two halves of the writer of columns.
namespace lalanh::segment_parts {

struct Place {
  const Op* op;
  std::uint32_t event;
};

/// All ops of one form, in order.
struct FormOps {
  std::uint8_t flags = 0;
  std::uint8_t kinds = 0;  ///< of their values, all alike; or kMixedKinds
  std::vector<Place> places;
};

/// The values of a form. `first` is the counter of the segment's first event.
void put_values(const FormOps& form, const std::function<std::uint64_t(const WriterId&)>& index_of,
                std::uint32_t first, const WordList& words, Columns& out);

}  // namespace lalanh::segment_parts
