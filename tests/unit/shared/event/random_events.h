#pragma once

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "shared/event/segment.h"

/// Random events of every op, and the names of a small scope, for the tests of segments.
namespace lalanh::test {

/// splitmix64: the same on every machine. A seed makes a test's input again.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class T>
  const T& of(const std::vector<T>& list) {
    return list[below(list.size())];
  }

 private:
  std::uint64_t state_;
};

/// A scope with one line of streams, and streams of others.
class TestNames : public StreamNames {
 public:
  void add(const WriterId& writer, std::optional<WriterId> before) { before_[writer] = before; }
  std::optional<WriterId> predecessor(const WriterId& writer) const override {
    const auto at = before_.find(writer);
    return at == before_.end() ? std::nullopt : at->second;
  }
  bool knows(const WriterId& writer) const override { return before_.count(writer) > 0; }
  std::vector<WriterId> writers() const {
    std::vector<WriterId> out;
    for (const auto& [writer, before] : before_) out.push_back(writer);
    return out;
  }

 private:
  std::map<WriterId, std::optional<WriterId>> before_;
};

inline WriterId random_writer(Rng& rng) {
  WriterId out;
  for (std::uint8_t& b : out.bytes) b = static_cast<std::uint8_t>(rng.next());
  return out;
}

/// Makes a scope, a header and valid events for it.
class EventMaker {
 public:
  explicit EventMaker(std::uint64_t seed) : rng_(seed) {
    std::optional<WriterId> before;
    for (int i = 0; i < 5; ++i) {
      const WriterId writer = random_writer(rng_);
      names.add(writer, before);
      before = writer;
      if (i == 4) header.writer = writer;
    }
    line_end_ = *names.predecessor(header.writer);
    for (int i = 0; i < 3; ++i) names.add(random_writer(rng_), std::nullopt);
    writers_ = names.writers();
    header.scope = {UnitNo(static_cast<std::uint32_t>(rng_.next())),
                    rng_.chance(20) ? Channel::kReference : Channel::kRecords};
  }

  /// A segment of `count` events: the stream's first, or one further on.
  std::vector<Event> make(std::size_t count) {
    header.count = static_cast<std::uint32_t>(count);
    header.start.reset();
    header.first = rng_.chance(50) ? 1 : static_cast<std::uint32_t>(2 + rng_.below(1'000'000));
    if (header.first == 1) {
      header.start = StreamStart{};
      header.start->predecessor =
          Predecessor{line_end_, 1 + static_cast<std::uint32_t>(rng_.below(99))};
      if (rng_.chance(50)) header.start->certificate = Bytes(440, 7);
    }
    for (std::uint8_t& b : header.signature) b = static_cast<std::uint8_t>(rng_.next());
    std::vector<Event> events;
    for (std::size_t i = 0; i < count; ++i) {
      own_ = {header.writer, header.first + static_cast<std::uint32_t>(i)};
      events.push_back(event());
    }
    return events;
  }

