#include "shared/event/columns_read.h"

namespace lalanh::segment_parts {
namespace {

/// Reads the columns of events in their order; those of values are in columns_read_values.cpp.
class ColumnReader {
 public:
  ColumnReader(const SegmentHeader& header, const StreamNames& names, ColumnsIn& in)
      : in_(in), header_(header), names_(names), events_(header.count) {}

  Result<std::vector<Event>> read(bool& resolved) {
    read_writers();
    if (in_.ok() && !resolved_) {
      resolved = false;
      return std::vector<Event>{};
    }
    read_strings();
    read_forms();
    read_times();
    read_runs([](Event& event, const std::string& text) { event.actor = text; });
    read_runs([](Event& event, const std::string& text) { event.verb = text; });
    read_entities();
    read_ops();
    read_bases();
    for (const FormIn& form : forms_) {
      if (in_.ok()) read_values(form, header_.first, in_);
    }
    read_rest();
    if (in_.ok() && !in_.bytes.at_end()) in_.fail("followed by something");
    if (in_.ok() && !in_.bits.at_end()) in_.fail("more bits than are used");
    if (!in_.ok()) return fault(in_.why());
    for (const Event& event : events_) TRY(check_event(event));
    resolved = true;
    return std::move(events_);
  }

 private:
  Error fault(const char* why) const {
    const std::string where = "segment columns, byte " + std::to_string(in_.bytes.position());
    return {ErrorCode::format_malformed, {{"where", where}, {"why", why}}};
  }

  void read_writers() {
    const std::size_t count = in_.bytes.count(kWritersMax);
    in_.writers.push_back(header_.writer);
    std::uint64_t steps_left = kLineSteps;
    std::optional<WriterId> at = header_.writer;
    for (std::size_t i = 0; i < count && in_.ok(); ++i) {
      const std::uint64_t steps = in_.bytes.varint(steps_left);
      steps_left -= steps;
      if (steps == 0) {
        at.emplace();
        in_.bytes.bytes_into(at->bytes);
        if (in_.ok() && !names_.knows(*at)) at.reset();
      }
      for (std::uint64_t s = 0; s < steps && at; ++s) {
        at = predecessor_of(header_, names_, *at);
      }
      if (!at) {
        resolved_ = false;
        return;
      }
      in_.writers.push_back(*at);
    }
  }

  void read_strings() {
    const std::size_t count = in_.bytes.count(limits::kSegmentColumnsMax);
    strings_.resize(in_.ok() ? count : 0);
    for (std::string& text : strings_) {
      in_.text(limits::kActorBytesMax, text);
      if (!in_.ok()) return;
    }
  }

  void read_forms() {
    const std::size_t count = in_.bytes.count(limits::kSegmentColumnsMax);
    for (std::size_t i = 0; i < count && in_.ok(); ++i) {
      FormIn form;
      const std::uint8_t byte = in_.bytes.byte();
      const unsigned kind = (byte & 0x7fU) / 8;
      form.kind = static_cast<OpKind>(kind);
      form.kinds = byte % 8;
      if ((byte & kFormFlags) != 0) form.flags = in_.bytes.byte();
      if (kind >= kOpKinds || form.kinds > kMixedKinds || form.flags > 7 ||
          ((byte & kFormFlags) != 0 && form.flags == 0)) {
        in_.fail("an unknown form of op");
      }
      const std::uint64_t name = in_.bytes.varint(form_names_.size());
      if (name == 0) {
        form_names_.emplace_back();
        in_.text(limits::kNameBytesMax, form_names_.back());
      }
      form.name = static_cast<std::uint32_t>(name == 0 ? form_names_.size() - 1 : name - 1);
      forms_.push_back(std::move(form));
    }
  }

  void read_times() {
    std::vector<std::int64_t>& numbers = in_.scratch;
    in_.numbers(events_.size(), numbers);
    for (std::size_t i = 0; i < events_.size(); ++i) events_[i].time = TimeMs(numbers[i]);
    for (std::size_t i = 0; i < events_.size() && in_.ok();) {
      const std::uint64_t run = in_.bytes.varint();
      const std::uint64_t length = run / 4;
      if (run % 4 > 2 || length == 0 || length > events_.size() - i) in_.fail("a run of grades");
      for (std::uint64_t k = 0; k < length && in_.ok(); ++k) {
        events_[i++].grade = static_cast<ClockGrade>(run % 4);
      }
    }
    in_.numbers(events_.size(), numbers);
    for (std::size_t i = 0; i < events_.size() && in_.ok(); ++i) {
      if (numbers[i] < 0) in_.fail("an order below 0");
      events_[i].order = static_cast<std::uint64_t>(numbers[i]);
    }
  }

