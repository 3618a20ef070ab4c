#pragma once

#include <algorithm>
#include <stdexcept>

#include "tests/unit/shared/merge/naive_model.h"

namespace lalanh::test {

/// Databases of one scope that write, copy themselves and exchange what they hold. What an author
/// sees is the naive model's word.
class Replica {
 public:
  Replica(History& history, DeviceNo device, Rank rank)
      : history_(&history), device_(device), rank_(rank) {}

  /// Another epoch: the next event begins a stream.
  void new_epoch() { stream_ = kNone; }

  /// Takes in all that the other holds.
  void pull(const Replica& other) {
    known_.resize(history_->streams.size(), 0);
    for (std::size_t i = 0; i < other.known_.size(); ++i) {
      known_[i] = std::max(known_[i], other.known_[i]);
    }
  }

  View view() {
    known_.resize(history_->streams.size(), 0);
    return NaiveModel(*history_, known_).view();
  }

  const Held& known() const { return known_; }

  /// Writes an event, whose order is one more than the greatest seen (and `leap`).
  Dot write(Event event, WriterId fresh_writer, std::uint64_t leap = 0) {
    known_.resize(history_->streams.size(), 0);
    event.order = leap + 1;
    for (std::size_t i = 0; i < known_.size(); ++i) {
      for (std::uint32_t c = 0; c < known_[i]; ++c) {
        event.order = std::max(event.order, history_->streams[i].events[c].order + 1 + leap);
      }
    }
    if (stream_ == kNone) {
      stream_ = history_->streams.size();
      history_->streams.push_back({fresh_writer, device_, rank_, last_, {}});
      known_.push_back(0);
    }
    HistoryStream& stream = history_->streams[stream_];
    stream.events.push_back(std::move(event));
    known_[stream_] = static_cast<std::uint32_t>(stream.events.size());
    last_ = {stream.writer, known_[stream_]};
    return last_;
  }

  /// Dots of the entity's events that are before no other of them that is known here.
  std::vector<Dot> tips_of(const Dot& entity) {
    known_.resize(history_->streams.size(), 0);
    const NaiveModel model(*history_, known_);
    std::vector<Dot> all;
    for (const Dot& dot : model.view().folded) {
      if (history_->entity_of(dot) == entity) all.push_back(dot);
    }
    std::vector<Dot> out;
    for (const Dot& dot : all) {
      const bool last = std::none_of(all.begin(), all.end(), [&](const Dot& other) {
        return !(other == dot) && model.before(dot, other);
      });
      if (last) out.push_back(dot);
    }
    return out;
  }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  History* history_;
  DeviceNo device_;
  Rank rank_;
  Held known_;
  std::size_t stream_ = kNone;
  Dot last_;
};

/// A name that no other stream has, even where a fuzzer's choices are all alike.
inline WriterId writer_from(Rng& rng, const History& history) {
  WriterId out;
  for (std::uint8_t& b : out.bytes) b = static_cast<std::uint8_t>(rng.below(2) * 255);
  out.bytes[11] = static_cast<std::uint8_t>(history.streams.size());
  return out;
}

/// A random history: devices, copies, epochs, conflicts, agreement, removals, decisions.
class HistoryMaker {
 public:
  HistoryMaker(std::uint64_t seed, std::size_t writes) : HistoryMaker(Rng(seed), writes) {}
  HistoryMaker(Rng rng, std::size_t writes) : rng_(rng) {
    const std::size_t devices = 1 + rng_.below(4);
    for (std::size_t i = 0; i < devices; ++i) {
      replicas_.emplace_back(history_, DeviceNo(static_cast<std::uint32_t>(10 - i)),
                             Rank(static_cast<std::uint8_t>(1 + rng_.below(3))));
    }
    for (std::size_t i = 0; i < writes; ++i) step();
  }

  const History& history() const { return history_; }

 private:
  void step() {
    Replica& replica = replicas_[rng_.below(replicas_.size())];
    const std::size_t kind = rng_.below(20);
    if (kind == 0) replica.new_epoch();
    if (kind == 1 && replicas_.size() < 6) return copy(rng_.below(replicas_.size()));
    if (kind < 6) replica.pull(replicas_[rng_.below(replicas_.size())]);
    const View view = replica.view();
    std::vector<Dot> entities;
    for (const auto& [dot, entity] : view.entities) {
      if (!dot.none()) entities.push_back(dot);
    }
    Event event;
    event.actor = "a";
    event.verb = "v";
    if (rng_.chance(8)) {
      decide(view, event);
    } else if (entities.empty() || (entities.size() < 3 && rng_.chance(30))) {
      create(entities, event);
    } else {
      event.entity = rng_.of(entities);
      const std::size_t ops = 1 + rng_.below(3);
      for (std::size_t i = 0; i < ops; ++i) edit(replica, view.entities.at(event.entity), event);
      if (event.ops.empty()) return;
    }
    require_valid(event);
    replica.write(event, writer_from(rng_, history_), rng_.chance(2) ? std::uint64_t{1} << 40U : 0);
  }

