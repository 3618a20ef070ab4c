#pragma once

#include <map>
#include <set>

#include "shared/base/limits.h"
#include "tests/unit/shared/merge/history.h"

/// The merge a second time, straight from `sync.md` and as slow as it likes: full names, sets of
/// events, no state that is carried forward. Shares no code with shared/merge.
namespace lalanh::test {

enum class Standing { kThere, kRemoved, kDisputed };

/// (class, name): class 0 single, 1 set, 2 decision (name holds the period too), 3 revoke.
using FieldKey = std::pair<int, std::string>;

struct EntityView {
  std::string type;
  Dot parent;
  Standing standing = Standing::kThere;
  bool counts = true;
  std::map<FieldKey, std::set<std::pair<Dot, Value>>> live;
  std::map<std::string, std::vector<Value>> items;  ///< of append fields, in order shown
  std::map<std::string, Value> shown;               ///< of single fields
  std::set<std::string> conflicts;                  ///< fields, kinds of decision
  std::set<Dot> removals;
  friend bool operator==(const EntityView&, const EntityView&) = default;
};

struct View {
  std::map<Dot, EntityView> entities;  ///< the dot that is none: the scope
  std::set<Dot> folded;
  std::size_t pending = 0;
  friend bool operator==(const View&, const View&) = default;
};

class NaiveModel {
 public:
  NaiveModel(const History& history, const Held& held) : history_(history), held_(held) {
    fold();
    for (const Dot& dot : view_.folded) {
      if (history_.event(dot).creates()) created_.insert(dot);
    }
    std::map<Dot, std::vector<Dot>> by_entity;
    for (const Dot& dot : view_.folded) {
      const Dot entity = history_.entity_of(dot);
      if (entity.none() || created_.count(entity) > 0) by_entity[entity].push_back(dot);
    }
    for (const auto& [entity, dots] : by_entity) view_.entities[entity] = look(entity, dots);
  }

  const View& view() const { return view_; }

  /// At or before: earlier in its stream, or leading to it along predecessors.
  bool before(const Dot& a, Dot b) const {
    while (!b.none()) {
      if (a.writer == b.writer) return a.counter <= b.counter;
      b = history_.stream_of(b).predecessor;
    }
    return false;
  }

  std::uint64_t counted(const Dot& dot) const {
    const Dot previous =
        dot.counter > 1 ? Dot{dot.writer, dot.counter - 1} : history_.stream_of(dot).predecessor;
    const std::uint64_t from = previous.none() ? 0 : counted(previous);
    return std::min(history_.event(dot).order, from + (std::uint64_t{1} << 24U));
  }

  bool greater(const Dot& a, const Dot& b) const {
    const auto key = [&](const Dot& d) {
      const HistoryStream& s = history_.stream_of(d);
      return std::tuple(s.rank.value, counted(d), s.device.value, s.writer.bytes, d.counter);
    };
    return key(b) < key(a);
  }

 private:
  bool is_folded(const Dot& dot) const { return dot.none() || view_.folded.count(dot) > 0; }

  bool ready(const Dot& dot) const {
    const Event& event = history_.event(dot);
    const Dot previous =
        dot.counter > 1 ? Dot{dot.writer, dot.counter - 1} : history_.stream_of(dot).predecessor;
    if (!is_folded(previous) || !is_folded(event.entity)) return false;
    for (const Op& op : event.ops) {
      if (op.value.kind() == Value::Kind::kDot && !is_folded(op.value.as_dot())) return false;
      for (const Dot& d : op.base) {
        if (!is_folded(d)) return false;
      }
      for (const Dot& d : op.tips) {
        if (!is_folded(d)) return false;
      }
    }
    return true;
  }

  void fold() {
    std::set<Dot> waiting;
    for (std::size_t s = 0; s < held_.size(); ++s) {
      for (std::uint32_t c = 1; c <= held_[s]; ++c) waiting.insert({history_.streams[s].writer, c});
    }
    for (bool moved = true; moved;) {
      moved = false;
      for (auto at = waiting.begin(); at != waiting.end();) {
        if (ready(*at)) {
          view_.folded.insert(*at);
          at = waiting.erase(at);
          moved = true;
        } else {
          ++at;
        }
      }
    }
    view_.pending = waiting.size();
  }

  static FieldKey key_of(const Op& op) {
    switch (op.kind) {
      case OpKind::kSet: return {0, op.name};
      case OpKind::kAdd:
      case OpKind::kDrop: return {1, op.name};
      case OpKind::kDecide: return {2, op.name};
      default: return {3, op.name};
    }
  }

