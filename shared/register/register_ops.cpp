#include "shared/register/register_ops.h"

#include <algorithm>

#include "shared/register/register.h"

namespace lalanh {

std::vector<Dot> dots_of(std::span<const Write> writes, const ScopeStreams& streams) {
  std::vector<Dot> out;
  out.reserve(writes.size());
  for (const Write& write : writes) out.push_back(streams.dot(write.ref));
  return out;
}

Op set_op(const std::string& name, Value value, std::vector<Dot> base) {
  Op op;
  op.kind = OpKind::kSet;
  op.name = name;
  op.value = std::move(value);
  op.base = std::move(base);
  return op;
}

Op item_op(OpKind kind, const std::string& name, Value value, std::vector<Dot> base) {
  Op op = set_op(name, std::move(value), std::move(base));
  op.kind = kind;
  return op;
}

Op removal_op(const EntityState& state, const ScopeStreams& streams, const std::string& reason) {
  Op op;
  op.kind = OpKind::kRemove;
  if (!reason.empty()) op.value = Value::text(reason);
  for (const Removal& removal : state.removals) op.base.push_back(streams.dot(removal.ref));
  op.tips = seen_of(state, streams);
  return op;
}

Op keep_op(const EntityState& state, const ScopeStreams& streams) {
  Op op;
  op.kind = OpKind::kKeep;
  for (const Removal& removal : state.removals) op.base.push_back(streams.dot(removal.ref));
  return op;
}

namespace {

bool of_move(const Removal& removal) { return removal.reason == Value::text(kMovedReason); }

}  // namespace

Op keep_moved_op(const EntityState& state, const ScopeStreams& streams) {
  Op op;
  op.kind = OpKind::kKeep;
  for (const Removal& removal : state.removals) {
    if (of_move(removal)) op.base.push_back(streams.dot(removal.ref));
  }
  return op;
}

bool removed_as_moved(const EntityState& state) {
  return std::any_of(state.removals.begin(), state.removals.end(), of_move);
}

Error no_longer_there(const EntityState& state, const EntityId& entity) {
  return {removed_as_moved(state) ? ErrorCode::register_moved : ErrorCode::register_removed,
          {{"what", to_text(entity)}}};
}

}  // namespace lalanh
