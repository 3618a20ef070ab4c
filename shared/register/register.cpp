#include "shared/register/register.h"

#include <algorithm>

#include "shared/register/queries.h"
#include "shared/register/register_ops.h"
#include "shared/store/ingest.h"

namespace lalanh {
namespace {

Error not_found(const EntityId& entity) {
  return {ErrorCode::register_not_found, {{"what", to_text(entity)}}};
}

/// Adds for items that are not there, drops for those that are no longer wanted.
void change_set(const FieldInput& input, Word word, const EntityState& state,
                const ScopeStreams& streams, std::vector<Op>& ops) {
  const std::span<const Write> live = writes_of(state, word, WriteClass::kItem);
  const auto wanted = [&](const Value& value) {
    return std::any_of(input.items.begin(), input.items.end(),
                       [&](const FieldValue& item) { return to_value(item) == value; });
  };
  std::vector<Value> dropped;
  for (const Write& write : live) {
    if (wanted(write.value)) continue;
    if (std::find(dropped.begin(), dropped.end(), write.value) != dropped.end()) continue;
    std::vector<Dot> base;
    for (const Write& other : live) {
      if (other.value == write.value) base.push_back(streams.dot(other.ref));
    }
    ops.push_back(item_op(OpKind::kDrop, input.name, write.value, std::move(base)));
    dropped.push_back(write.value);
  }
  for (const FieldValue& item : input.items) {
    const Value value = to_value(item);
    const bool there = std::any_of(live.begin(), live.end(),
                                   [&](const Write& write) { return write.value == value; });
    if (!there) ops.push_back(item_op(OpKind::kAdd, input.name, value, {}));
  }
}

void change_single(const FieldInput& input, Word word, const EntityState& state,
                   const ScopeStreams& streams, std::vector<Op>& ops) {
  const std::span<const Write> live = writes_of(state, word);
  const Value value = to_value(input.value);
  const bool same = live.empty() ? value.is_null()
                                 : std::all_of(live.begin(), live.end(), [&](const Write& write) {
                                     return write.value == value;
                                   });
  if (!same) ops.push_back(set_op(input.name, value, dots_of(live, streams)));
}

}  // namespace

Status Register::expect_writable(Scope scope) const {
  const CertificateLink& device = store_.own_certificate().device();
  if (may_write(store_.core().tree(), scope, device.unit, device.rights) != Allowed::kNo) return {};
  return Error{ErrorCode::trust_not_allowed,
               {{"device", std::to_string(device.device.value)}, {"scope", to_text(scope)}}};
}

Result<Dot> Register::create_in(WriteBatch& batch, Scope scope, std::string_view type,
                                const Dot& parent, const FieldInputs& fields,
                                const std::string& actor, std::string_view verb) {
  TRY(expect_writable(scope));
  const EntityType* known = words_.catalogue().type(type);
  CHECK(known != nullptr);
  if (!parent.none()) {
    TRY_ASSIGN(const EntityState* state, batch.state(scope, parent));
    TRY_ASSIGN(const ScopeStreams* streams, batch.streams(scope));
    // A member of a member would be nobody's.
    if (state == nullptr || state->type != words_.type(known->parent)) {
      return not_found({scope, parent});
    }
    if (presence(*state, *streams) == Presence::kRemoved) {
      return no_longer_there(*state, EntityId{scope, parent});
    }
  }
  Event event;
  event.actor = actor;
  event.verb = std::string(verb);
  Op create;
  create.kind = OpKind::kCreate;
  create.name = std::string(type);
  if (!parent.none()) create.value = Value::dot(parent);
  event.ops.push_back(std::move(create));
  for (const FieldInput& input : fields) {
    const FieldOp op = known->field(input.name)->op;
    if (op == FieldOp::kSet) {
      const Value value = to_value(input.value);
      if (!value.is_null()) event.ops.push_back(set_op(input.name, value, {}));
      continue;
    }
    const OpKind kind = op == FieldOp::kAdd ? OpKind::kAdd : OpKind::kAppend;
    for (const FieldValue& item : input.items) {
      event.ops.push_back(item_op(kind, input.name, to_value(item), {}));
    }
  }
  return batch.add(scope, std::move(event));
}

Status Register::expect_code_free(Scope scope, const Dot& entity, const FieldInputs& fields) {
  for (const FieldInput& input : fields) {
    const std::string* code = std::get_if<std::string>(&input.value);
    if (input.name != "code" || code == nullptr) continue;
    TRY_ASSIGN(const std::vector<EntityId> known,
               RegisterQueries(store_).households_by_code(*code, {scope.unit}));
    if (std::any_of(known.begin(), known.end(),
                    [&](const EntityId& id) { return id.create != entity; })) {
      return Error{ErrorCode::register_duplicate, {{"what", *code}}};
    }
  }
  return {};
}

Status Register::expect_no_second(Scope scope, const Event& event) {
  if (event.ops.front().name != "household") return {};
  FieldInputs fields;
  for (const Op& op : event.ops) {
    if (op.kind == OpKind::kSet) fields.push_back({op.name, to_field_value(op.value), {}});
  }
  return expect_code_free(scope, {}, fields);
}

Result<EntityId> Register::create(Scope scope, std::string_view type, const Dot& parent,
                                  const FieldInputs& fields, const std::string& actor) {
  if (type == "household") TRY(expect_code_free(scope, {}, fields));
  TRY_ASSIGN(WriteBatch batch, store_.begin_write());
  TRY_ASSIGN(const Dot dot, create_in(batch, scope, type, parent, fields, actor, "record"));
  TRY(batch.commit());
  return EntityId{scope, dot};
}

namespace {

/// The entity as it was when the author saw it. What he names as seen must be of its own events.
Result<EntityState> seen_state(const EntityState& state, const ScopeStreams& streams,
                               const Seen& seen) {
  if (!seen) return state;
  std::vector<Ref> tips;
  for (const Dot& dot : *seen) {
    const Ref ref = streams.ref(dot);
    const bool own = !ref.none() && std::any_of(state.tips.begin(), state.tips.end(), [&](Tip tip) {
      return streams.at_or_before(ref, tip.ref);
    });
    if (!own) return Error{ErrorCode::register_not_found, {{"what", to_text(dot)}}};
    tips.push_back(ref);
  }
  return as_seen(state, tips, streams);
}

}  // namespace

std::vector<Dot> seen_of(const EntityState& state, const ScopeStreams& streams) {
  std::vector<Dot> out;
  out.reserve(state.tips.size());
  for (const Tip& tip : state.tips) out.push_back(streams.dot(tip.ref));
  return out;
}

Result<Register::Begun> Register::begin(WriteBatch& batch, const EntityId& entity,
                                        const std::string& actor, std::string_view verb, Of of,
                                        const Seen& seen) {
  TRY_ASSIGN(const EntityState* now, batch.state(entity.scope, entity.create));
  if (now == nullptr) return not_found(entity);
  TRY(expect_writable(entity.scope));
  Begun out;
  TRY_ASSIGN(out.streams, batch.streams(entity.scope));
  TRY_ASSIGN(out.state, seen_state(*now, *out.streams, seen));
  const ScopeStreams* streams = out.streams;
  if (of != Of::kAny) {
    const Ref parent = out.state.parent;
    if (presence(out.state, *streams) == Presence::kRemoved) {
      return no_longer_there(out.state, entity);
    }
    if (of == Of::kThere && !parent.none()) {
      TRY_ASSIGN(const EntityState* above, batch.state(entity.scope, streams->dot(parent)));
      if (above != nullptr && presence(*above, *streams) == Presence::kRemoved) {
        return no_longer_there(*above, entity);
      }
    }
  }
  out.event.actor = actor;
  out.event.verb = std::string(verb);
  out.event.entity = entity.create;
  return out;
}

Result<bool> Register::correct_in(WriteBatch& batch, const EntityId& entity,
                                  const FieldInputs& fields, const std::string& actor,
                                  std::string_view verb, const Seen& seen) {
  TRY_ASSIGN(Begun begun, begin(batch, entity, actor, verb, Of::kThere, seen));
  auto& [event, state, streams] = begun;
  const EntityType* type = words_.catalogue().type(store_.core().words.text(state.type));
  if (type == nullptr) return not_found(entity);
  for (const FieldInput& input : fields) {
    const Word word = store_.core().words.word(input.name);
    switch (type->field(input.name)->op) {
      case FieldOp::kSet: change_single(input, word, state, *streams, event.ops); break;
      case FieldOp::kAdd: change_set(input, word, state, *streams, event.ops); break;
      case FieldOp::kAppend:
        for (const FieldValue& item : input.items) {
          event.ops.push_back(item_op(OpKind::kAppend, input.name, to_value(item), {}));
        }
        break;
    }
  }
  if (event.ops.empty()) return false;
  TRY(batch.add(entity.scope, std::move(event)));
  return true;
}

Result<bool> Register::correct(const EntityId& entity, const FieldInputs& fields,
                               const std::string& actor, const Seen& seen) {
  TRY(expect_code_free(entity.scope, entity.create, fields));
  TRY_ASSIGN(WriteBatch batch, store_.begin_write());
  TRY_ASSIGN(const bool changed, correct_in(batch, entity, fields, actor, "correct", seen));
  if (changed) TRY(batch.commit());
  return changed;
}

Status Register::remove(const EntityId& entity, const std::string& reason, const std::string& actor,
                        const Seen& seen) {
  TRY_ASSIGN(WriteBatch batch, store_.begin_write());
  TRY_ASSIGN(Begun begun, begin(batch, entity, actor, "remove", Of::kItselfThere, seen));
  begun.event.ops.push_back(removal_op(begun.state, *begun.streams, reason));
  TRY(batch.add(entity.scope, std::move(begun.event)));
  return batch.commit();
}

Status Register::keep(const EntityId& entity, const std::string& actor, const Seen& seen) {
  TRY_ASSIGN(WriteBatch batch, store_.begin_write());
  TRY_ASSIGN(Begun begun, begin(batch, entity, actor, "keep", Of::kAny, seen));
  if (begun.state.removals.empty()) {
    return Error{ErrorCode::register_not_removed, {{"what", to_text(entity)}}};
  }
  TRY(expect_not_moved(batch, entity, begun));
  TRY(keep_moved_children(batch, entity, begun));
  begun.event.ops.push_back(keep_op(begun.state, *begun.streams));
  TRY(batch.add(entity.scope, std::move(begun.event)));
  return batch.commit();
}

namespace {

/// The value that a device wrote among a field's live ones; nullptr where it wrote none, or
/// several that differ, which say nothing of which is meant.
const Write* written_by(std::span<const Write> live, std::uint32_t device,
                        const ScopeStreams& streams) {
  const Write* out = nullptr;
  for (const Write& write : live) {
    if (streams.author(write.ref.stream()).device.value != device) continue;
    if (out != nullptr && out->value != write.value) return nullptr;
    out = &write;
  }
  return out;
}

}  // namespace

Status Register::settle(const EntityId& entity, const Settlement& settlement,
                        const std::string& actor, const Seen& seen) {
  TRY_ASSIGN(WriteBatch batch, store_.begin_write());
  TRY_ASSIGN(Begun begun, begin(batch, entity, actor, "settle", Of::kAny, seen));
  auto& [event, state, streams] = begun;
  for (const Word word : conflicting_fields(state)) {
    const std::string& name = store_.core().words.text(word);
    const std::span<const Write> live = writes_of(state, word);
    const auto chosen = std::find_if(settlement.values.begin(), settlement.values.end(),
                                     [&](const FieldInput& input) { return input.name == name; });
    const Write* taken = written_by(live, settlement.take, *streams);
    if (chosen != settlement.values.end()) {
      event.ops.push_back(set_op(name, to_value(chosen->value), dots_of(live, *streams)));
    } else if (settlement.take != 0 && taken != nullptr) {
      event.ops.push_back(set_op(name, taken->value, dots_of(live, *streams)));
    }
  }
  for (const FieldInput& input : settlement.values) {
    const bool used = std::any_of(event.ops.begin(), event.ops.end(),
                                  [&](const Op& op) { return op.name == input.name; });
    if (!used) return Error{ErrorCode::register_not_disputed, {{"what", input.name}}};
  }
  const bool disputed = presence(state, *streams) == Presence::kDisputed;
  if (!disputed && !settlement.removal.empty()) {
    return Error{ErrorCode::register_not_disputed, {{"what", "the removal"}}};
  }
  if (disputed && settlement.removal == "remove") {
    event.ops.push_back(removal_op(state, *streams, ""));
  } else if (disputed && settlement.removal == "keep") {
    TRY(expect_not_moved(batch, entity, begun));
    TRY(keep_moved_children(batch, entity, begun));
    event.ops.push_back(keep_op(state, *streams));
  }
  if (event.ops.empty()) return nothing_settled(state, disputed, settlement, entity);
  TRY(batch.add(entity.scope, std::move(event)));
  return batch.commit();
}

Error Register::nothing_settled(const EntityState& state, bool disputed,
                                const Settlement& settlement, const EntityId& entity) const {
  const std::vector<Word> fields = conflicting_fields(state);
  if (fields.empty() && !disputed) {
    return {ErrorCode::register_not_disputed, {{"what", to_text(entity)}}};
  }
  if (settlement.take != 0) {
    return {ErrorCode::register_not_taken,
            {{"device", std::to_string(settlement.take)}, {"what", to_text(entity)}}};
  }
  std::string names = disputed ? "removal" : "";
  for (const Word word : fields) {
    names += (names.empty() ? "" : ", ") + store_.core().words.text(word);
  }
  return {ErrorCode::input_not_settled, {{"field", names}}};
}

}  // namespace lalanh
