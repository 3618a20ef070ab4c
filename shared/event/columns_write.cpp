#include "shared/event/columns_write.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "shared/event/named.h"

namespace lalanh::segment_parts {
namespace {

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

/// Writes the columns of events; those of values are in columns_write_values.cpp.
class ColumnWriter {
 public:
  ColumnWriter(const SegmentHeader& header, std::span<const Event> events, const StreamNames& names,
               const WordList& words)
      : header_(header), events_(events), names_(names), words_(words) {}

  Columns write() {
    collect_writers();
    put_writers();
    put_strings();
    put_forms();
    put_times();
    put_runs(out_.bytes, actors_);
    put_runs(out_.bytes, verbs_);
    put_entities();
    put_ops();
    put_bases();
    const auto index = [this](const WriterId& writer) { return index_of(writer); };
    for (const FormOps& form : by_form_) put_values(form, index, header_.first, words_, out_);
    put_rest();
    return std::move(out_);
  }

 private:
  void name(const WriterId& writer) {
    if (!(writer == header_.writer)) index_.emplace(writer, 0);
  }

  void collect_writers() {
    for (const Event& event : events_) {
      each_named(event, [this](const Dot& dot) { name(dot.writer); });
    }
  }

  /// Own line first, nearest first, each as steps from the one before; the others whole, in order.
  void put_writers() {
    put_varint(out_.bytes, index_.size());
    std::uint64_t next = 1;
    std::uint64_t steps = 0;
    std::size_t left = index_.size();
    std::optional<WriterId> at = header_.writer;
    for (std::uint64_t walked = 0; left > 0 && at && walked < kLineSteps; ++walked) {
      at = predecessor_of(header_, names_, *at);
      ++steps;
      const auto found = at ? index_.find(*at) : index_.end();
      if (found != index_.end() && found->second == 0) {
        put_varint(out_.bytes, steps);
        found->second = next++;
        steps = 0;
        --left;
      }
    }
    for (auto& [writer, index] : index_) {
      if (index != 0) continue;
      put_varint(out_.bytes, 0);
      append(out_.bytes, writer.bytes);
      index = next++;
    }
  }

  std::uint64_t index_of(const WriterId& writer) const {
    return writer == header_.writer ? 0 : index_.at(writer);
  }

  void put_strings() {
    std::unordered_map<std::string_view, std::uint64_t> known;
    std::vector<std::string_view> ordered;
    const auto index = [&](const std::string& text) {
      const auto [at, added] = known.emplace(text, known.size());
      if (added) ordered.push_back(text);
      return at->second;
    };
    for (const Event& event : events_) {
      actors_.push_back(index(event.actor));
      verbs_.push_back(index(event.verb));
    }
    put_varint(out_.bytes, ordered.size());
    for (const std::string_view text : ordered) words_.put(text, out_.bytes);
  }

  /// Finds the forms in order of first use, then writes them.
  void put_forms() {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      std::size_t before = 0;
      for (const Op& op : events_[i].ops) {
        const std::size_t form = form_of(op, before);
        before = form + 1;
        form_of_op_.push_back(form);
        by_form_[form].places.push_back({&op, static_cast<std::uint32_t>(i)});
      }
    }
    put_varint(out_.bytes, by_form_.size());
    std::unordered_map<std::string_view, std::uint64_t> names;
    for (FormOps& form : by_form_) put_form(form, names);
  }

  /// The form of an op. `before`: 1 + that of the op before it in the event, or 0; what came after
  /// it the last time is tried first, since forms of events repeat.
  std::size_t form_of(const Op& op, std::size_t before) {
    const std::uint8_t flags = flags_of(op);
    if (before < after_.size() && after_[before] < by_form_.size()) {
      const FormOps& guess = by_form_[after_[before]];
      const Op& known = *guess.places[0].op;
      if (known.kind == op.kind && guess.flags == flags && known.name == op.name) {
        return after_[before];
      }
    }
    const auto [at, added] = forms_.try_emplace({op.kind, op.name, flags}, by_form_.size());
    if (added) by_form_.push_back({flags, 0, {}});
    if (before >= after_.size()) after_.resize(before + 1, ~std::size_t{0});
    return after_[before] = at->second;
  }

  void put_form(FormOps& form, std::unordered_map<std::string_view, std::uint64_t>& names) {
    const auto kind_of = [](const Place& place) { return place.op->value.kind(); };
    const Value::Kind first = kind_of(form.places[0]);
    const bool alike = std::all_of(form.places.begin(), form.places.end(),
                                   [&](const Place& place) { return kind_of(place) == first; });
    form.kinds = alike ? static_cast<std::uint8_t>(first) : kMixedKinds;
    const Op& op = *form.places[0].op;
    const auto byte =
        static_cast<std::uint8_t>(static_cast<std::uint8_t>(op.kind) * 8 + form.kinds);
    out_.bytes.push_back(form.flags == 0 ? byte : static_cast<std::uint8_t>(byte | kFormFlags));
    if (form.flags != 0) out_.bytes.push_back(form.flags);
    const auto [at, added] = names.emplace(op.name, names.size() + 1);
    put_varint(out_.bytes, added ? 0 : at->second);
    if (added) words_.put(op.name, out_.bytes);
  }