  /// Does op `by` close the write of `value` that `dot` made with the same field?
  static bool closes(const Op& by, const Dot& dot, const Value& value) {
    if (std::find(by.base.begin(), by.base.end(), dot) == by.base.end()) return false;
    const bool by_value = by.kind == OpKind::kDrop || by.kind == OpKind::kDecide;
    return by.kind != OpKind::kAdd && (!by_value || by.value == value);
  }

  EntityView look(const Dot& entity, const std::vector<Dot>& dots) const {
    EntityView out;
    if (!entity.none()) {
      const Op& create = history_.event(entity).ops.at(0);
      out.type = create.name;
      if (create.value.kind() == Value::Kind::kDot) out.parent = create.value.as_dot();
    }
    live_writes(dots, out);
    live_removals(dots, out);
    stand(dots, out);
    show(out);
    items(dots, out);
    return out;
  }

  void live_writes(const std::vector<Dot>& dots, EntityView& out) const {
    for (const Dot& dot : dots) {
      for (const Op& op : history_.event(dot).ops) {
        const bool writes = op.kind == OpKind::kSet || op.kind == OpKind::kAdd ||
                            op.kind == OpKind::kDecide || op.kind == OpKind::kRevoke;
        if (!writes) continue;
        bool live = true;
        for (const Dot& other : dots) {
          for (const Op& by : history_.event(other).ops) {
            if (key_of(by) == key_of(op) && closes(by, dot, op.value)) live = false;
          }
        }
        if (live) out.live[key_of(op)].insert({dot, op.value});
      }
    }
  }

  void live_removals(const std::vector<Dot>& dots, EntityView& out) const {
    for (const Dot& dot : dots) {
      for (const Op& op : history_.event(dot).ops) {
        if (op.kind == OpKind::kRemove) out.removals.insert(dot);
      }
    }
    for (const Dot& dot : dots) {
      for (const Op& op : history_.event(dot).ops) {
        if (op.kind != OpKind::kRemove && op.kind != OpKind::kKeep) continue;
        for (const Dot& named : op.base) out.removals.erase(named);
      }
    }
  }

  bool seen_by(const Dot& dot, const Dot& removal) const {
    if (before(dot, removal)) return true;
    for (const Op& op : history_.event(removal).ops) {
      if (op.kind != OpKind::kRemove) continue;
      for (const Dot& tip : op.tips) {
        if (before(dot, tip)) return true;
      }
    }
    return false;
  }

  void stand(const std::vector<Dot>& dots, EntityView& out) const {
    if (out.removals.empty()) return;
    std::set<Dot> unseen;
    for (const Dot& dot : dots) {
      if (out.removals.count(dot) > 0) continue;
      bool seen = false;
      for (const Dot& removal : out.removals) seen = seen || seen_by(dot, removal);
      if (!seen) unseen.insert(dot);
    }
    out.standing = unseen.empty() ? Standing::kRemoved : Standing::kDisputed;
    out.counts = false;
    for (const Dot& dot : unseen) {
      bool greatest = true;
      for (const Dot& removal : out.removals) greatest = greatest && greater(dot, removal);
      out.counts = out.counts || greatest;
    }
  }

  void show(EntityView& out) const {
    for (const auto& [key, writes] : out.live) {
      if (key.first == 0) {
        const auto* best = &*writes.begin();
        std::set<Value> values;
        for (const auto& write : writes) {
          values.insert(write.second);
          if (greater(write.first, best->first)) best = &write;
        }
        out.shown[key.second] = best->second;
        if (values.size() > 1) out.conflicts.insert(key.second);
      } else if (key.first == 2) {
        std::map<Value, int> decided;
        for (const auto& write : writes) {
          if (++decided[write.second] > 1) out.conflicts.insert(key.second);
        }
      }
    }
  }

  void items(const std::vector<Dot>& dots, EntityView& out) const {
    std::vector<Dot> ordered = dots;
    std::sort(ordered.begin(), ordered.end(), [&](const Dot& a, const Dot& b) {
      const auto key = [&](const Dot& d) {
        const HistoryStream& s = history_.stream_of(d);
        return std::tuple(counted(d), s.device.value, s.writer.bytes, d.counter);
      };
      return key(a) < key(b);
    });
    for (const Dot& dot : ordered) {
      for (const Op& op : history_.event(dot).ops) {
        if (op.kind == OpKind::kAppend) out.items[op.name].push_back(op.value);
      }
    }
  }

  const History& history_;
  const Held& held_;
  std::set<Dot> created_;
  View view_;
};

}  // namespace lalanh::test
