#include <unordered_map>

#include "shared/event/segment_parts.h"

namespace lalanh::segment_parts {
namespace {

struct Form {
  OpKind kind = OpKind::kSet;
  std::uint32_t name = 0;
  std::uint8_t flags = 0;
  std::vector<std::uint32_t> ops;  ///< indices into the flat list, in order
};

/// Reads the columns in their order; the first fault sticks in `in_`, and every count is checked
/// against the bytes that are left before anything is allocated for it.
class ColumnReader {
 public:
  ColumnReader(ByteView columns, const SegmentHeader& header, const StreamNames& names)
      : in_(columns), header_(header), names_(names), events_(header.count) {}

  Result<std::vector<Event>> read(bool& resolved) {
    read_writers();
    if (in_.ok() && !resolved_) {
      resolved = false;
      return std::vector<Event>{};
    }
    read_strings();
    read_forms();
    read_times();
    read_words();
    read_entities();
    read_ops();
    read_bases();
    for (Form& form : forms_) read_values(form);
    read_rest();
    if (in_.ok() && !in_.at_end()) why_ = "followed by something";
    if (!in_.ok() || why_ != nullptr) {
      return Error{ErrorCode::format_malformed,
                   {{"where", "segment columns, byte " + std::to_string(in_.position())},
                    {"why", why_ == nullptr ? "cut short or out of range" : why_}}};
    }
    for (const Event& event : events_) TRY(check_event(event));
    resolved = true;
    return std::move(events_);
  }

 private:
  void fail(const char* why) {
    if (why_ == nullptr) why_ = why;
    in_.fail();
  }

  void read_writers() {
    const std::size_t count = in_.count(limits::kTipsMax);
    writers_.push_back(header_.writer);
    std::optional<WriterId> at = header_.writer;
    for (std::size_t i = 0; i < count && in_.ok(); ++i) {
      const std::uint64_t steps = in_.varint(limits::kSegmentCanonicalMax);
      if (steps == 0) {
        std::array<std::uint8_t, 6> prefix{};
        in_.bytes_into(prefix);
        at = names_.find(prefix);
      } else {
        for (std::uint64_t s = 0; s < steps && at; ++s) {
          at = predecessor_of(header_, names_, *at);
        }
      }
      if (!at) resolved_ = false;
      writers_.push_back(at.value_or(WriterId{}));
    }
  }

  void read_strings() {
    const std::size_t count = in_.count(limits::kSegmentColumnsMax);
    strings_.reserve(count);
    for (std::size_t i = 0; i < count && in_.ok(); ++i) {
      const std::string_view text = as_text(in_.bytes(in_.count(limits::kActorBytesMax)));
      if (!cbor::valid_utf8(text)) fail("text is not UTF-8");
      strings_.emplace_back(text);
    }
  }

  std::uint32_t string_index() {
    const std::uint64_t index = in_.varint();
    if (index >= strings_.size()) fail("a string's index is out of range");
    return in_.ok() ? static_cast<std::uint32_t>(index) : 0;
  }

  void read_forms() {
    const std::size_t count = in_.count(limits::kSegmentColumnsMax);
    for (std::size_t i = 0; i < count && in_.ok(); ++i) {
      Form form;
      const std::uint8_t kind = in_.byte();
      if (kind >= kOpKinds) fail("an unknown op");
      form.kind = static_cast<OpKind>(kind);
      form.name = string_index();
      form.flags = in_.byte();
      if (form.flags > 7) fail("unknown flags of an op");
      forms_.push_back(std::move(form));
    }
  }

  void read_times() {
    std::int64_t time = 0;
    for (Event& event : events_) {
      time = wrapping_sum(time, in_.signed_varint());
      event.time = TimeMs(time);
    }
    for (std::size_t i = 0; i < events_.size() && in_.ok();) {
      const std::uint64_t run = in_.varint();
      const std::uint64_t length = run / 4;
      if (run % 4 > 2 || length == 0 || length > events_.size() - i) fail("a run of grades");
      for (std::uint64_t k = 0; k < length && in_.ok(); ++k) {
        events_[i++].grade = static_cast<ClockGrade>(run % 4);
      }
    }
    std::int64_t order = 0;
    for (Event& event : events_) {
      order = wrapping_sum(order, in_.signed_varint());
      if (order < 0) fail("an order below 0");
      event.order = static_cast<std::uint64_t>(order);
      order = wrapping_sum(order, 1);
    }
  }

