#pragma once

#include <optional>
#include <span>
#include <vector>

#include "shared/event/event.h"
#include "shared/merge/names.h"

/// The merge (`sync.md`): state is a pure function of the set of events. Nothing here does I/O,
/// knows a verb or the catalogue. Not thread-safe; values are owned.
namespace lalanh {

/// An op with local names. Base and tips are causes; a create's parent is the first of its base,
/// and a dot as any other op's value stands among the tips (a remove's: among the base).
struct MergeOp {
  OpKind kind = OpKind::kSet;
  Word name = 0;
  Value value;
  std::vector<Ref> base;
  std::vector<Ref> tips;
};

/// Where the dot that is the op's value goes: it is a cause as well. create keeps it as the parent,
/// the others must only wait for it (a remove's tips are data, so its cause is among the bases).
inline std::vector<Ref>& value_causes(MergeOp& op) {
  return op.kind == OpKind::kCreate || op.kind == OpKind::kRemove ? op.base : op.tips;
}

/// How a live write merges. The numbers are in state rows and digests.
enum class WriteClass : std::uint8_t { kSingle = 0, kItem = 1, kDecision = 2, kRevoke = 3 };

/// A live write of a field, item of a set, decision or revoke.
struct Write {
  Word name = 0;
  WriteClass cls = WriteClass::kSingle;
  Ref ref;
  std::uint64_t order = 0;
  Value value;
};

struct Tip {
  Ref ref;
  std::uint64_t order = 0;
};

/// A live removal, with the tips of the entity's events that it saw.
struct Removal {
  Ref ref;
  std::uint64_t order = 0;
  Value reason;
  std::vector<Ref> tips;
};

/// An item of an `append` field; kept beside the state, so that a row does not grow.
struct AppendedItem {
  Word name = 0;
  Ref ref;
  std::uint32_t index = 0;  ///< of the op in its event
  std::uint64_t order = 0;
  Value value;
};

/// Everything live of one entity, its appended items aside. An entity without create is the scope
/// itself: decisions and revokes.
struct EntityState {
  Ref create;
  std::uint64_t create_order = 0;
  Word type = 0;
  Ref parent;
  std::vector<Write> writes;  ///< by (name, class), then as they came
  std::vector<Tip> tips;      ///< of all events on the entity, one for each line
  std::vector<Removal> removals;
};

/// An entity as its create alone makes it, and the part of its row that depends on nothing else
/// (`state_codec.h`); worked out before the event's turn.
struct CreatedState {
  EntityState state;
  std::vector<std::uint8_t> row;
};

/// An event with local names. `order` is the counted one (`counted_order`).
struct MergeEvent {
  Ref ref;
  std::uint64_t order = 0;
  Ref entity;                ///< itself where it creates; none for the scope
  std::vector<MergeOp> ops;  ///< with `created`: those alone that name a cause, and the create
  std::optional<CreatedState> created;
};

enum class Presence : std::uint8_t { kThere = 0, kRemoved = 1, kDisputed = 2 };

/// One more event on the entity. The caller has seen to it that all it names is folded, each event
/// once. Appended items are added to `items`. An event on what no event created changes nothing.
/// The values are moved out of the event; all else of it stays. What `created` holds is taken as
/// what its ops make.
void apply(MergeEvent& event, const Lines& lines, EntityState& state,
           std::vector<AppendedItem>& items);

/// What an event that creates makes of nothing, its values moved out; its ops are then those that
/// name a cause. False, and nothing is done, where an op is more than a value of a field.
bool create_ahead(MergeEvent& event);

Presence presence(const EntityState& state, const Lines& lines);
/// Does it count in reports? There: yes. Removed: no. Disputed: as the greatest of its live
/// removals and the events that none of them saw says (of each line its last, the greatest there).
bool counts(const EntityState& state, const Lines& lines);

/// The order that decides what is shown: rank, then counted order, then dot.
bool greater(Ref a, std::uint64_t order_a, Ref b, std::uint64_t order_b, const Lines& lines);
/// Dots in the order of `identity.md`: device number, writer, counter.
bool dot_less(Ref a, Ref b, const Lines& lines);

/// The live writes of a field of the class, together; empty where there are none.
std::span<const Write> writes_of(const EntityState& state, Word name,
                                 WriteClass cls = WriteClass::kSingle);
/// The value shown of a single field: that of the greatest live write; null where it has none.
const Write* shown(const EntityState& state, Word name, const Lines& lines);
const Write* shown(std::span<const Write> writes, const Lines& lines);

/// Names of single fields (and kinds of decision) with two or more distinct live values.
std::vector<Word> conflicting_fields(const EntityState& state);
/// Any of those, or a disputed removal?
bool in_conflict(const EntityState& state, const Lines& lines);

/// The part of the state that somebody had seen who knew the entity's events up to these tips: what
/// is live now and was there then. For whoever writes next, not for counting: its tips have no
/// order.
EntityState as_seen(EntityState state, const std::vector<Ref>& tips, const Lines& lines);

/// What an event's order counts as: at most 2^24 more than the event before it counts.
std::uint64_t counted_order(std::uint64_t order, std::uint64_t before);

}  // namespace lalanh