  template <class Set>
  void read_runs(Set set) {
    for (std::size_t i = 0; i < events_.size() && in_.ok();) {
      const std::uint64_t string = in_.bytes.varint();
      const std::uint64_t length = in_.bytes.varint();
      if (string >= strings_.size()) in_.fail("a string's index is out of range");
      if (length == 0 || length > events_.size() - i) in_.fail("a run of words");
      if (!in_.ok()) return;
      const std::string& text = strings_[static_cast<std::size_t>(string)];
      in_.unfold(text.size() * static_cast<std::size_t>(length));
      for (std::uint64_t k = 0; k < length && in_.ok(); ++k) set(events_[i++], text);
    }
  }

  Dot own(std::size_t i) const {
    return {header_.writer, header_.first + static_cast<std::uint32_t>(i)};
  }

  void read_entities() {
    if (events_.size() > in_.bytes.left()) in_.fail("more events than bytes");
    if (!in_.ok()) return;
    std::vector<std::uint64_t> codes(events_.size());
    std::size_t full = 0;
    for (std::uint64_t& code : codes) {
      code = in_.bytes.varint();
      full += code >= kEntityDot ? 1 : 0;
    }
    creates_.resize(codes.size());
    std::vector<std::int64_t>& counters = in_.scratch;
    in_.numbers(full, counters);
    full = 0;
    Dot before;
    for (std::size_t i = 0; i < codes.size() && in_.ok(); ++i) {
      creates_[i] = codes[i] == kEntityCreates;
      if (codes[i] == kEntityScope) continue;
      if (codes[i] == kEntityCreates) {
        before = own(i);
        continue;
      }
      if (codes[i] >= kEntityDot) {
        before = {in_.writer(codes[i] - kEntityDot), in_.counter(counters[full++])};
      } else if (codes[i] >= kEntityStep) {
        const auto code = static_cast<std::int64_t>(codes[i] - kEntityStep);
        const std::int64_t step = code - kEntityStepMax + (code >= kEntityStepMax ? 1 : 0);
        before.counter = in_.counter(std::int64_t{before.counter} + step);
      }
      if (before.none()) in_.fail("no entity before");
      events_[i].entity = before;
    }
  }

  /// Op counts, which rows of forms come back, and the forms of those that do not.
  void read_ops() {
    if (events_.size() > in_.bytes.left()) in_.fail("more events than bytes");
    if (!in_.ok()) return;
    std::vector<std::uint32_t> counts(events_.size());
    std::size_t repeats = 0;
    for (std::uint32_t& count : counts) {
      count = static_cast<std::uint32_t>(in_.bytes.varint(limits::kOpsMax));
      repeats += count == 0 ? 1 : 0;
    }
    if (repeats > in_.bytes.left()) in_.fail("more events than bytes");
    if (!in_.ok()) return;
    std::vector<std::uint64_t> rows(repeats);
    for (std::uint64_t& row : rows) row = in_.bytes.varint();
    std::vector<std::vector<std::uint32_t>> shapes;
    std::vector<std::uint32_t> forms;
    std::size_t total = 0;
    repeats = 0;
    for (std::size_t i = 0; i < events_.size() && in_.ok(); ++i) {
      const std::vector<std::uint32_t>* used = &forms;
      if (counts[i] == 0) {
        const std::uint64_t row = rows[repeats++];
        if (row >= shapes.size()) return in_.fail("a row of forms that is not there");
        used = &shapes[static_cast<std::size_t>(row)];
      } else {
        read_row(counts[i], forms);
        if (forms.size() >= kShapeOps) shapes.push_back(forms);
      }
      total += used->size();
      if (total > limits::kSegmentOpsMax) in_.fail("too many ops");
      if (in_.ok()) make_ops(i, *used);
    }
    if (in_.ok()) place_ops();
  }

  void read_row(std::uint32_t count, std::vector<std::uint32_t>& forms) {
    forms.resize(count);
    for (std::uint32_t& form : forms) {
      const std::uint64_t index = in_.bytes.varint();
      if (index >= forms_.size()) in_.fail("a form's index is out of range");
      form = in_.ok() ? static_cast<std::uint32_t>(index) : 0;
    }
  }

  void make_ops(std::size_t i, const std::vector<std::uint32_t>& forms) {
    std::vector<Op>& ops = events_[i].ops;
    ops.resize(forms.size());
    for (std::size_t k = 0; k < forms.size(); ++k) {
      FormIn& form = forms_[forms[k]];
      const std::string& name = form_names_[form.name];
      in_.unfold(name.size());
      if (!in_.ok()) return;
      ops[k].kind = form.kind;
      ops[k].name = name;
      ++form.uses;
      form_of_op_.push_back(forms[k]);
    }
    if (creates_[i] != events_[i].creates()) in_.fail("a create without its op");
  }

