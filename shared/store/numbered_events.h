#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/event/event.h"
#include "shared/merge/state.h"
#include "shared/store/words.h"

namespace lalanh {

/// Events of one segment on the way to local names, entities that they create already made: all
/// but the stream's number, which is 0 here and only the writer of the database can say.
struct NumberedEvents {
  std::vector<MergeEvent> events;
  /// The names that they use, with the words that were taken for them.
  std::vector<std::pair<std::string, Word>> words;
};

/// Moves the events in; `first` is the counter of the first of them. Nothing, and nothing is moved,
/// where they name events of other streams than their own, or names without a word. Any thread.
std::optional<NumberedEvents> number_events(const WriterId& writer, std::uint32_t first,
                                            std::vector<Event>& events, const StoredWords& words);
/// Are the words still those? Else what was numbered is worth nothing.
bool same_words(const NumberedEvents& numbered, const StoredWords& words);
/// Puts in the stream: now the events are what with_local_names makes of each. Once.
void give_stream(NumberedEvents& numbered, std::uint32_t stream);

}  // namespace lalanh