  template <class Set>
  void read_runs(Set set) {
    for (std::size_t i = 0; i < events_.size() && in_.ok();) {
      const std::uint32_t string = string_index();
      const std::uint64_t length = in_.varint();
      if (length == 0 || length > events_.size() - i) fail("a run of words");
      for (std::uint64_t k = 0; k < length && in_.ok(); ++k) set(events_[i++], strings_[string]);
    }
  }

  void read_words() {
    read_runs([](Event& event, const std::string& text) { event.actor = text; });
    read_runs([](Event& event, const std::string& text) { event.verb = text; });
  }

  const WriterId& writer_at(std::uint64_t index) {
    if (index >= writers_.size()) fail("a writer's index is out of range");
    return in_.ok() ? writers_[static_cast<std::size_t>(index)] : writers_[0];
  }

  void check_counter(std::int64_t counter) {
    if (counter < 1 || counter > std::int64_t{limits::kStreamEventsMax}) fail("a counter");
  }

  Dot own(std::size_t i) const {
    return {header_.writer, header_.first + static_cast<std::uint32_t>(i)};
  }

  void read_entities() {
    std::vector<std::uint64_t> codes(events_.size());
    for (std::uint64_t& code : codes) code = in_.varint();
    Dot before;
    std::int64_t counter = 0;
    for (std::size_t i = 0; i < codes.size() && in_.ok(); ++i) {
      if (codes[i] == kEntityCreates) {
        before = own(i);
        creates_.push_back(static_cast<std::uint32_t>(i));
      } else if (codes[i] == kEntitySame) {
        if (before.none()) fail("no entity before");
        events_[i].entity = before;
      } else if (codes[i] >= kEntityDot) {
        counter = wrapping_sum(counter, in_.signed_varint());
        check_counter(counter);
        before = {writer_at(codes[i] - kEntityDot), static_cast<std::uint32_t>(counter)};
        events_[i].entity = before;
      }
    }
  }

  void read_ops() {
    std::size_t total = 0;
    for (Event& event : events_) {
      const std::size_t count = in_.count(limits::kOpsMax);
      total += count;
      if (total > in_.left() || total > limits::kSegmentOpsMax) fail("too many ops");
      if (!in_.ok()) return;
      event.ops.resize(count);
    }
    ops_.reserve(total);
    for (std::uint32_t i = 0; i < events_.size(); ++i) {
      for (Op& op : events_[i].ops) {
        const std::uint64_t index = in_.varint();
        if (index >= forms_.size()) fail("a form's index is out of range");
        if (!in_.ok()) return;
        Form& form = forms_[static_cast<std::size_t>(index)];
        op.kind = form.kind;
        op.name = strings_[form.name];
        form.ops.push_back(static_cast<std::uint32_t>(ops_.size()));
        ops_.push_back({&op, i, form.flags});
      }
    }
    for (const std::uint32_t i : creates_) {
      if (!events_[i].creates()) fail("a create without its op");
    }
  }

  void read_bases() {
    std::vector<Dot*> full;
    std::vector<std::pair<const Dot*, Dot*>> same;
    std::uint32_t event_before = ~0U;
    const Dot* before = nullptr;
    for (const Place& place : ops_) {
      const Event& event = events_[place.event];
      if (place.event != event_before) before = nullptr;
      event_before = place.event;
      std::vector<Dot>& base = place.op->base;
      const std::uint64_t code = in_.varint(kBaseDots + limits::kBasesMax);
      if (code == kBaseCreate) {
        if (event.entity.none()) fail("a base without an entity");
        base.push_back(event.entity);
      } else if (code == kBaseSame) {
        if (before == nullptr) return fail("no base before");
        base.resize(1);
        same.emplace_back(before, &base[0]);
      } else if (code >= kBaseDots) {
        base.resize(static_cast<std::size_t>(code - kBaseDots + 1));
        if (full.size() + base.size() > in_.left()) return fail("more names than bytes");
        for (Dot& dot : base) full.push_back(&dot);
      }
      if (!in_.ok()) return;
      if (base.size() == 1) before = &base[0];
    }
    read_tip_counts(full);
    read_dots(full);
    for (const auto& [from, to] : same) *to = *from;
  }