  void put_times() {
    std::vector<std::int64_t> times;
    std::vector<std::int64_t> orders;
    for (const Event& event : events_) {
      times.push_back(event.time.value);
      orders.push_back(static_cast<std::int64_t>(event.order));
    }
    put_numbers(times, out_.bytes, out_.bits);
    for (std::size_t i = 0; i < events_.size();) {
      std::size_t end = i;
      while (end < events_.size() && events_[end].grade == events_[i].grade) ++end;
      put_varint(out_.bytes, (end - i) * 4 + static_cast<std::uint64_t>(events_[i].grade));
      i = end;
    }
    put_numbers(orders, out_.bytes, out_.bits);
  }

  void put_entities() {
    std::vector<std::int64_t> counters;
    Dot before;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const Event& event = events_[i];
      if (event.entity.none() && !event.creates()) {
        put_varint(out_.bytes, kEntityScope);
        continue;
      }
      if (event.creates()) {
        put_varint(out_.bytes, kEntityCreates);
        before = {header_.writer, header_.first + static_cast<std::uint32_t>(i)};
        continue;
      }
      const std::int64_t step = std::int64_t{event.entity.counter} - before.counter;
      const bool close = event.entity.writer == before.writer && step >= -kEntityStepMax &&
                         step <= kEntityStepMax && !before.none();
      if (close && step == 0) {
        put_varint(out_.bytes, kEntitySame);
      } else if (close) {
        const std::int64_t code = step + kEntityStepMax - (step > 0 ? 1 : 0);
        put_varint(out_.bytes, kEntityStep + static_cast<std::uint64_t>(code));
      } else {
        put_varint(out_.bytes, kEntityDot + index_of(event.entity.writer));
        counters.push_back(event.entity.counter);
      }
      before = event.entity;
    }
    put_numbers(counters, out_.bytes, out_.bits);
  }

  /// Op counts; then, for events that repeat a row of forms, which one; then the forms of the rest.
  void put_ops() {
    std::map<std::vector<std::uint64_t>, std::uint64_t> shapes;
    Bytes repeats;
    Bytes forms;
    auto at = form_of_op_.begin();
    for (const Event& event : events_) {
      const auto end = at + static_cast<std::ptrdiff_t>(event.ops.size());
      if (event.ops.size() >= kShapeOps) {
        const auto [shape, added] = shapes.emplace(std::vector(at, end), shapes.size());
        if (!added) {
          put_varint(out_.bytes, 0);
          put_varint(repeats, shape->second);
          at = end;
          continue;
        }
      }
      put_varint(out_.bytes, event.ops.size());
      for (; at != end; ++at) put_varint(forms, *at);
    }
    append(out_.bytes, repeats);
    append(out_.bytes, forms);
  }

  void put_full(const Dot& dot) {
    put_varint(dot_writers_, index_of(dot.writer));
    dot_counters_.push_back(dot.counter);
  }

  void put_bases() {
    for (const Event& event : events_) {
      if (event.creates()) continue;
      const Dot* before = nullptr;
      for (const Op& op : event.ops) {
        if (has_base(op.kind)) before = put_base(event, op, before);
      }
    }
    for (const Event& event : events_) {
      for (const Op& op : event.ops) {
        if (op.tips.empty()) continue;
        put_varint(out_.bytes, op.tips.size());
        for (const Dot& dot : op.tips) put_full(dot);
      }
    }
    append(out_.bytes, dot_writers_);
    put_numbers(dot_counters_, out_.bytes, out_.bits);
  }

  /// The single dot that the next op of the event may repeat.
  const Dot* put_base(const Event& event, const Op& op, const Dot* before) {
    const bool single = op.base.size() == 1;
    if (op.base.empty()) {
      put_varint(out_.bytes, kBaseNone);
    } else if (single && !event.entity.none() && op.base[0] == event.entity) {
      put_varint(out_.bytes, kBaseCreate);
    } else if (single && before != nullptr && op.base[0] == *before) {
      put_varint(out_.bytes, kBaseSame);
    } else {
      put_varint(out_.bytes, kBaseDots + op.base.size() - 1);
      for (const Dot& dot : op.base) put_full(dot);
    }
    return single ? &op.base[0] : before;
  }

  void put_rest() {
    for (const FormOps& form : by_form_) {
      if (form.flags == 0) continue;
      for (const Place& place : form.places) {
        if (!place.op->payload.empty()) put_raw(place.op->payload);
        if (!place.op->extras.empty()) put_raw(place.op->extras);
      }
    }
    const auto with_extras = std::count_if(
        events_.begin(), events_.end(), [](const Event& event) { return !event.extras.empty(); });
    put_varint(out_.bytes, static_cast<std::uint64_t>(with_extras));
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (events_[i].extras.empty()) continue;
      put_varint(out_.bytes, i);
      put_raw(events_[i].extras);
    }
  }

  void put_raw(const Bytes& bytes) {
    put_varint(out_.bytes, bytes.size());
    append(out_.bytes, bytes);
  }

  const SegmentHeader& header_;
  std::span<const Event> events_;
  const StreamNames& names_;
  const WordList& words_;
  Columns out_;
  std::map<WriterId, std::uint64_t> index_;
  std::map<std::tuple<OpKind, std::string_view, std::uint8_t>, std::size_t> forms_;
  std::vector<FormOps> by_form_;
  std::vector<std::size_t> after_;
  std::vector<std::uint64_t> form_of_op_;
  std::vector<std::uint64_t> actors_;
  std::vector<std::uint64_t> verbs_;
  Bytes dot_writers_;
  std::vector<std::int64_t> dot_counters_;
};

}  // namespace

Columns write_columns(const SegmentHeader& header, std::span<const Event> events,
                      const StreamNames& names, const WordList& words) {
  return ColumnWriter(header, events, names, words).write();
}

}  // namespace lalanh::segment_parts
