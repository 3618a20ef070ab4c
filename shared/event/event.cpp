#include "shared/event/event.h"

#include <algorithm>
#include <array>

#include "shared/base/limits.h"

namespace lalanh {
namespace {

constexpr std::uint64_t kKeyTips = 1;
constexpr std::uint64_t kKeyPayload = 2;

Error malformed(const char* why) {
  return {ErrorCode::format_malformed, {{"where", "event"}, {"why", why}}};
}

/// Pairs in `extras`, a map without its head.
std::size_t pairs_in(const Bytes& extras) {
  cbor::Reader in(extras);
  std::size_t pairs = 0;
  while (in.ok() && !in.at_end()) {
    in.raw(1);
    in.raw(limits::kDepthMax);
    ++pairs;
  }
  return pairs;
}

void write_dots(cbor::Writer& out, std::span<const Dot> dots) {
  out.array(dots.size());
  for (const Dot& dot : dots) write(out, dot);
}

void write_op(cbor::Writer& out, const Op& op) {
  const bool has_map = !op.tips.empty() || !op.payload.empty() || !op.extras.empty();
  out.array(has_map ? 5 : 4);
  out.unsigned_integer(static_cast<std::uint64_t>(op.kind));
  out.text(op.name);
  write(out, op.value);
  write_dots(out, op.base);
  if (!has_map) return;
  const std::size_t known = (op.tips.empty() ? 0U : 1U) + (op.payload.empty() ? 0U : 1U);
  out.map(known + (op.extras.empty() ? 0 : pairs_in(op.extras)));
  if (!op.tips.empty()) {
    out.unsigned_integer(kKeyTips);
    write_dots(out, op.tips);
  }
  if (!op.payload.empty()) {
    out.unsigned_integer(kKeyPayload);
    out.raw(op.payload);
  }
  out.raw(op.extras);
}

std::vector<Dot> read_dots(cbor::Reader& in) {
  const std::size_t count = in.array(limits::kBasesMax);
  std::vector<Dot> out;
  for (std::size_t i = 0; i < count && in.ok(); ++i) out.push_back(read_dot(in));
  return out;
}

/// Unknown keys must ascend from `key` on; appended raw.
void read_extra(cbor::Reader& in, std::uint64_t key, Bytes& extras) {
  cbor::Writer(extras).unsigned_integer(key);
  append(extras, in.raw(limits::kDepthMax));
}

void read_op_map(cbor::Reader& in, Op& op) {
  const std::size_t pairs = in.map(limits::kOpsMax);
  if (in.ok() && pairs == 0) in.fail("an empty map is left out");
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < pairs && in.ok(); ++i) {
    const std::uint64_t key = in.unsigned_integer();
    if (key <= before) in.fail("keys must ascend");
    before = key;
    if (key == kKeyTips) {
      op.tips = read_dots(in);
      if (op.tips.empty()) in.fail("empty tips are left out");
    } else if (key == kKeyPayload) {
      const ByteView raw = in.raw(limits::kDepthMax);
      op.payload.assign(raw.begin(), raw.end());
    } else {
      read_extra(in, key, op.extras);
    }
  }
}

Op read_op(cbor::Reader& in) {
  Op op;
  const std::size_t items = in.array(5);
  if (items < 4) in.fail("an op has four or five items");
  op.kind = static_cast<OpKind>(in.unsigned_integer(kOpKinds - 1));
  op.name = std::string(in.text(limits::kNameBytesMax));
  op.value = read_value(in);
  op.base = read_dots(in);
  if (items == 5) read_op_map(in, op);
  return op;
}

void read_event_map(cbor::Reader& in, Event& event) {
  const std::size_t pairs = in.map(limits::kOpsMax);
  if (in.ok() && pairs == 0) in.fail("an empty map is left out");
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < pairs && in.ok(); ++i) {
    const std::uint64_t key = in.unsigned_integer();
    if (key <= before) in.fail("keys must ascend");
    before = key;
    read_extra(in, key, event.extras);
  }
}

bool concerns_scope(OpKind kind) { return kind == OpKind::kDecide || kind == OpKind::kRevoke; }

bool in_range(const Dot& dot) { return !dot.none() && dot.counter <= limits::kStreamEventsMax; }

bool in_range(const Op& op) {
  if (op.value.kind() == Value::Kind::kDot && !in_range(op.value.as_dot())) return false;
  if (op.value.kind() == Value::Kind::kLink && !in_range(op.value.as_link().dot)) return false;
  const auto all = [](const std::vector<Dot>& dots) {
    return std::all_of(dots.begin(), dots.end(), [](const Dot& dot) { return in_range(dot); });
  };
  return all(op.base) && all(op.tips);
}

const char* fault_of_op(const Event& event, std::size_t i) {
  const Op& op = event.ops[i];
  if (!in_range(op)) return "a counter is out of range";
  const bool nameless = op.kind == OpKind::kRemove || op.kind == OpKind::kKeep;
  if (nameless != op.name.empty()) return "a name is missing or too many";
  if (op.name.size() > limits::kNameBytesMax) return "a name is too long";
  if (op.base.size() > limits::kBasesMax || op.tips.size() > limits::kBasesMax) {
    return "an op names too many events";
  }
  if (op.kind == OpKind::kCreate) {
    if (i != 0) return "create is not the first op";
    if (!op.value.is_null() && op.value.kind() != Value::Kind::kDot) return "a parent is a dot";
  }
  const bool adds = op.kind == OpKind::kAdd || op.kind == OpKind::kAppend;
  if (!op.base.empty() && (adds || event.creates()))
    return "create, add and append replace nothing";
  if (!op.tips.empty() && op.kind != OpKind::kRemove) return "tips belong to remove";
  if (!op.payload.empty() && !concerns_scope(op.kind)) return "a payload belongs to a decision";
  if (concerns_scope(op.kind) != (event.entity.none() && !event.creates())) {
    return "decide and revoke concern the scope, all other ops an entity";
  }
  return nullptr;
}

