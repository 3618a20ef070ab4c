#include <algorithm>
#include <map>
#include <unordered_map>

#include "shared/event/segment_parts.h"

namespace lalanh::segment_parts {
namespace {

struct Form {
  OpKind kind;
  std::uint64_t name;
  std::uint8_t flags;
  friend bool operator<(const Form& a, const Form& b) {
    return std::tie(a.kind, a.name, a.flags) < std::tie(b.kind, b.name, b.flags);
  }
};

std::uint8_t flags_of(const Op& op) {
  return static_cast<std::uint8_t>((op.tips.empty() ? 0 : kFormTips) |
                                   (op.payload.empty() ? 0 : kFormPayload) |
                                   (op.extras.empty() ? 0 : kFormExtras));
}

/// Runs of equal values: varint of the value, varint of the length.
void put_runs(Bytes& out, const std::vector<std::uint64_t>& values) {
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i;
    while (end < values.size() && values[end] == values[i]) ++end;
    put_varint(out, values[i]);
    put_varint(out, end - i);
    i = end;
  }
}

class ColumnWriter {
 public:
  ColumnWriter(const SegmentHeader& header, std::span<const Event> events,
               const StreamNames& names)
      : header_(header), events_(events), names_(names) {}

  Bytes write() {
    collect_writers();
    collect_forms();
    put_writers();
    put_strings_and_forms();
    put_times();
    put_words();
    put_entities();
    put_ops();
    put_bases();
    put_values();
    put_rest();
    return std::move(out_);
  }

 private:
  void name(const WriterId& writer) {
    if (!(writer == header_.writer)) index_.emplace(writer, 0);
  }
  void name(const Value& value) {
    if (value.kind() == Value::Kind::kDot) name(value.as_dot().writer);
  }

  void collect_writers() {
    for (const Event& event : events_) {
      if (!event.entity.none()) name(event.entity.writer);
      for (const Op& op : event.ops) {
        name(op.value);
        for (const Dot& dot : op.base) name(dot.writer);
        for (const Dot& dot : op.tips) name(dot.writer);
      }
    }
  }

  /// Own line first, nearest first, each as steps from the one before; the others by their first
  /// bytes, in order.
  void put_writers() {
    put_varint(out_, index_.size());
    std::uint64_t next = 1;
    std::uint64_t steps = 0;
    std::size_t left = index_.size();
    std::optional<WriterId> at = header_.writer;
    while (left > 0 && at) {
      at = predecessor_of(header_, names_, *at);
      ++steps;
      const auto found = at ? index_.find(*at) : index_.end();
      if (found != index_.end() && found->second == 0) {
        put_varint(out_, steps);
        found->second = next++;
        steps = 0;
        --left;
      }
    }
    for (auto& [writer, index] : index_) {
      if (index != 0) continue;
      put_varint(out_, 0);
      append(out_, prefix_of(writer));
      index = next++;
    }
  }

  std::uint64_t index_of(const WriterId& writer) const {
    return writer == header_.writer ? 0 : index_.at(writer);
  }

  std::uint64_t string_of(const std::string& text) {
    const auto [at, added] = strings_.emplace(text, strings_.size());
    if (added) ordered_strings_.push_back(&at->first);
    return at->second;
  }

  void collect_forms() {
    for (const Event& event : events_) {
      actors_.push_back(string_of(event.actor));
      verbs_.push_back(string_of(event.verb));
      for (const Op& op : event.ops) {
        const Form form{op.kind, string_of(op.name), flags_of(op)};
        const auto [at, added] = forms_.emplace(form, forms_.size());
        if (added) {
          ordered_forms_.push_back(form);
          by_form_.emplace_back();
        }
        form_of_op_.push_back(at->second);
        by_form_[at->second].push_back({&op, static_cast<std::uint32_t>(actors_.size() - 1)});
      }
    }
  }

  void put_strings_and_forms() {
    put_varint(out_, ordered_strings_.size());
    for (const std::string* text : ordered_strings_) {
      put_varint(out_, text->size());
      append(out_, as_bytes(*text));
    }
    put_varint(out_, ordered_forms_.size());
    for (const Form& form : ordered_forms_) {
      out_.push_back(static_cast<std::uint8_t>(form.kind));
      put_varint(out_, form.name);
      out_.push_back(form.flags);
    }
  }

  void put_times() {
    std::int64_t before = 0;
    for (const Event& event : events_) {
      put_signed(out_, wrapping_difference(event.time.value, before));
      before = event.time.value;
    }
    for (std::size_t i = 0; i < events_.size();) {
      std::size_t end = i;
      while (end < events_.size() && events_[end].grade == events_[i].grade) ++end;
      put_varint(out_, (end - i) * 4 + static_cast<std::uint64_t>(events_[i].grade));
      i = end;
    }
    std::int64_t order = 0;
    for (const Event& event : events_) {
      const auto own = static_cast<std::int64_t>(event.order);
      put_signed(out_, wrapping_difference(own, order));
      order = wrapping_sum(own, 1);
    }
  }

  void put_words() {
    put_runs(out_, actors_);
    put_runs(out_, verbs_);
  }

  void put_entities() {
    Bytes counters;
    const Dot* before = nullptr;
    Dot own;
    std::int64_t counter = 0;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const Event& event = events_[i];
      if (event.creates()) {
        put_varint(out_, kEntityCreates);
        own = {header_.writer, header_.first + static_cast<std::uint32_t>(i)};
        before = &own;
      } else if (event.entity.none()) {
        put_varint(out_, kEntityScope);
      } else if (before != nullptr && event.entity == *before) {
        put_varint(out_, kEntitySame);
      } else {
        put_varint(out_, kEntityDot + index_of(event.entity.writer));
        put_signed(counters, std::int64_t{event.entity.counter} - counter);
        counter = event.entity.counter;
        before = &event.entity;
      }
    }
    append(out_, counters);
  }