  void place_ops() {
    for (FormIn& form : forms_) form.places.reserve(form.uses);
    auto form = form_of_op_.begin();
    for (std::size_t i = 0; i < events_.size(); ++i) {
      for (Op& op : events_[i].ops) {
        forms_[*form++].places.push_back({&op, static_cast<std::uint32_t>(i)});
      }
    }
  }

  void read_bases() {
    std::vector<Dot*> full;
    std::vector<std::pair<const Dot*, Dot*>> same;
    for (std::size_t i = 0; i < events_.size() && in_.ok(); ++i) {
      if (creates_[i]) continue;
      const Dot* before = nullptr;
      for (Op& op : events_[i].ops) {
        if (!has_base(op.kind)) continue;
        read_base(events_[i], op, before, full, same);
        if (op.base.size() == 1) before = &op.base[0];
      }
    }
    read_tip_counts(full);
    if (!in_.ok()) return;
    for (Dot* dot : full) dot->writer = in_.writer(in_.bytes.varint());
    in_.numbers(full.size(), in_.scratch);
    for (std::size_t i = 0; i < full.size() && in_.ok(); ++i) {
      full[i]->counter = in_.counter(in_.scratch[i]);
    }
    for (const auto& [from, to] : same) *to = *from;
  }

  void read_base(const Event& event, Op& op, const Dot* before, std::vector<Dot*>& full,
                 std::vector<std::pair<const Dot*, Dot*>>& same) {
    const std::uint64_t code = in_.bytes.varint(kBaseDots + limits::kBasesMax - 1);
    if (!in_.ok() || code == kBaseNone) return;
    if (code == kBaseCreate) {
      if (event.entity.none()) return in_.fail("a base without an entity");
      op.base.push_back(event.entity);
    } else if (code == kBaseSame) {
      if (before == nullptr) return in_.fail("no base before");
      op.base.resize(1);
      same.emplace_back(before, &op.base[0]);
    } else {
      add_full(op.base, static_cast<std::size_t>(code - kBaseDots + 1), full);
    }
  }

  void add_full(std::vector<Dot>& dots, std::size_t count, std::vector<Dot*>& full) {
    const std::size_t total = full.size() + count;
    if (total > in_.bytes.left() || total > limits::kSegmentDotsMax) {
      return in_.fail("more names than bytes, or than kSegmentDotsMax");
    }
    dots.resize(count);
    for (Dot& dot : dots) full.push_back(&dot);
  }

  void read_tip_counts(std::vector<Dot*>& full) {
    auto form = form_of_op_.begin();
    for (Event& event : events_) {
      for (Op& op : event.ops) {
        if (!in_.ok()) return;
        if ((forms_[*form++].flags & kFormTips) == 0) continue;
        const auto count = static_cast<std::size_t>(in_.bytes.varint(limits::kBasesMax));
        if (count == 0) return in_.fail("a form with tips without any");
        add_full(op.tips, count, full);
      }
    }
  }

  void read_rest() {
    for (const FormIn& form : forms_) {
      if ((form.flags & (kFormPayload | kFormExtras)) == 0) continue;
      for (const PlaceIn& place : form.places) {
        if (!in_.ok()) return;
        if ((form.flags & kFormPayload) != 0) place.op->payload = read_item(in_);
        if ((form.flags & kFormExtras) != 0) place.op->extras = read_pairs(in_, kOpKeysKnown);
      }
    }
    const std::size_t count = in_.bytes.count(events_.size());
    for (std::size_t i = 0; i < count && in_.ok(); ++i) {
      const std::uint64_t index = in_.bytes.varint();
      if (index >= events_.size()) return in_.fail("an event's index is out of range");
      Bytes& extras = events_[static_cast<std::size_t>(index)].extras;
      if (!extras.empty()) return in_.fail("other keys twice");
      extras = read_pairs(in_, kEventKeysKnown);
    }
  }

  ColumnsIn& in_;
  const SegmentHeader& header_;
  const StreamNames& names_;
  bool resolved_ = true;
  std::vector<Event> events_;
  std::vector<std::string> strings_;     ///< actors and verbs
  std::vector<std::string> form_names_;  ///< of types and fields
  std::vector<FormIn> forms_;
  std::vector<std::uint32_t> form_of_op_;
  std::vector<bool> creates_;
};

}  // namespace

Result<std::vector<Event>> read_columns(ByteView columns, ByteView bits, const WordList& words,
                                        const SegmentHeader& header, const StreamNames& names,
                                        bool& resolved) {
  ColumnsIn in(columns, bits, words);
  return ColumnReader(header, names, in).read(resolved);
}

}  // namespace lalanh::segment_parts
