#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/event/event.h"
#include "shared/merge/state.h"

namespace lalanh {

/// Events of one segment on the way to local names: all but the two things that only the writer
/// of the database can say. Words stand as places in `names`, and the stream's number is 0.
struct NumberedEvents {
  std::vector<MergeEvent> events;
  std::vector<std::string> names;  ///< in order of first use
};

/// Moves the events in; `first` is the counter of the first of them. Nothing, and nothing is moved,
/// where they name events of other streams than their own. Pure; any thread.
std::optional<NumberedEvents> number_events(const WriterId& writer, std::uint32_t first,
                                            std::vector<Event>& events);
/// Puts in the stream and the words, new ones in the order of their first use: what
/// with_local_names makes of each event. Once.
void give_local_names(NumberedEvents& numbered, std::uint32_t stream, Words& words);

}  // namespace lalanh
