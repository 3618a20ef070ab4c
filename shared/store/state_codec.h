#pragma once

#include "shared/merge/state.h"

namespace lalanh {

/// The blob of a state row (`docs/FORMATS.md`, Database). `create`, `type` and `parent` are
/// columns of their own.
void write_state(const EntityState& state, Bytes& out);
/// The same for an entity as its create alone makes it, in two halves: what depends on neither the
/// event's name nor its order, which can be written before they are known; and all, from that.
void write_created(const EntityState& state, Bytes& out);
void write_state(Ref create, std::uint64_t order, ByteView created, Bytes& out);
/// Into `state`, whatever it held; what memory it has is used. store.corrupt where the bytes are
/// not such a blob; our own file may be damaged.
Status read_state(Ref create, Word type, Ref parent, ByteView bytes, EntityState& state);
/// The same, as a new one.
Result<EntityState> read_state(Ref create, Word type, Ref parent, ByteView bytes);

/// A value as it lies in state rows and items.
void write_stored_value(const Value& value, Bytes& out);
Result<Value> read_stored_value(ByteView bytes);

}  // namespace lalanh