  void read_tip_counts(std::vector<Dot*>& full) {
    for (const Place& place : ops_) {
      if ((place.flags & kFormTips) == 0) continue;
      const std::size_t count = in_.count(limits::kBasesMax);
      if (count == 0) return fail("a form with tips without any");
      if (full.size() + count > in_.left()) return fail("more names than bytes");
      place.op->tips.resize(count);
      for (Dot& dot : place.op->tips) full.push_back(&dot);
    }
  }

  void read_dots(const std::vector<Dot*>& full) {
    for (Dot* dot : full) dot->writer = writer_at(in_.varint());
    std::int64_t counter = 0;
    for (Dot* dot : full) {
      counter = wrapping_sum(counter, in_.signed_varint());
      check_counter(counter);
      if (!in_.ok()) return;
      dot->counter = static_cast<std::uint32_t>(counter);
    }
  }

  void read_values(Form& form) {
    std::vector<Value::Kind> kinds;
    kinds.reserve(form.ops.size());
    std::size_t counts[6] = {};
    while (kinds.size() < form.ops.size() && in_.ok()) {
      const std::uint64_t run = in_.varint();
      const std::uint64_t length = run / 8;
      if (run % 8 > 5 || length == 0 || length > form.ops.size() - kinds.size()) {
        return fail("a run of kinds");
      }
      kinds.insert(kinds.end(), static_cast<std::size_t>(length), static_cast<Value::Kind>(run % 8));
      counts[run % 8] += static_cast<std::size_t>(length);
    }
    if (!in_.ok()) return;
    const auto count_of = [&](Value::Kind kind) { return counts[static_cast<std::size_t>(kind)]; };
    const ByteView bits = in_.bytes((count_of(Value::Kind::kBool) + 7) / 8);
    const std::vector<std::int64_t> integers = read_integers(count_of(Value::Kind::kInt));
    const std::vector<std::string_view> texts = read_texts(count_of(Value::Kind::kText));
    std::size_t next[3] = {};
    for (std::size_t i = 0; i < kinds.size() && in_.ok(); ++i) {
      Value& value = ops_[form.ops[i]].op->value;
      if (kinds[i] == Value::Kind::kBool) {
        value = Value::boolean(((bits[next[0] / 8] >> (next[0] % 8)) & 1U) != 0);
        ++next[0];
      } else if (kinds[i] == Value::Kind::kInt) {
        value = Value::integer(integers[next[1]++]);
      } else if (kinds[i] == Value::Kind::kText) {
        value = Value::text(std::string(texts[next[2]++]));
      }
    }
    if (count_of(Value::Kind::kBool) % 8 != 0 && !bits.empty() &&
        (bits.back() >> (count_of(Value::Kind::kBool) % 8)) != 0) {
      fail("bits beyond the last boolean");
    }
    read_names(form, kinds, Value::Kind::kDot);
    read_names(form, kinds, Value::Kind::kLink);
  }

  std::vector<std::int64_t> read_integers(std::size_t count) {
    std::vector<std::int64_t> out;
    if (count > in_.left()) fail("more integers than bytes");
    if (!in_.ok()) return out;
    out.reserve(count);
    std::int64_t before = 0;
    for (std::size_t i = 0; i < count; ++i) {
      before = wrapping_sum(before, in_.signed_varint());
      out.push_back(before);
    }
    return out;
  }