/// Sorted, for a crowd that means harm.
bool many_set_twice(const std::vector<Op>& ops) {
  std::vector<std::string_view> names;
  for (const Op& op : ops) {
    if (op.kind == OpKind::kSet) names.push_back(op.name);
  }
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

/// The few fields of a form are spread over places, so that hardly two names are compared.
bool sets_twice(const std::vector<Op>& ops) {
  constexpr std::size_t kFew = 64;
  if (ops.size() > kFew) return many_set_twice(ops);
  std::array<std::uint8_t, 128> newest{};    // by place: index + 1 of the last op there
  std::array<std::uint8_t, kFew> earlier{};  // by op: index + 1 of the one before it there
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].kind != OpKind::kSet) continue;
    const std::string& name = ops[i].name;
    const auto first = static_cast<unsigned char>(name.front());
    const auto last = static_cast<unsigned char>(name.back());
    std::uint8_t& place = newest[(name.size() * 37 + first * 5U + last * 11U) % newest.size()];
    for (std::size_t k = place; k != 0; k = earlier[k - 1]) {
      if (ops[k - 1].name == name) return true;
    }
    earlier[i] = place;
    place = static_cast<std::uint8_t>(i + 1);
  }
  return false;
}

/// One register is decided, and one key revoked, once in an event.
bool decides_twice(const std::vector<Op>& ops) {
  for (std::size_t i = 1; i < ops.size() && concerns_scope(ops[i].kind); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (ops[k].kind == ops[i].kind && ops[k].name == ops[i].name &&
          ops[k].value == ops[i].value) {
        return true;
      }
    }
  }
  return false;
}

/// Exact only for events that come near the limit; for all others a bound that costs little.
std::size_t canonical_size(const Event& event) {
  constexpr std::size_t kHeads = 64;  // of the event and of an op, the longest
  constexpr std::size_t kDot = 24;
  std::size_t bound = kHeads + event.actor.size() + event.verb.size() + event.extras.size();
  for (const Op& op : event.ops) {
    bound += kHeads + op.name.size() + ValueParts::text(op.value).size() + op.payload.size() +
             op.extras.size() + kDot * (op.base.size() + op.tips.size());
  }
  if (bound <= limits::kEventBytesMax) return bound;
  Bytes bytes;
  write_canonical(event, bytes);
  return bytes.size();
}

}  // namespace

void write_canonical(const Event& event, Bytes& bytes) {
  cbor::Writer out(bytes);
  out.array(event.extras.empty() ? 7 : 8);
  out.integer(event.time.value);
  out.unsigned_integer(static_cast<std::uint64_t>(event.grade));
  out.unsigned_integer(event.order);
  out.text(event.actor);
  out.text(event.verb);
  if (event.entity.none()) {
    out.null();
  } else {
    write(out, event.entity);
  }
  out.array(event.ops.size());
  for (const Op& op : event.ops) write_op(out, op);
  if (!event.extras.empty()) {
    out.map(pairs_in(event.extras));
    out.raw(event.extras);
  }
}

Result<Event> read_canonical(ByteView bytes) {
  if (bytes.size() > limits::kEventBytesMax) return malformed("too long");
  cbor::Reader in(bytes);
  Event event;
  const std::size_t items = in.array(8);
  if (items < 7) in.fail("an event has seven or eight items");
  event.time = TimeMs(in.integer());
  event.grade = static_cast<ClockGrade>(in.unsigned_integer(2));
  event.order = in.unsigned_integer(static_cast<std::uint64_t>(INT64_MAX));
  event.actor = std::string(in.text(limits::kActorBytesMax));
  event.verb = std::string(in.text(limits::kNameBytesMax));
  if (in.peek_null()) {
    in.null();
  } else {
    event.entity = read_dot(in);
  }
  const std::size_t ops = in.array(limits::kOpsMax);
  for (std::size_t i = 0; i < ops && in.ok(); ++i) event.ops.push_back(read_op(in));
  if (items == 8) read_event_map(in, event);
  if (!in.ok()) return in.error("event");
  if (!in.at_end()) return malformed("followed by something");
  TRY(check_event(event));
  return event;
}

Status check_event(const Event& event) {
  if (event.ops.empty() || event.ops.size() > limits::kOpsMax)
    return malformed("no ops, or too many");
  if (event.order > static_cast<std::uint64_t>(INT64_MAX)) return malformed("order too large");
  if (event.actor.size() > limits::kActorBytesMax) return malformed("actor too long");
  if (event.verb.empty() || event.verb.size() > limits::kNameBytesMax) {
    return malformed("verb missing or too long");
  }
  if (event.creates() && !event.entity.none()) return malformed("a create names an entity");
  if (!event.entity.none() && !in_range(event.entity))
    return malformed("a counter is out of range");
  for (std::size_t i = 0; i < event.ops.size(); ++i) {
    if (const char* why = fault_of_op(event, i); why != nullptr) return malformed(why);
  }
  if (canonical_size(event) > limits::kEventBytesMax) return malformed("too long");
  if (decides_twice(event.ops)) return malformed("a decision or revoke twice in one event");
  if (sets_twice(event.ops)) return malformed("a field is set twice in one event");
  return {};
}

Hash chain_hash(const Hash& before, ByteView canonical) { return blake2b({before, canonical}); }

}  // namespace lalanh
