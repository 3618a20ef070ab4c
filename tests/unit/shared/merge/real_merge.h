#pragma once

#include <unordered_map>

#include "shared/merge/digest.h"
#include "shared/merge/fold.h"
#include "tests/unit/shared/merge/naive_model.h"

namespace lalanh::test {

/// Numbers for names, given out in the order in which they are met.
class TestWords : public Words {
 public:
  Word word(std::string_view text) override {
    for (std::size_t i = 1; i < texts_.size(); ++i) {
      if (texts_[i] == text) return static_cast<Word>(i);
    }
    texts_.emplace_back(text);
    return static_cast<Word>(texts_.size() - 1);
  }
  const std::string& text(Word word) override { return texts_.at(word); }

 private:
  std::vector<std::string> texts_ = {""};
};

/// shared/merge behind batches of deliveries, as a store would call it: streams are numbered in
/// the order of their arrival, what was delivered before is skipped, what waits is kept.
class RealMerge : public Lines, public FoldedHeads {
 public:
  explicit RealMerge(const History& history)
      : history_(history), held_(history.streams.size(), 0) {}

  /// Events up to `held[i]` of each stream are here now, whatever was before.
  void deliver(const Held& held) {
    for (std::size_t i = 0; i < held.size(); ++i) {
      if (held[i] > held_[i]) take(i, held[i]);
    }
    fold();
  }

  View view() {
    View out;
    for (auto& [ref, state] : states_) out.entities[dot_of(Ref(ref))] = look(Ref(ref), state);
    for (const Local& local : streams_) {
      for (std::uint32_t c = 1; c <= local.pending.folded; ++c) {
        out.folded.insert({history_.streams[local.history].writer, c});
      }
      out.pending += local.pending.events.size() - local.pending.next;
    }
    return out;
  }

  Hash digest() {
    HashSum sum;
    for (const auto& [ref, state] : states_) {
      add_to_digest(kScope, state, items_[ref], *this, words_, sum);
    }
    return sum.bytes();
  }
  /// The digest kept up to date with each event.
  Hash running_digest() const { return running_.bytes(); }

  const Author& author(std::uint32_t stream) const override {
    return streams_.at(stream - 1).author;
  }
  bool at_or_before(Ref a, Ref b) const override {
    while (!b.none()) {
      if (a.stream() == b.stream()) return a.counter() <= b.counter();
      b = streams_.at(b.stream() - 1).pending.predecessor;
    }
    return false;
  }
  std::uint32_t folded(std::uint32_t) const override { return 0; }
  std::uint64_t order_at(Ref) const override { return 0; }

 private:
  static constexpr Scope kScope{UnitNo(3'700'012), Channel::kRecords};

  struct Local {
    std::size_t history = 0;
    Author author;
    PendingStream pending;
  };

  std::uint32_t number_of(const WriterId& writer) {
    const std::size_t index = history_.index_of(writer);
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (streams_[i].history == index) return static_cast<std::uint32_t>(i + 1);
    }
    const HistoryStream& from = history_.streams.at(index);
    streams_.push_back({index, {from.writer, from.device, from.rank}, {}});
    const auto number = static_cast<std::uint32_t>(streams_.size());
    const Ref predecessor = ref(from.predecessor);
    streams_[number - 1].pending.stream = number;
    streams_[number - 1].pending.predecessor = predecessor;
    return number;
  }

  Ref ref(const Dot& dot) { return dot.none() ? Ref{} : Ref{number_of(dot.writer), dot.counter}; }
  Dot dot_of(Ref r) const {
    return r.none() ? Dot{} : Dot{streams_[r.stream() - 1].author.writer, r.counter()};
  }

  void take(std::size_t index, std::uint32_t upto) {
    const HistoryStream& from = history_.streams[index];
    const std::uint32_t number = number_of(from.writer);
    for (std::uint32_t c = held_[index] + 1; c <= upto; ++c) {
      MergeEvent event = local(from.events[c - 1], Ref(number, c));
      streams_[number - 1].pending.events.push_back(std::move(event));
    }
    held_[index] = upto;
  }

  MergeEvent local(const Event& event, Ref own) {
    MergeEvent out;
    out.ref = own;
    out.order = event.order;
    out.entity = event.creates() ? own : ref(event.entity);
    for (const Op& op : event.ops) {
      MergeOp to{op.kind, words_.word(op.name), op.value, {}, {}};
      for (const Dot& dot : op.base) to.base.push_back(ref(dot));
      for (const Dot& dot : op.tips) to.tips.push_back(ref(dot));
      if (op.kind == OpKind::kCreate && op.value.kind() == Value::Kind::kDot) {
        to.base.push_back(ref(op.value.as_dot()));
      }
      out.ops.push_back(std::move(to));
    }
    return out;
  }

  void fold() {
    std::vector<PendingStream> pending;
    for (Local& local : streams_) pending.push_back(std::move(local.pending));
    fold_ready(pending, *this, [&](MergeEvent& event) {
      EntityState& state = states_[event.entity.packed];
      std::vector<AppendedItem>& items = items_[event.entity.packed];
      HashSum before;
      add_to_digest(kScope, state, items, *this, words_, before);
      apply(event, *this, state, items);
      running_.subtract(before.bytes());
      add_to_digest(kScope, state, items, *this, words_, running_);
    });
    for (std::size_t i = 0; i < streams_.size(); ++i) streams_[i].pending = std::move(pending[i]);
  }

  EntityView look(Ref entity, const EntityState& state) {
    EntityView out;
    if (!entity.none()) {
      out.type = words_.text(state.type);
      out.parent = dot_of(state.parent);
    }
    out.standing = static_cast<Standing>(presence(state, *this));
    out.counts = counts(state, *this);
    for (const Write& w : state.writes) {
      const std::string& name = words_.text(w.name);
      out.live[{static_cast<int>(w.cls), name}].insert({dot_of(w.ref), w.value});
      if (w.cls == WriteClass::kSingle) out.shown[name] = shown(state, w.name, *this)->value;
    }
    for (const Word word : conflicting_fields(state)) out.conflicts.insert(words_.text(word));
    for (const Removal& removal : state.removals) out.removals.insert(dot_of(removal.ref));
    std::vector<AppendedItem> items = items_[entity.packed];
    std::sort(items.begin(), items.end(), [&](const AppendedItem& a, const AppendedItem& b) {
      if (a.order != b.order) return a.order < b.order;
      if (!(a.ref == b.ref)) return dot_less(a.ref, b.ref, *this);
      return a.index < b.index;
    });
    for (const AppendedItem& item : items) out.items[words_.text(item.name)].push_back(item.value);
    return out;
  }

  const History& history_;
  Held held_;
  std::vector<Local> streams_;
  TestWords words_;
  std::map<std::uint64_t, EntityState> states_;
  std::map<std::uint64_t, std::vector<AppendedItem>> items_;
  HashSum running_;
};

}  // namespace lalanh::test
