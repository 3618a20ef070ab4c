#pragma once

#include <span>
#include <string>
#include <vector>

#include "shared/store/store.h"

/// Inside shared/register: the ops that commands are made of.
namespace lalanh {

std::vector<Dot> dots_of(std::span<const Write> writes, const ScopeStreams& streams);
Op set_op(const std::string& name, Value value, std::vector<Dot> base);
Op item_op(OpKind kind, const std::string& name, Value value, std::vector<Dot> base);
/// The removal of one entity as its author saw it.
Op removal_op(const EntityState& state, const ScopeStreams& streams, const std::string& reason);
Op keep_op(const EntityState& state, const ScopeStreams& streams);
/// The same of those removals alone that a move wrote.
Op keep_moved_op(const EntityState& state, const ScopeStreams& streams);

/// The reason of the removals that `Register::move` writes.
inline constexpr const char* kMovedReason = "moved";
/// Is there a removal of it, in force or disputed, because it moved?
bool removed_as_moved(const EntityState& state);
/// Why one that is removed cannot be changed: register.removed, or register.moved.
Error no_longer_there(const EntityState& state, const EntityId& entity);

}  // namespace lalanh
