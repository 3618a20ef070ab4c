#include "shared/store/state_codec.h"

#include <cstring>

#include "shared/base/limits.h"
#include "shared/event/varint.h"

namespace lalanh {
namespace {

enum StoredKind : std::uint8_t { kNull, kFalse, kTrue, kInteger, kText, kDot, kLink };

Error corrupt() { return {ErrorCode::store_corrupt, {{"why", "a state row"}}}; }

// What a state is written with: into room that was made before by the greatest sizes, for it has
// dozens of small parts. Each takes the place to write at and gives back the place behind.

constexpr std::size_t kVarintMax = 10;

inline std::uint8_t* put(std::uint8_t* at, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7U) *at++ = static_cast<std::uint8_t>(v | 0x80U);
  *at++ = static_cast<std::uint8_t>(v);
  return at;
}

inline std::uint8_t* put_ref(std::uint8_t* at, Ref ref) {
  return put(put(at, ref.stream()), ref.counter());
}

inline std::uint8_t* put_text(std::uint8_t* at, const std::string& text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

inline std::uint8_t* put_value(std::uint8_t* at, const Value& value) {
  const std::int64_t number = ValueParts::number(value);
  const std::string& text = ValueParts::text(value);
  switch (value.kind()) {
    case Value::Kind::kNull: *at++ = kNull; return at;
    case Value::Kind::kBool: *at++ = number != 0 ? kTrue : kFalse; return at;
    case Value::Kind::kInt: *at++ = kInteger; return put(at, zigzag(number));
    case Value::Kind::kText: *at++ = kText; return put_text(put(at, text.size()), text);
    case Value::Kind::kDot: *at++ = kDot; break;
    case Value::Kind::kLink: *at++ = kLink; break;
  }
  return put_text(put(at, static_cast<std::uint64_t>(number)), text);
}

/// The room that a value may take.
inline std::size_t room_of(const Value& value) {
  return 1 + kVarintMax + ValueParts::text(value).size();
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

/// The room that the writes, tips and removals may take.
std::size_t room_of(const EntityState& state) {
  std::size_t room = 3 * kVarintMax + kVarintMax * state.tips.size();
  for (const Write& w : state.writes) room += 3 * kVarintMax + room_of(w.value);
  for (const Removal& r : state.removals) {
    room += 2 * kVarintMax + room_of(r.reason) + 2 * kVarintMax * r.tips.size();
  }
  return room;
}

std::uint8_t* put_writes(const EntityState& state, EventTable& events, std::uint8_t* at) {
  const std::vector<Write>& writes = state.writes;
  std::size_t fields = 0;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (i == 0 || !same_field(writes[i - 1], writes[i])) ++fields;
  }
  at = put(at, fields);
  Ref last;  // a form's fields come from one event as a rule
  std::size_t index = 0;
  for (std::size_t i = 0; i < writes.size();) {
    const Write& first = writes[i];
    std::size_t end = i + 1;
    while (end < writes.size() && same_field(first, writes[end])) ++end;
    at = put(at, std::uint64_t{first.name} * 4 + static_cast<std::uint64_t>(first.cls));
    at = put(at, end - i);
    for (; i < end; ++i) {
      if (!(writes[i].ref == last)) index = events.index(writes[i].ref, writes[i].order);
      last = writes[i].ref;
      at = put(at, index);
      at = put_value(at, writes[i].value);
    }
  }
  return at;
}

void get_writes(ByteReader& in, const std::vector<Tip>& events, EntityState& state) {
  const std::size_t fields = in.count(in.left());
  state.writes.reserve(fields);
  for (std::size_t f = 0; f < fields && in.ok(); ++f) {
    const std::uint64_t key = in.varint(0x3ffffffffULL);
    const std::size_t count = in.count(in.left());
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
      const std::uint64_t index = in.varint();
      if (index >= events.size()) return in.fail();
      const Tip& event = events[static_cast<std::size_t>(index)];
      state.writes.push_back({static_cast<Word>(key / 4), static_cast<WriteClass>(key % 4),
                              event.ref, event.order, get_value(in)});
    }
  }
}

}  // namespace

void write_stored_value(const Value& value, Bytes& out) {
  const std::size_t begin = out.size();
  out.resize(begin + room_of(value));
  const std::uint8_t* end = put_value(out.data() + begin, value);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

Result<Value> read_stored_value(ByteView bytes) {
  ByteReader in(bytes);
  Value value = get_value(in);
  if (!in.ok() || !in.at_end()) return corrupt();
  return value;
}

namespace {

void put_event(const Tip& event, Bytes& out) {
  put_varint(out, event.ref.stream());
  put_varint(out, event.ref.counter());
  put_varint(out, event.order);
}

/// All but the events, which stand before it; valid until the next call.
ByteView body_of(const EntityState& state, EventTable& events) {
  Bytes& body = scratch().body;
  if (const std::size_t room = room_of(state); body.size() < room) body.resize(room);
  std::uint8_t* at = put_writes(state, events, body.data());
  at = put(at, state.tips.size());
  for (const Tip& tip : state.tips) at = put(at, events.index(tip.ref, tip.order));
  at = put(at, state.removals.size());
  for (const Removal& removal : state.removals) {
    at = put(at, events.index(removal.ref, removal.order));
    at = put_value(at, removal.reason);
    at = put(at, removal.tips.size());
    for (const Ref tip : removal.tips) at = put_ref(at, tip);
  }
  return ByteView(body).first(static_cast<std::size_t>(at - body.data()));
}

}  // namespace

void write_state(const EntityState& state, Bytes& out) {
  EventTable& events = scratch().events;
  events.clear();
  if (!state.create.none()) events.index(state.create, state.create_order);
  const ByteView body = body_of(state, events);
  put_varint(out, events.events().size());
  for (const Tip& event : events.events()) put_event(event, out);
  append(out, body);
}

void write_created(const EntityState& state, Bytes& out) {
  EventTable& events = scratch().events;
  events.clear();
  events.index(state.create, 0);
  append(out, body_of(state, events));
}

void write_state(Ref create, std::uint64_t order, ByteView created, Bytes& out) {
  put_varint(out, 1);
  put_event({create, order}, out);
  append(out, created);
}

Status read_state(Ref create, Word type, Ref parent, ByteView bytes, EntityState& state) {
  ByteReader in(bytes);
  state.writes.clear();
  state.tips.clear();
  state.removals.clear();
  state.create_order = 0;
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
  return {};
}

Result<EntityState> read_state(Ref create, Word type, Ref parent, ByteView bytes) {
  EntityState state;
  TRY(read_state(create, type, parent, bytes, state));
  return state;
}

}  // namespace lalanh