  static void require_valid(const Event& event) {
    if (!check_event(event).ok()) throw std::runtime_error("the generator made no valid event");
  }

  /// The same disk in two machines, or an old copy put back: same device, both go on.
  void copy(std::size_t of) {
    replicas_.push_back(replicas_[of]);
    replicas_.back().new_epoch();
    replicas_[of].new_epoch();
  }

  Value value() {
    switch (rng_.below(6)) {
      case 0: return Value::null();
      case 1: return Value::boolean(true);
      case 2: return Value::text("đất");
      default: return Value::integer(static_cast<std::int64_t>(rng_.below(3)));
    }
  }

  Op op(OpKind kind, std::string name, Value v) {
    Op out;
    out.kind = kind;
    out.name = std::move(name);
    out.value = std::move(v);
    return out;
  }

  void create(const std::vector<Dot>& entities, Event& event) {
    const bool child = !entities.empty() && rng_.chance(50);
    event.ops.push_back(op(OpKind::kCreate, child ? "member" : "household",
                           child ? Value::dot(rng_.of(entities)) : Value::null()));
    if (rng_.chance(70)) event.ops.push_back(op(OpKind::kSet, "x", value()));
    if (rng_.chance(30)) event.ops.push_back(op(OpKind::kAdd, "s", value()));
    if (rng_.chance(30)) event.ops.push_back(op(OpKind::kAppend, "n", value()));
  }

  /// All that the author sees of a field; now and then, as a program of another make might, a part.
  std::vector<Dot> seen(const EntityView& entity, const FieldKey& key, const Value* item) {
    std::vector<Dot> out;
    const auto at = entity.live.find(key);
    if (at == entity.live.end()) return out;
    for (const auto& [dot, v] : at->second) {
      if (item != nullptr && !(v == *item)) continue;
      if (!rng_.chance(5)) out.push_back(dot);
    }
    return out;
  }

  void edit(Replica& replica, const EntityView& entity, Event& event) {
    const std::size_t kind = rng_.below(12);
    const auto has = [&](OpKind k, const std::string& name) {
      return std::any_of(event.ops.begin(), event.ops.end(),
                         [&](const Op& o) { return o.kind == k && o.name == name; });
    };
    const bool ends = has(OpKind::kRemove, "") || has(OpKind::kKeep, "");
    if (kind < 6) {
      Op o = op(OpKind::kSet, rng_.of(std::vector<std::string>{"x", "y", "z"}), value());
      o.base = seen(entity, {0, o.name}, nullptr);
      if (!has(OpKind::kSet, o.name)) event.ops.push_back(o);
    } else if (kind == 6) {
      event.ops.push_back(op(OpKind::kAdd, "s", value()));
    } else if (kind == 7) {
      Op o = op(OpKind::kDrop, "s", value());
      o.base = seen(entity, {1, "s"}, &o.value);
      event.ops.push_back(o);
    } else if (kind == 8) {
      event.ops.push_back(op(OpKind::kAppend, "n", value()));
    } else if (kind < 11 && !ends) {
      Op o = op(OpKind::kRemove, "", Value::text("reason"));
      o.base.assign(entity.removals.begin(), entity.removals.end());
      o.tips = replica.tips_of(event.entity);
      if (rng_.chance(5) && !o.tips.empty()) o.tips.pop_back();
      event.ops.push_back(o);
    } else if (!ends) {
      Op o = op(OpKind::kKeep, "", Value::null());
      o.base.assign(entity.removals.begin(), entity.removals.end());
      event.ops.push_back(o);
    }
  }

  void decide(const View& view, Event& event) {
    const bool revokes = rng_.chance(20);
    const std::string period = rng_.chance(50) ? "2024" : "2025";
    Op o = revokes ? op(OpKind::kRevoke, "aa", Value::null())
                   : op(OpKind::kDecide, "annual", Value::text(period));
    o.payload = {0x01};
    const auto scope = view.entities.find(Dot{});
    if (scope != view.entities.end()) {
      o.base = revokes ? seen(scope->second, {3, "aa"}, nullptr)
                       : seen(scope->second, {2, "annual"}, &o.value);
    }
    event.ops.push_back(o);
    if (!revokes && rng_.chance(30)) {
      Op other = op(OpKind::kDecide, "annual", Value::text(period == "2024" ? "2025" : "2024"));
      if (scope != view.entities.end())
        other.base = seen(scope->second, {2, "annual"}, &other.value);
      event.ops.push_back(other);
    }
  }

  Rng rng_;
  History history_;
  std::vector<Replica> replicas_;
};

}  // namespace lalanh::test