  std::vector<std::string_view> read_texts(std::size_t count) {
    std::vector<std::string_view> out;
    if (count > in_.left()) fail("more texts than bytes");
    if (!in_.ok()) return out;
    std::vector<std::size_t> lengths(count);
    for (std::size_t& length : lengths) {
      length = static_cast<std::size_t>(in_.varint(limits::kTextBytesMax));
    }
    out.reserve(count);
    for (const std::size_t length : lengths) {
      const std::string_view text = as_text(in_.bytes(length));
      if (!cbor::valid_utf8(text)) fail("text is not UTF-8");
      out.push_back(text);
    }
    return out;
  }

  void read_names(const Form& form, const std::vector<Value::Kind>& kinds, Value::Kind wanted) {
    for (std::size_t i = 0; i < kinds.size() && in_.ok(); ++i) {
      if (kinds[i] != wanted) continue;
      const Place& place = ops_[form.ops[i]];
      if (wanted == Value::Kind::kDot) {
        const WriterId& writer = writer_at(in_.varint());
        const std::int64_t counter =
            wrapping_difference(own(place.event).counter, in_.signed_varint());
        check_counter(counter);
        place.op->value = Value::dot({writer, static_cast<std::uint32_t>(counter)});
      } else {
        place.op->value = Value::link(read_link());
      }
    }
  }

  Link read_link() {
    Link link;
    link.scope.unit = UnitNo(static_cast<std::uint32_t>(in_.varint(0xffffffff)));
    const std::uint8_t channel = in_.byte();
    if (channel > 1) fail("an unknown channel");
    link.scope.channel = static_cast<Channel>(channel);
    in_.bytes_into(link.dot.writer.bytes);
    link.dot.counter = static_cast<std::uint32_t>(in_.varint(limits::kStreamEventsMax));
    in_.bytes_into(link.hash);
    return link;
  }

  Bytes read_raw(bool item) {
    const ByteView bytes = in_.bytes(in_.count(limits::kEventBytesMax));
    cbor::Reader reader(bytes);
    std::uint64_t before = 0;
    if (item) {
      reader.raw(limits::kDepthMax);
    } else {
      while (reader.ok() && !reader.at_end()) {
        const std::uint64_t key = reader.unsigned_integer();
        if (key <= before) reader.fail("keys must ascend");
        before = key;
        reader.raw(limits::kDepthMax);
      }
    }
    if (!reader.ok() || !reader.at_end() || bytes.empty()) fail("raw CBOR");
    return {bytes.begin(), bytes.end()};
  }

  void read_rest() {
    for (const Form& form : forms_) {
      if ((form.flags & (kFormPayload | kFormExtras)) == 0) continue;
      for (const std::uint32_t index : form.ops) {
        if ((form.flags & kFormPayload) != 0) ops_[index].op->payload = read_raw(true);
        if ((form.flags & kFormExtras) != 0) ops_[index].op->extras = read_raw(false);
        if (!in_.ok()) return;
      }
    }
    const std::size_t count = in_.count(events_.size());
    for (std::size_t i = 0; i < count && in_.ok(); ++i) {
      const std::uint64_t index = in_.varint();
      if (index >= events_.size()) return fail("an event's index is out of range");
      Bytes& extras = events_[static_cast<std::size_t>(index)].extras;
      if (!extras.empty()) return fail("other keys twice");
      extras = read_raw(false);
    }
  }

  struct Place {
    Op* op;
    std::uint32_t event;
    std::uint8_t flags;
  };

  ByteReader in_;
  const SegmentHeader& header_;
  const StreamNames& names_;
  const char* why_ = nullptr;
  bool resolved_ = true;
  std::vector<Event> events_;
  std::vector<WriterId> writers_;
  std::vector<std::string> strings_;
  std::vector<Form> forms_;
  std::vector<Place> ops_;
  std::vector<std::uint32_t> creates_;
};

}  // namespace

Result<std::vector<Event>> read_columns(ByteView columns, const SegmentHeader& header,
                                        const StreamNames& names, bool& resolved) {
  return ColumnReader(columns, header, names).read(resolved);
}

}  // namespace lalanh::segment_parts
