// Register::move: a household goes to another unit.

#include <algorithm>

#include "shared/register/continuations.h"
#include "shared/register/queries.h"
#include "shared/register/register.h"
#include "shared/register/register_ops.h"

namespace lalanh {
namespace {

constexpr const char* kMoveVerb = "move";

/// What is shown of an entity, each field once, as ops that create the same.
void add_shown(const EntityState& state, const ScopeStreams& streams, StoredWords& words,
               std::vector<Op>& ops) {
  Word single = 0;
  std::vector<std::pair<Word, Value>> added;
  for (const Write& write : state.writes) {
    const std::string& name = words.text(write.name);
    if (write.cls == WriteClass::kSingle && write.name != single && name != kContinues) {
      single = write.name;
      const Value& value = shown(state, write.name, streams)->value;
      if (!value.is_null()) ops.push_back(set_op(name, value, {}));
    }
    if (write.cls != WriteClass::kItem) continue;
    const std::pair<Word, Value> item(write.name, write.value);
    if (std::find(added.begin(), added.end(), item) != added.end()) continue;
    added.push_back(item);
    ops.push_back(item_op(OpKind::kAdd, name, write.value, {}));
  }
}

/// Had the author seen all that the entity is now?
bool saw_all(const EntityState& seen, const EntityState& now, const ScopeStreams& streams) {
  return std::all_of(now.tips.begin(), now.tips.end(), [&](const Tip& tip) {
    return std::any_of(seen.tips.begin(), seen.tips.end(),
                       [&](const Tip& known) { return streams.at_or_before(tip.ref, known.ref); });
  });
}

Error unsettled(const EntityId& entity) {
  return {ErrorCode::register_unsettled, {{"what", to_text(entity)}}};
}

}  // namespace

Result<Link> Register::link_to(const EntityId& entity) {
  StoreCore& core = store_.core();
  TRY_ASSIGN(const ScopeStreams* streams, core.scope(entity.scope));
  const Ref ref = streams->ref(entity.create);
  TRY_ASSIGN(const Hash hash, core.log.hash_at(*streams, streams->at(ref.stream()), ref.counter()));
  return Link{entity.scope, entity.create, hash_front<8>(hash)};
}

Status Register::expect_not_moved(WriteBatch& batch, const EntityId& entity, const Begun& begun) {
  RegisterQueries queries(store_);
  const Ref parent = begun.state.parent;
  TRY_ASSIGN(bool moved, queries.moved(parent.none() ? begun.state.create : parent));
  if (!moved && removed_as_moved(begun.state)) {
    if (parent.none()) {
      TRY_ASSIGN(const bool known, queries.named_as_old(entity));
      moved = !known;
    } else {
      TRY_ASSIGN(const EntityState* household,
                 batch.state(entity.scope, begun.streams->dot(parent)));
      moved = household != nullptr && removed_as_moved(*household);
    }
  }
  if (moved) return Error{ErrorCode::register_moved, {{"what", to_text(entity)}}};
  return {};
}

Status Register::keep_moved_children(WriteBatch& batch, const EntityId& entity,
                                     const Begun& begun) {
  if (!begun.state.parent.none() || !removed_as_moved(begun.state)) return {};
  TRY_ASSIGN(const std::vector<Ref> refs, store_.core().entities.children(begun.state.create));
  for (const Ref ref : refs) {
    const EntityId id{entity.scope, begun.streams->dot(ref)};
    TRY_ASSIGN(Begun child, begin(batch, id, begun.event.actor, begun.event.verb, Of::kAny, {}));
    if (!removed_as_moved(child.state)) continue;
    child.event.ops.push_back(keep_moved_op(child.state, *child.streams));
    TRY(batch.add(entity.scope, std::move(child.event)));
  }
  return {};
}

Status Register::expect_movable(const EntityId& household, UnitNo to, const Begun& begun) {
  if (begun.state.type != words_.type("household")) {
    return Error{ErrorCode::register_not_found, {{"what", to_text(household)}}};
  }
  if (household.scope.unit == to) return Error{ErrorCode::input_nothing_to_do};
  if (in_conflict(begun.state, *begun.streams)) return unsettled(household);
  RegisterQueries queries(store_);
  TRY_ASSIGN(const bool moved, queries.moved(begun.state.create));
  if (moved) return Error{ErrorCode::register_moved, {{"what", to_text(household)}}};
  const std::string code(shown_text(begun.state, words_.field("code"), *begun.streams));
  if (code.empty()) return {};
  return expect_code_free({to, Channel::kRecords}, {}, {FieldInput{"code", code, {}}});
}

Result<Dot> Register::copy_in(WriteBatch& batch, const EntityState& state,
                              const ScopeStreams& streams, Scope to, const Value& parent,
                              const std::string& actor, const std::optional<Link>& old) {
  StoredWords& words = store_.core().words;
  Event event;
  event.actor = actor;
  event.verb = kMoveVerb;
  Op& create = event.ops.emplace_back();
  create.kind = OpKind::kCreate;
  create.name = words.text(state.type);
  create.value = parent;
  if (old) event.ops.push_back(set_op(std::string(kContinues), Value::link(*old), {}));
  add_shown(state, streams, words, event.ops);
  TRY_ASSIGN(std::vector<AppendedItem> items, store_.core().entities.items(state.create));
  std::stable_sort(items.begin(), items.end(),
                   [](const AppendedItem& a, const AppendedItem& b) { return a.order < b.order; });
  for (const AppendedItem& item : items) {
    event.ops.push_back(item_op(OpKind::kAppend, words.text(item.name), item.value, {}));
  }
  return batch.add(to, std::move(event));
}

Result<EntityId> Register::move(const EntityId& household, UnitNo to, const std::string& actor,
                                const Seen& seen) {
  const Scope scope{to, Channel::kRecords};
  TRY(expect_writable(scope));
  TRY_ASSIGN(WriteBatch batch, store_.begin_write());
  TRY_ASSIGN(Begun begun, begin(batch, household, actor, kMoveVerb, Of::kThere, seen));
  TRY_ASSIGN(const EntityState* now, batch.state(household.scope, household.create));
  if (!saw_all(begun.state, *now, *begun.streams)) {
    if (presence(*now, *begun.streams) == Presence::kRemoved) {
      return no_longer_there(*now, household);
    }
    // What he did not see would not come along.
    return Error{ErrorCode::register_changed, {{"what", to_text(household)}}};
  }
  TRY(expect_movable(household, to, begun));
  std::vector<Begun> children;
  TRY_ASSIGN(const std::vector<Ref> refs, store_.core().entities.children(begun.state.create));
  for (const Ref ref : refs) {
    const EntityId id{household.scope, begun.streams->dot(ref)};
    TRY_ASSIGN(Begun child, begin(batch, id, actor, kMoveVerb, Of::kAny, {}));
    if (presence(child.state, *child.streams) == Presence::kRemoved) continue;
    if (in_conflict(child.state, *child.streams)) return unsettled(id);
    children.push_back(std::move(child));
  }
  TRY_ASSIGN(const Link old, link_to(household));
  TRY_ASSIGN(const Dot moved,
             copy_in(batch, begun.state, *begun.streams, scope, Value(), actor, old));
  for (Begun& child : children) {
    TRY(copy_in(batch, child.state, *child.streams, scope, Value::dot(moved), actor, std::nullopt));
    // So that an edit of the child disputes its removal, as one of the household does.
    child.event.ops.push_back(removal_op(child.state, *child.streams, kMovedReason));
    TRY(batch.add(household.scope, std::move(child.event)));
  }
  begun.event.ops.push_back(removal_op(begun.state, *begun.streams, kMovedReason));
  TRY(batch.add(household.scope, std::move(begun.event)));
  TRY(batch.commit());
  return EntityId{scope, moved};
}

}  // namespace lalanh