  Event event() {
    Event out;
    time_ += rng_.chance(5) ? static_cast<std::int64_t>(rng_.next() >> 20U) - (1LL << 43U)
                            : static_cast<std::int64_t>(rng_.below(100'000));
    out.time = TimeMs(rng_.chance(1) ? static_cast<std::int64_t>(rng_.next()) : time_);
    out.grade = static_cast<ClockGrade>(rng_.chance(90) ? 0 : rng_.below(3));
    out.order = order_ += rng_.chance(90) ? 1 : rng_.below(1'000);
    out.actor = rng_.of(actors_);
    out.verb = rng_.of(verbs_);
    const std::size_t kind = rng_.below(10);
    if (kind < 3) {
      op(out, OpKind::kCreate);
    } else if (kind == 3) {
      op(out, rng_.chance(50) ? OpKind::kDecide : OpKind::kRevoke);
    } else {
      out.entity = rng_.chance(60) && !last_entity_.none() ? last_entity_ : dot();
      if (rng_.chance(20)) out.entity.counter = 1 + (out.entity.counter + 3) % 4'000'000;
      last_entity_ = out.entity;
    }
    const bool scope = kind == 3;
    const std::size_t more = scope ? rng_.below(2) : rng_.below(6) + (kind < 3 ? 0 : 1);
    for (std::size_t i = 0; i < more; ++i) op(out, scope ? OpKind::kDecide : any_kind());
    if (rng_.chance(3)) out.extras = {0x05, 0x61, 'x'};
    return out;
  }

  Value value() {
    switch (rng_.below(9)) {
      case 0: return Value::null();
      case 1: return Value::boolean(rng_.chance(50));
      case 2: return Value::integer(static_cast<std::int64_t>(rng_.next()));
      case 3: return Value::integer(static_cast<std::int64_t>(rng_.below(400)) * 10'000);
      case 4: return Value::dot(dot());
      case 5: return Value::link({{UnitNo(7), Channel::kReference}, dot(), {1, 2, 3}});
      default: return Value::text(rng_.of(texts_));
    }
  }

  Dot dot() {
    const std::uint32_t counter =
        1 + static_cast<std::uint32_t>(rng_.below(rng_.chance(10) ? 4'194'303 : 20'000));
    return {rng_.of(writers_), counter};
  }

  Rng& rng() { return rng_; }

  TestNames names;
  SegmentHeader header;

 private:
  OpKind any_kind() {
    return rng_.of(std::vector<OpKind>{OpKind::kSet, OpKind::kSet, OpKind::kSet, OpKind::kAdd,
                                       OpKind::kDrop, OpKind::kAppend, OpKind::kRemove,
                                       OpKind::kKeep});
  }

  void op(Event& event, OpKind kind) {
    Op out;
    out.kind = kind;
    const bool nameless = kind == OpKind::kRemove || kind == OpKind::kKeep;
    if (!nameless) out.name = rng_.of(names_);
    const bool once = kind == OpKind::kSet || kind == OpKind::kDecide;
    if (once) out.name += std::to_string(event.ops.size());
    if (kind == OpKind::kCreate) {
      if (rng_.chance(50)) out.value = Value::dot(dot());
    } else if (kind != OpKind::kKeep) {
      out.value = value();
    }
    const bool bases = kind != OpKind::kCreate && kind != OpKind::kAdd && kind != OpKind::kAppend &&
                       !(event.creates() || kind == OpKind::kCreate);
    if (bases) base(event, out);
    if (kind == OpKind::kRemove) {
      for (std::size_t i = rng_.below(4); i > 0; --i) out.tips.push_back(dot());
    }
    if (kind == OpKind::kDecide || kind == OpKind::kRevoke) out.payload = {0x82, 0x01, 0x61, 'p'};
    if (rng_.chance(3)) out.extras = {0x03, 0xf5, 0x18, 0x40, 0x80};
    event.ops.push_back(std::move(out));
  }

  void base(const Event& event, Op& out) {
    const std::size_t kind = rng_.below(8);
    if (kind < 4 && !event.entity.none()) {
      out.base = {event.entity};
    } else if (kind < 6 && !event.ops.empty()) {
      out.base = event.ops.back().base;
    } else {
      for (std::size_t i = rng_.below(4); i > 0; --i) out.base.push_back(dot());
    }
  }

  Rng rng_;
  WriterId line_end_;
  std::vector<WriterId> writers_;
  Dot own_;
  Dot last_entity_;
  std::int64_t time_ = 1'700'000'000'000;
  std::uint64_t order_ = 0;
  std::vector<std::string> actors_ = {"Nguyễn Văn An, Trưởng thôn", "Trần Thị Bình", "x", "Ærø ☃"};
  std::vector<std::string> verbs_ = {"record", "correct", "remove", "settle", "một động từ mới"};
  std::vector<std::string> names_ = {"household", "income",
                                     "wishes",    "health_insurance",
                                     "năm",       "a_field_that_no_dictionary_knows"};
  std::vector<std::string> texts_ = {"",        "Nguyễn Thị Linh", "Số 163, Thôn Đông 1",
                                     "không",   "vay vốn ",        " nhà  bò",
                                     "a\nb\tc", "𝄞 ☃ é",           std::string(3'000, 'z')};
};

}  // namespace lalanh::test
