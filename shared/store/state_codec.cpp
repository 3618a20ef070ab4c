#include "shared/store/state_codec.h"

#include "shared/base/limits.h"
#include "shared/event/varint.h"

namespace lalanh {
namespace {

enum StoredKind : std::uint8_t { kNull, kFalse, kTrue, kInteger, kText, kDot, kLink };

Error corrupt() { return {ErrorCode::store_corrupt, {{"why", "a state row"}}}; }

void put_ref(Bytes& out, Ref ref) {
  put_varint(out, ref.stream());
  put_varint(out, ref.counter());
}

Ref get_ref(ByteReader& in) {
  const auto stream = static_cast<std::uint32_t>(in.varint(limits::kStreamNoMax));
  const auto counter = static_cast<std::uint32_t>(in.varint(limits::kStreamEventsMax));
  return {stream, counter};
}

/// The distinct events of a state, in order of first use; few, so a scan from the end is quick.
class EventTable {
 public:
  void clear() { events_.clear(); }
  std::size_t index(Ref ref, std::uint64_t order) {
    for (std::size_t i = events_.size(); i-- > 0;) {
      if (events_[i].ref == ref) return i;
    }
    events_.push_back({ref, order});
    return events_.size() - 1;
  }
  const std::vector<Tip>& events() const { return events_; }

 private:
  std::vector<Tip> events_;
};

/// Kept from row to row, so that the thousands of a batch allocate nothing.
struct Scratch {
  EventTable events;
  Bytes body;
  std::vector<Tip> read;
};
Scratch& scratch() {
  thread_local Scratch kept;
  return kept;
}

bool same_field(const Write& a, const Write& b) { return a.name == b.name && a.cls == b.cls; }

Value get_value(ByteReader& in) {
  switch (in.byte()) {
    case kNull: return Value::null();
    case kFalse: return Value::boolean(false);
    case kTrue: return Value::boolean(true);
    case kInteger: return Value::integer(in.signed_varint());
    case kText: return Value::text(std::string(as_text(in.bytes(in.count(limits::kTextBytesMax)))));
    case kDot: {
      const auto counter = static_cast<std::int64_t>(in.varint(limits::kStreamEventsMax));
      return ValueParts::make(Value::Kind::kDot, counter, std::string(as_text(in.bytes(12))));
    }
    case kLink: {
      const auto counter = static_cast<std::int64_t>(in.varint(limits::kStreamEventsMax));
      return ValueParts::make(Value::Kind::kLink, counter, std::string(as_text(in.bytes(25))));
    }
    default: in.fail(); return {};
  }
}

void put_writes(const EntityState& state, EventTable& events, Bytes& out) {
  const std::vector<Write>& writes = state.writes;
  std::size_t fields = 0;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (i == 0 || !same_field(writes[i - 1], writes[i])) ++fields;
  }
  put_varint(out, fields);
  for (std::size_t i = 0; i < writes.size();) {
    const Write& first = writes[i];
    std::size_t end = i + 1;
    while (end < writes.size() && same_field(first, writes[end])) ++end;
    put_varint(out, std::uint64_t{first.name} * 4 + static_cast<std::uint64_t>(first.cls));
    put_varint(out, end - i);
    for (; i < end; ++i) {
      put_varint(out, events.index(writes[i].ref, writes[i].order));
      write_stored_value(writes[i].value, out);
    }
  }
}

void get_writes(ByteReader& in, const std::vector<Tip>& events, EntityState& state) {
  const std::size_t fields = in.count(in.left());
  state.writes.reserve(fields);
  for (std::size_t f = 0; f < fields && in.ok(); ++f) {
    const std::uint64_t key = in.varint(0x3ffffffffULL);
    const std::size_t count = in.count(in.left());
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
      const std::uint64_t index = in.varint();
      Value value = get_value(in);
      if (index >= events.size()) return in.fail();
      const Tip& event = events[static_cast<std::size_t>(index)];
      state.writes.push_back({static_cast<Word>(key / 4), static_cast<WriteClass>(key % 4),
                              event.ref, event.order, std::move(value)});
    }
  }
}

}  // namespace

void write_stored_value(const Value& value, Bytes& out) {
  switch (value.kind()) {
    case Value::Kind::kNull: out.push_back(kNull); break;
    case Value::Kind::kBool: out.push_back(value.as_bool() ? kTrue : kFalse); break;
    case Value::Kind::kInt:
      out.push_back(kInteger);
      put_signed(out, value.as_int());
      break;
    case Value::Kind::kText:
      out.push_back(kText);
      put_varint(out, value.as_text().size());
      append(out, as_bytes(value.as_text()));
      break;
    case Value::Kind::kDot:
    case Value::Kind::kLink:
      out.push_back(value.kind() == Value::Kind::kDot ? kDot : kLink);
      put_varint(out, static_cast<std::uint64_t>(ValueParts::number(value)));
      append(out, as_bytes(ValueParts::text(value)));
      break;
  }
}

Result<Value> read_stored_value(ByteView bytes) {
  ByteReader in(bytes);
  Value value = get_value(in);
  if (!in.ok() || !in.at_end()) return corrupt();
  return value;
}

void write_state(const EntityState& state, Bytes& out) {
  EventTable& events = scratch().events;
  Bytes& body = scratch().body;
  events.clear();
  body.clear();
  if (!state.create.none()) events.index(state.create, state.create_order);
  put_writes(state, events, body);
  put_varint(body, state.tips.size());
  for (const Tip& tip : state.tips) put_varint(body, events.index(tip.ref, tip.order));
  put_varint(body, state.removals.size());
  for (const Removal& removal : state.removals) {
    put_varint(body, events.index(removal.ref, removal.order));
    write_stored_value(removal.reason, body);
    put_varint(body, removal.tips.size());
    for (const Ref tip : removal.tips) put_ref(body, tip);
  }
  put_varint(out, events.events().size());
  for (const Tip& event : events.events()) {
    put_ref(out, event.ref);
    put_varint(out, event.order);
  }
  append(out, body);
}

Result<EntityState> read_state(Ref create, Word type, Ref parent, ByteView bytes) {
  ByteReader in(bytes);
  EntityState state;
  state.create = create;
  state.type = type;
  state.parent = parent;
  std::vector<Tip>& events = scratch().read;
  events.resize(in.count(in.left()));
  for (Tip& event : events) {
    event.ref = get_ref(in);
    event.order = in.varint();
  }
  if (!create.none()) {
    if (events.empty() || !(events[0].ref == create)) return corrupt();
    state.create_order = events[0].order;
  }
  get_writes(in, events, state);
  const auto event_at = [&]() -> Tip {
    const std::uint64_t index = in.varint();
    if (index >= events.size()) in.fail();
    return in.ok() ? events[static_cast<std::size_t>(index)] : Tip{};
  };
  const std::size_t tips = in.count(in.left());
  for (std::size_t i = 0; i < tips && in.ok(); ++i) state.tips.push_back(event_at());
  const std::size_t removals = in.count(in.left());
  for (std::size_t i = 0; i < removals && in.ok(); ++i) {
    const Tip event = event_at();
    Removal removal{event.ref, event.order, get_value(in), {}};
    const std::size_t seen = in.count(in.left());
    for (std::size_t k = 0; k < seen && in.ok(); ++k) removal.tips.push_back(get_ref(in));
    state.removals.push_back(std::move(removal));
  }
  if (!in.ok() || !in.at_end()) return corrupt();
  return state;
}

}  // namespace lalanh
