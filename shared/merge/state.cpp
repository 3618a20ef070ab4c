#include "shared/merge/state.h"

#include <algorithm>

#include "shared/base/check.h"
#include "shared/base/limits.h"

namespace lalanh {
namespace {

bool contains(std::span<const Ref> refs, Ref ref) {
  return std::find(refs.begin(), refs.end(), ref) != refs.end();
}

bool key_less(const Write& a, Word name, WriteClass cls) {
  return a.name != name ? a.name < name : a.cls < cls;
}

/// Where the writes of (name, class) begin and end.
std::pair<std::size_t, std::size_t> range_of(const std::vector<Write>& writes, Word name,
                                             WriteClass cls) {
  const auto begin = std::lower_bound(writes.begin(), writes.end(), 0,
                                      [&](const Write& w, int) { return key_less(w, name, cls); });
  const auto end = std::partition_point(
      begin, writes.end(), [&](const Write& w) { return w.name == name && w.cls == cls; });
  return {static_cast<std::size_t>(begin - writes.begin()),
          static_cast<std::size_t>(end - writes.begin())};
}

/// Does the op close this write? A decision's register is its kind and its period, and one event
/// may decide two periods under one name.
bool closes(const MergeOp& op, const Write& w) {
  return contains(op.base, w.ref) && (w.cls != WriteClass::kDecision || w.value == op.value);
}

void write(EntityState& state, const MergeEvent& event, MergeOp& op, WriteClass cls) {
  std::vector<Write>& writes = state.writes;
  // A form's fields come in the order of their words as a rule, into an empty state.
  if (writes.empty() || key_less(writes.back(), op.name, cls)) {
    writes.push_back({op.name, cls, event.ref, event.order, std::move(op.value)});
    return;
  }
  const auto [begin, end] = range_of(writes, op.name, cls);
  std::size_t at = op.base.empty() ? end : begin;  // what replaces nothing looks at nothing
  for (std::size_t i = at; i < end; ++i) {
    if (closes(op, writes[i])) continue;
    if (at != i) writes[at] = std::move(writes[i]);
    ++at;
  }
  Write fresh{op.name, cls, event.ref, event.order, std::move(op.value)};
  if (at < end) {
    writes[at++] = std::move(fresh);
    writes.erase(writes.begin() + static_cast<std::ptrdiff_t>(at),
                 writes.begin() + static_cast<std::ptrdiff_t>(end));
  } else {
    writes.insert(writes.begin() + static_cast<std::ptrdiff_t>(at), std::move(fresh));
  }
}

void add_item(EntityState& state, const MergeEvent& event, MergeOp& op) {
  const auto [begin, end] = range_of(state.writes, op.name, WriteClass::kItem);
  // The same event's own, which stand last.
  for (std::size_t i = end; i > begin && state.writes[i - 1].ref == event.ref; --i) {
    if (state.writes[i - 1].value == op.value) return;
  }
  state.writes.insert(
      state.writes.begin() + static_cast<std::ptrdiff_t>(end),
      Write{op.name, WriteClass::kItem, event.ref, event.order, std::move(op.value)});
}

void drop_item(EntityState& state, const MergeOp& op) {
  std::erase_if(state.writes, [&](const Write& w) {
    return w.name == op.name && w.cls == WriteClass::kItem && w.value == op.value &&
           contains(op.base, w.ref);
  });
}

void drop_removals(EntityState& state, const MergeOp& op) {
  std::erase_if(state.removals, [&](const Removal& r) { return contains(op.base, r.ref); });
}

void raise_tip(EntityState& state, const MergeEvent& event, const Lines& lines) {
  std::erase_if(state.tips, [&](const Tip& tip) { return lines.at_or_before(tip.ref, event.ref); });
  state.tips.push_back({event.ref, event.order});
}

bool seen_by(const Removal& removal, Ref ref, const Lines& lines) {
  if (lines.at_or_before(ref, removal.ref)) return true;
  return std::any_of(removal.tips.begin(), removal.tips.end(),
                     [&](Ref tip) { return lines.at_or_before(ref, tip); });
}

bool seen(const EntityState& state, Ref ref, const Lines& lines) {
  return std::any_of(state.removals.begin(), state.removals.end(),
                     [&](const Removal& r) { return seen_by(r, ref, lines); });
}

}  // namespace

namespace {

/// The state that was made before the event's turn, with the names that it has now.
void take_created(MergeEvent& event, EntityState& state) {
  state = std::move(event.created->state);
  state.create = event.ref;
  state.create_order = event.order;
  for (Write& w : state.writes) {
    w.ref = event.ref;
    w.order = event.order;
  }
  const MergeOp& create = event.ops.front();
  if (!create.base.empty()) state.parent = create.base.front();
  state.tips.front() = {event.ref, event.order};
}

}  // namespace

bool create_ahead(MergeEvent& event) {
  const bool plain = std::all_of(event.ops.begin(), event.ops.end(), [](const MergeOp& op) {
    return op.kind == OpKind::kCreate || op.kind == OpKind::kSet || op.kind == OpKind::kAdd;
  });
  if (!plain || event.ops.empty() || event.ops.front().kind != OpKind::kCreate) return false;
  event.created.emplace();
  EntityState& state = event.created->state;
  state.create = event.ref;
  state.type = event.ops.front().name;
  state.tips.push_back({event.ref, event.order});
  state.writes.reserve(event.ops.size() - 1);
  for (MergeOp& op : event.ops) {
    if (op.kind == OpKind::kSet) write(state, event, op, WriteClass::kSingle);
    if (op.kind == OpKind::kAdd) add_item(state, event, op);
  }
  std::erase_if(event.ops, [](const MergeOp& op) {
    return op.kind != OpKind::kCreate && op.base.empty() && op.tips.empty();
  });
  return true;
}

void apply(MergeEvent& event, const Lines& lines, EntityState& state,
           std::vector<AppendedItem>& items) {
  if (event.created) return take_created(event, state);
  // Causes come first: where the create is not here, the name is not that of a create.
  const bool of_scope = event.entity.none();
  if (!of_scope && !(event.entity == event.ref) && state.create.none()) return;
  std::uint32_t index = 0;
  for (MergeOp& op : event.ops) {
    switch (op.kind) {
      case OpKind::kCreate:
        state.create = event.ref;
        state.create_order = event.order;
        state.type = op.name;
        if (!op.base.empty()) state.parent = op.base.front();
        break;
      case OpKind::kSet: write(state, event, op, WriteClass::kSingle); break;
      case OpKind::kAdd: add_item(state, event, op); break;
      case OpKind::kDrop: drop_item(state, op); break;
      case OpKind::kAppend:
        items.push_back({op.name, event.ref, index, event.order, std::move(op.value)});
        break;
      case OpKind::kRemove:
        drop_removals(state, op);
        state.removals.push_back({event.ref, event.order, std::move(op.value), op.tips});
        break;
      case OpKind::kKeep: drop_removals(state, op); break;
      case OpKind::kDecide: write(state, event, op, WriteClass::kDecision); break;
      case OpKind::kRevoke: write(state, event, op, WriteClass::kRevoke); break;
    }
    ++index;
  }
  raise_tip(state, event, lines);
}

Presence presence(const EntityState& state, const Lines& lines) {
  if (state.removals.empty()) return Presence::kThere;
  for (const Tip& tip : state.tips) {
    if (!seen(state, tip.ref, lines)) return Presence::kDisputed;
  }
  return Presence::kRemoved;
}

bool counts(const EntityState& state, const Lines& lines) {
  if (state.removals.empty()) return true;
  bool disputed = false;
  bool there = false;
  Ref best;
  std::uint64_t best_order = 0;
  const auto offer = [&](Ref ref, std::uint64_t order, bool stands) {
    if (best.none() || greater(ref, order, best, best_order, lines)) {
      best = ref;
      best_order = order;
      there = stands;
    }
  };
  for (const Tip& tip : state.tips) {
    if (seen(state, tip.ref, lines)) continue;
    disputed = true;
    offer(tip.ref, tip.order, true);
  }
  if (!disputed) return false;
  for (const Removal& removal : state.removals) offer(removal.ref, removal.order, false);
  return there;
}

bool dot_less(Ref a, Ref b, const Lines& lines) {
  if (a.stream() != b.stream()) {
    const Author& x = lines.author(a.stream());
    const Author& y = lines.author(b.stream());
    if (!(x.device == y.device)) return x.device < y.device;
    if (!(x.writer == y.writer)) return x.writer < y.writer;
  }
  return a.counter() < b.counter();
}

bool greater(Ref a, std::uint64_t order_a, Ref b, std::uint64_t order_b, const Lines& lines) {
  const Rank rank_a = lines.author(a.stream()).rank;
  const Rank rank_b = lines.author(b.stream()).rank;
  if (!(rank_a == rank_b)) return rank_b < rank_a;
  if (order_a != order_b) return order_a > order_b;
  return dot_less(b, a, lines);
}

std::span<const Write> writes_of(const EntityState& state, Word name, WriteClass cls) {
  const auto [begin, end] = range_of(state.writes, name, cls);
  return std::span(state.writes).subspan(begin, end - begin);
}

const Write* shown(std::span<const Write> writes, const Lines& lines) {
  const Write* best = nullptr;
  for (const Write& w : writes) {
    if (best == nullptr || greater(w.ref, w.order, best->ref, best->order, lines)) best = &w;
  }
  return best;
}

const Write* shown(const EntityState& state, Word name, const Lines& lines) {
  return shown(writes_of(state, name), lines);
}

std::vector<Word> conflicting_fields(const EntityState& state) {
  std::vector<Word> out;
  const std::vector<Write>& writes = state.writes;
  std::size_t begin = 0;
  for (std::size_t i = 1; i < writes.size(); ++i) {
    const Write& w = writes[i];
    if (w.name != writes[begin].name || w.cls != writes[begin].cls) {
      begin = i;
      continue;
    }
    if (!out.empty() && out.back() == w.name) continue;
    if (w.cls == WriteClass::kSingle && !(w.value == writes[i - 1].value)) out.push_back(w.name);
    if (w.cls != WriteClass::kDecision) continue;
    // Two decisions on one period conflict by being two; values of a field by being different.
    const auto from = writes.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto to = writes.begin() + static_cast<std::ptrdiff_t>(i);
    const bool again = std::any_of(from, to, [&](const Write& d) { return d.value == w.value; });
    if (again) out.push_back(w.name);
  }
  return out;
}

bool in_conflict(const EntityState& state, const Lines& lines) {
  return !conflicting_fields(state).empty() || presence(state, lines) == Presence::kDisputed;
}

EntityState as_seen(EntityState state, const std::vector<Ref>& tips, const Lines& lines) {
  const auto unseen = [&](Ref ref) {
    return std::none_of(tips.begin(), tips.end(),
                        [&](Ref tip) { return lines.at_or_before(ref, tip); });
  };
  std::erase_if(state.writes, [&](const Write& write) { return unseen(write.ref); });
  std::erase_if(state.removals, [&](const Removal& removal) { return unseen(removal.ref); });
  state.tips.clear();
  for (const Ref tip : tips) state.tips.push_back({tip, 0});
  return state;
}

std::uint64_t counted_order(std::uint64_t order, std::uint64_t before) {
  return order <= before ? order : before + (std::min)(order - before, limits::kOrderStepMax);
}

}  // namespace lalanh
