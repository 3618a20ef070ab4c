#include "tests/sim/plain_merge.h"

#include <algorithm>

#include "shared/base/cbor.h"
#include "shared/base/limits.h"
#include "shared/event/value.h"

namespace lalanh::sim {

struct PlainMerge::Entity {
  E create = nullptr;  ///< nullptr: the scope itself
  std::vector<E> events;
  struct Write {
    int cls;
    std::string name;
    E by;
    Value value;
    std::size_t index;
  };
  std::vector<Write> live, items;
  std::vector<E> removals;
  Dot dot() const { return create == nullptr ? Dot() : create->dot; }
};

PlainMerge::PlainMerge(Scope scope, const std::vector<const PlainEvent*>& events) : scope_(scope) {
  for (E e : events) {
    if (!by_id_.emplace(e->id, e).second) continue;
    events_.push_back(e);
    by_dot_[e->dot].push_back(e);
    by_entity_[e->event.creates() ? e->dot : e->event.entity].push_back(e);
  }
  set_aside();
  fold();
}

PlainMerge::E PlainMerge::find(const Hash& id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second;
}

bool PlainMerge::before(E a, E b) const {
  for (E at = b; at != nullptr; at = find(at->before)) {
    if (at == a) return true;
  }
  return false;
}

PlainMerge::E PlainMerge::named(const Dot& dot) const {
  const auto at = by_dot_.find(dot);
  if (at == by_dot_.end()) return nullptr;
  for (E e : at->second) {
    if (aside_.count(e) == 0) return e;
  }
  return at->second.front();
}

// --- set aside ---------------------------------------------------------------------------

/// Has each counter up to this one a single content in this stream?
bool PlainMerge::unique_to(E e) const {
  for (std::uint32_t c = 1; c <= e->dot.counter; ++c) {
    const auto at = by_dot_.find({e->dot.writer, c});
    if (at == by_dot_.end() || at->second.size() != 1) return false;
  }
  return true;
}

bool PlainMerge::covered(E e, const StandingTip& tip) const {
  const auto at = by_dot_.find(tip.dot);
  if (at != by_dot_.end()) {
    for (E t : at->second) {
      if (std::equal(tip.hash.begin(), tip.hash.end(), t->id.begin())) return before(e, t);
    }
  }
  // The tip is not here: what surely is before it.
  for (E t : events_) {
    if (t->dot.writer == tip.dot.writer && t->dot.counter < tip.dot.counter && unique_to(t) &&
        before(e, t)) {
      return true;
    }
  }
  return false;
}

/// Do two contents that no revoke sets aside follow one event, on this one's way?
bool PlainMerge::forked(E e) const {
  for (E at = e; at != nullptr && at->dot.writer == e->dot.writer; at = find(at->before)) {
    std::size_t standing = 0;
    for (E other : by_dot_.at(at->dot)) {
      standing += other->before == at->before && revoked_.count(other) == 0 ? 1 : 0;
    }
    if (standing > 1) return true;
  }
  return false;
}

void PlainMerge::set_aside() {
  struct Revoke {
    E by;
    Revocation says;
    std::vector<Dot> replaced;
  };
  std::map<int, std::vector<Revoke>, std::greater<>> by_rank;
  for (E e : events_) {
    std::vector<Revoke>& here = by_rank[e->rank.value];
    for (const Op& op : e->event.ops) {
      const std::optional<Revocation> says = read_revocation(op);
      if (says) here.push_back({e, *says, op.base});
    }
  }
  std::vector<Revoke> effective;
  std::set<std::pair<E, Hash>> replaced;
  for (const auto& [rank, revokes] : by_rank) {
    for (E e : events_) {
      if (e->rank.value != rank) continue;
      for (const Revoke& r : effective) {
        const auto& tips = r.says.tips;
        if (r.says.key == e->key && std::none_of(tips.begin(), tips.end(), [&](const auto& tip) {
              return covered(e, tip);
            })) {
          revoked_.insert(e);
        }
      }
    }
    for (E e : events_) {
      if (e->rank.value == rank && (revoked_.count(e) != 0 || forked(e))) aside_.insert(e);
    }
    for (const Revoke& r : revokes) {
      if (aside_.count(r.by) != 0) continue;
      for (const Dot& dot : r.replaced) replaced.insert({named(dot), r.says.key});
    }
    for (const Revoke& r : revokes) {
      if (aside_.count(r.by) == 0 && replaced.count({r.by, r.says.key}) == 0) {
        effective.push_back(r);
      }
    }
  }
}

// --- folding -----------------------------------------------------------------------------

/// On an entity whose create is set aside.
bool PlainMerge::on_nothing(E e) const {
  if (e->event.creates() || e->event.entity.none()) return false;
  E create = named(e->event.entity);
  return create != nullptr && aside_.count(create) != 0;
}

bool PlainMerge::ready(E e) {
  E prior = find(e->before);
  const bool first = e->dot.counter == 1;
  if (on_nothing(e)) return first || folded_.count(prior) != 0;
  if (!(e->before == Hash{}) && (prior == nullptr || folded_.count(prior) == 0)) return false;
  const auto is_folded = [&](const Dot& dot) {
    E at = named(dot);
    return at != nullptr && folded_.count(at) != 0;
  };
  if (!e->event.entity.none() && !is_folded(e->event.entity)) return false;
  for (const Op& op : e->event.ops) {
    const bool all = std::all_of(op.base.begin(), op.base.end(), is_folded) &&
                     std::all_of(op.tips.begin(), op.tips.end(), is_folded);
    if (!all || (op.value.kind() == Value::Kind::kDot && !is_folded(op.value.as_dot()))) {
      return false;
    }
  }
  return true;
}

void PlainMerge::fold() {
  folded_ = aside_;
  for (bool moved = true; moved;) {
    moved = false;
    for (E e : events_) {
      if (folded_.count(e) == 0 && ready(e)) moved = folded_.insert(e).second;
    }
  }
}

std::uint64_t PlainMerge::counted(E e) {
  const auto at = orders_.find(e);
  if (at != orders_.end()) return at->second;
  E prior = find(e->before);
  const std::uint64_t from = prior == nullptr ? 0 : counted(prior);
  return orders_[e] = (std::min)(e->event.order, from + limits::kOrderStepMax);
}

bool PlainMerge::greater(E a, E b) {
  const auto key = [&](E e) {
    return std::tuple(e->rank.value, counted(e), e->device.value, e->dot.writer.bytes,
                      e->dot.counter);
  };
  return key(a) > key(b);
}

// --- entities ----------------------------------------------------------------------------

PlainMerge::Entity PlainMerge::entity_of(E create) {
  Entity out;
  out.create = create;
  const auto all = by_entity_.find(create == nullptr ? Dot() : create->dot);
  if (all == by_entity_.end()) return out;
  for (E e : all->second) {
    if (counts(e) && (!e->event.creates() || e == create)) out.events.push_back(e);
  }
  take(out);
  return out;
}

void PlainMerge::take(Entity& entity) {
  // What the ops of this entity's events close: (class, name, event closed, and its value).
  std::vector<std::tuple<int, std::string, E, Value>> closed;
  std::set<E> undone;
  for (E e : entity.events) {
    std::size_t index = 0;
    for (const Op& op : e->event.ops) {
      const std::size_t at = index++;
      for (const Dot& dot : op.base) {
        E named_one = named(dot);
        if (op.kind == OpKind::kSet) closed.emplace_back(0, op.name, named_one, Value());
        if (op.kind == OpKind::kDrop) closed.emplace_back(1, op.name, named_one, op.value);
        if (op.kind == OpKind::kDecide) closed.emplace_back(2, op.name, named_one, op.value);
        if (op.kind == OpKind::kRevoke) closed.emplace_back(3, op.name, named_one, Value());
        if (op.kind == OpKind::kRemove || op.kind == OpKind::kKeep) undone.insert(named_one);
      }
      if (op.kind == OpKind::kSet) entity.live.push_back({0, op.name, e, op.value, at});
      if (op.kind == OpKind::kAdd) entity.live.push_back({1, op.name, e, op.value, at});
      if (op.kind == OpKind::kDecide) entity.live.push_back({2, op.name, e, op.value, at});
      if (op.kind == OpKind::kRevoke) entity.live.push_back({3, op.name, e, op.value, at});
      if (op.kind == OpKind::kAppend) entity.items.push_back({0, op.name, e, op.value, at});
      if (op.kind == OpKind::kRemove) entity.removals.push_back(e);
    }
  }
  std::erase_if(entity.live, [&](const Entity::Write& w) {
    return std::any_of(closed.begin(), closed.end(), [&](const auto& c) {
      const auto& [cls, name, by, value] = c;
      return cls == w.cls && name == w.name && by == w.by &&
             (cls == 0 || cls == 3 || value == w.value);
    });
  });
  // The same item added twice by one event is one.
  std::vector<Entity::Write> once;
  for (Entity::Write& w : entity.live) {
    const bool again = std::any_of(once.begin(), once.end(), [&](const Entity::Write& o) {
      return w.cls == 1 && o.cls == 1 && o.name == w.name && o.by == w.by && o.value == w.value;
    });
    if (!again) once.push_back(std::move(w));
  }
  entity.live = std::move(once);
  std::erase_if(entity.removals, [&](E r) { return undone.count(r) != 0; });
}

bool PlainMerge::seen(const Entity& entity, E e) const {
  for (E r : entity.removals) {
    if (before(e, r)) return true;
    for (const Op& op : r->event.ops) {
      for (const Dot& tip : op.tips) {
        if (before(e, named(tip))) return true;
      }
    }
  }
  return false;
}

/// 0 there, 1 removed, 2 disputed.
int PlainMerge::presence(const Entity& entity) const {
  if (entity.removals.empty()) return 0;
  return std::all_of(entity.events.begin(), entity.events.end(),
                     [&](E e) { return seen(entity, e); })
             ? 1
             : 2;
}

void PlainMerge::show(const Entity& entity, PlainState& out) {
  std::map<std::string, std::vector<const Entity::Write*>> singles;
  for (const Entity::Write& w : entity.live) {
    if (w.cls == 0) singles[w.name].push_back(&w);
  }
  for (const auto& [name, writes] : singles) {
    const Entity::Write* best = writes.front();
    for (const Entity::Write* w : writes) {
      if (!(w->value == best->value)) out.conflicts.insert({entity.dot(), name});
      if (greater(w->by, best->by)) best = w;
    }
    out.shown[{entity.dot(), name}] = best->value;
  }
  if (presence(entity) == 2) out.conflicts.insert({entity.dot(), "removed"});
  const Op& create = entity.create->event.ops.front();
  PlainEntity& shown = out.entities[entity.dot()];
  shown.type = create.name;
  if (!create.value.is_null()) shown.parent = create.value.as_dot();
  shown.counted = stands(entity);
  shown.author = entity.create->unit;
  for (const Entity::Write& w : entity.live) {
    const bool link = w.by == entity.create && w.value.kind() == Value::Kind::kLink;
    if (w.cls != 0 || w.name != "continues" || !link) continue;
    shown.continues = EntityId{w.value.as_link().scope, w.value.as_link().dot};
  }
}

/// Does it count? Of a disputed one the greatest of its live removals and unseen events says so.
bool PlainMerge::stands(const Entity& entity) {
  const int here = presence(entity);
  if (here != 2) return here == 0;
  E best = nullptr;
  bool out = true;
  for (E e : entity.events) {
    const bool removal =
        std::find(entity.removals.begin(), entity.removals.end(), e) != entity.removals.end();
    if (!removal && seen(entity, e)) continue;
    if (best != nullptr && !greater(e, best)) continue;
    best = e;
    out = !removal;
  }
  return out;
}

std::set<Dot> PlainState::counted() const {
  std::set<Dot> out;
  for (const auto& [dot, entity] : entities) {
    if (entity.counted) out.insert(dot);
  }
  return out;
}

void PlainMerge::add_digest(const Entity& entity, HashSum& sum) const {
  Bytes bytes;
  const auto begin = [&](const char* kind, std::uint64_t items) {
    bytes.clear();
    cbor::Writer out(bytes);
    out.array(4 + items);
    out.text(kind);
    out.unsigned_integer(scope_.unit.value);
    out.unsigned_integer(static_cast<std::uint64_t>(scope_.channel));
    entity.create == nullptr ? out.null() : write(out, entity.create->dot);
    return out;
  };
  const auto end = [&] { sum.add(blake2b({bytes})); };
  if (entity.create != nullptr) {
    const Op& create = entity.create->event.ops.front();
    cbor::Writer out = begin("entity", 3);
    out.text(create.name);
    create.value.is_null() ? out.null() : write(out, create.value.as_dot());
    out.unsigned_integer(static_cast<std::uint64_t>(presence(entity)));
    end();
  }
  for (const Entity::Write& w : entity.live) {
    cbor::Writer out = begin("write", 4);
    out.unsigned_integer(static_cast<std::uint64_t>(w.cls));
    out.text(w.name);
    write(out, w.by->dot);
    write(out, w.value);
    end();
  }
  for (const Entity::Write& w : entity.items) {
    cbor::Writer out = begin("item", 4);
    out.text(w.name);
    write(out, w.by->dot);
    out.unsigned_integer(w.index);
    write(out, w.value);
    end();
  }
  for (E r : entity.removals) {
    cbor::Writer out = begin("removal", 1);
    write(out, r->dot);
    end();
  }
}

PlainState PlainMerge::state() {
  PlainState out;
  for (E e : events_) out.pending += folded_.count(e) == 0 ? 1 : 0;
  HashSum sum;
  const auto add = [&](E create) {
    const Entity entity = entity_of(create);
    add_digest(entity, sum);
    if (create != nullptr) show(entity, out);
  };
  add(nullptr);
  std::vector<E> creates;
  for (E e : events_) {
    if (e->event.creates() && counts(e)) creates.push_back(e);
  }
  std::sort(creates.begin(), creates.end(), [&](E a, E b) { return greater(b, a); });
  for (std::size_t i = 0; i < creates.size(); ++i) {
    add(creates[i]);
    out.entities.at(creates[i]->dot).rank = i;
  }
  out.digest = sum.bytes();
  return out;
}

}  // namespace lalanh::sim