  void put_ops() {
    for (const Event& event : events_) put_varint(out_, event.ops.size());
    for (const std::uint64_t form : form_of_op_) put_varint(out_, form);
  }

  void put_full(const Dot& dot, Bytes& counters) {
    put_varint(dot_writers_, index_of(dot.writer));
    put_signed(counters, std::int64_t{dot.counter} - dot_counter_);
    dot_counter_ = dot.counter;
  }

  void put_bases() {
    Bytes counters;
    Bytes tip_counts;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const Event& event = events_[i];
      const Dot* before = nullptr;
      for (const Op& op : event.ops) {
        const bool single = op.base.size() == 1;
        if (op.base.empty()) {
          put_varint(out_, kBaseNone);
        } else if (single && !event.entity.none() && op.base[0] == event.entity) {
          put_varint(out_, kBaseCreate);
        } else if (single && before != nullptr && op.base[0] == *before) {
          put_varint(out_, kBaseSame);
        } else {
          put_varint(out_, kBaseDots + op.base.size() - 1);
          for (const Dot& dot : op.base) put_full(dot, counters);
        }
        if (single) before = &op.base[0];
      }
    }
    for (const Event& event : events_) {
      for (const Op& op : event.ops) {
        if (op.tips.empty()) continue;
        put_varint(tip_counts, op.tips.size());
        for (const Dot& dot : op.tips) put_full(dot, counters);
      }
    }
    append(out_, tip_counts);
    append(out_, dot_writers_);
    append(out_, counters);
  }

  struct Place {
    const Op* op;
    std::uint32_t event;
  };

  void put_values() {
    for (const std::vector<Place>& places : by_form_) put_values_of(places);
  }

  void put_values_of(const std::vector<Place>& places) {
    const auto kind_at = [&](std::size_t i) { return places[i].op->value.kind(); };
    for (std::size_t i = 0; i < places.size();) {
      std::size_t end = i;
      while (end < places.size() && kind_at(end) == kind_at(i)) ++end;
      put_varint(out_, (end - i) * 8 + static_cast<std::uint64_t>(kind_at(i)));
      i = end;
    }
    std::uint8_t bits = 0;
    std::size_t booleans = 0;
    Bytes integers;
    Bytes lengths;
    Bytes texts;
    Bytes dots;
    Bytes links;
    std::int64_t before = 0;
    for (const Place& place : places) {
      const Value& value = place.op->value;
      switch (value.kind()) {
        case Value::Kind::kNull: break;
        case Value::Kind::kBool:
          if (value.as_bool()) bits = static_cast<std::uint8_t>(bits | (1U << (booleans % 8)));
          if (++booleans % 8 == 0) {
            out_.push_back(bits);
            bits = 0;
          }
          break;
        case Value::Kind::kInt:
          put_signed(integers, wrapping_difference(value.as_int(), before));
          before = value.as_int();
          break;
        case Value::Kind::kText:
          put_varint(lengths, value.as_text().size());
          append(texts, as_bytes(value.as_text()));
          break;
        case Value::Kind::kDot: {
          const Dot dot = value.as_dot();
          put_varint(dots, index_of(dot.writer));
          put_signed(dots, std::int64_t{header_.first} + place.event - dot.counter);
          break;
        }
        case Value::Kind::kLink: put_link(value.as_link(), links); break;
      }
    }
    if (booleans % 8 != 0) out_.push_back(bits);
    for (const Bytes* part : {&integers, &lengths, &texts, &dots, &links}) append(out_, *part);
  }

  static void put_link(const Link& link, Bytes& out) {
    put_varint(out, link.scope.unit.value);
    out.push_back(static_cast<std::uint8_t>(link.scope.channel));
    append(out, link.dot.writer.bytes);
    put_varint(out, link.dot.counter);
    append(out, link.hash);
  }

  void put_rest() {
    for (const std::vector<Place>& places : by_form_) {
      for (const Place& place : places) {
        if (!place.op->payload.empty()) put_raw(place.op->payload);
        if (!place.op->extras.empty()) put_raw(place.op->extras);
      }
    }
    std::size_t with_extras = 0;
    for (const Event& event : events_) with_extras += event.extras.empty() ? 0 : 1;
    put_varint(out_, with_extras);
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (events_[i].extras.empty()) continue;
      put_varint(out_, i);
      put_raw(events_[i].extras);
    }
  }

  void put_raw(const Bytes& bytes) {
    put_varint(out_, bytes.size());
    append(out_, bytes);
  }

  const SegmentHeader& header_;
  std::span<const Event> events_;
  const StreamNames& names_;
  Bytes out_;
  std::map<WriterId, std::uint64_t> index_;
  std::unordered_map<std::string, std::uint64_t> strings_;
  std::vector<const std::string*> ordered_strings_;
  std::map<Form, std::uint64_t> forms_;
  std::vector<Form> ordered_forms_;
  std::vector<std::vector<Place>> by_form_;
  std::vector<std::uint64_t> form_of_op_;
  std::vector<std::uint64_t> actors_;
  std::vector<std::uint64_t> verbs_;
  Bytes dot_writers_;
  std::int64_t dot_counter_ = 0;
};

}  // namespace

Bytes write_columns(const SegmentHeader& header, std::span<const Event> events,
                    const StreamNames& names) {
  return ColumnWriter(header, events, names).write();
}

}  // namespace lalanh::segment_parts
