#pragma once

#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/event/value.h"
#include "shared/trust/crypto.h"

namespace lalanh {

/// What an op does; the closed list of `sync.md`. The number is on the wire.
enum class OpKind : std::uint8_t {
  kCreate = 0,
  kSet = 1,
  kAdd = 2,
  kDrop = 3,
  kAppend = 4,
  kRemove = 5,
  kKeep = 6,
  kDecide = 7,
  kRevoke = 8,
};
inline constexpr std::uint8_t kOpKinds = 9;

/// One op. Which members are used:
///   create: name = type, value = parent (dot) or null
///   set, append: name = field, value; set: base = the live writes that the author saw
///   add: name, value.  drop: name, value (the item), base = the adds of it that the author saw
///   remove: value = reason (text) or null, base = the removals seen, tips = tips of the
///           events on the entity that the author saw.  keep: base = the removals undone
///   decide: name = kind, value = period, base = decisions amended, payload
///   revoke: name = hex of the key, base = earlier revokes replaced, payload
struct Op {
  OpKind kind = OpKind::kSet;
  std::string name;
  Value value;
  std::vector<Dot> base;
  std::vector<Dot> tips;
  Bytes payload;  ///< decide, revoke: one raw CBOR item; else empty
  Bytes extras;   ///< unknown keys, raw: a CBOR map without its head, keys ascending; else empty
  friend bool operator==(const Op&, const Op&) = default;
};

enum class ClockGrade : std::uint8_t { kGood = 0, kDrifting = 1, kBad = 2 };

/// One event; its dot and scope are where it lies (`sync.md`, The event).
struct Event {
  TimeMs time;
  ClockGrade grade = ClockGrade::kGood;
  std::uint64_t order = 0;
  std::string actor;  ///< name and office as shown
  std::string verb;
  /// The create event's dot; none: this event creates, or (decide, revoke) concerns the scope.
  Dot entity;
  std::vector<Op> ops;
  Bytes extras;  ///< unknown keys, raw, as in Op
  friend bool operator==(const Event&, const Event&) = default;

  bool creates() const { return !ops.empty() && ops.front().kind == OpKind::kCreate; }
};

/// Appends the canonical bytes (`docs/FORMATS.md`, Event). The event is taken as valid.
void write_canonical(const Event& event, Bytes& out);
/// Reads canonical bytes: exactly what write_canonical gives back, or format.*.
Result<Event> read_canonical(ByteView bytes);
/// The rules that every node checks alike: limits, one create and first, no field set twice, ops
/// that fit the entity. format.malformed with the reason.
Status check_event(const Event& event);

/// h(n) from h(n-1) and the canonical bytes.
Hash chain_hash(const Hash& before, ByteView canonical);

}  // namespace lalanh
