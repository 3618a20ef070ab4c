#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

#include "shared/base/bytes.h"

namespace lalanh {

/// A number with a kind, so that a unit is never taken for a device.
template <class Tag, class Rep>
struct Number {
  Rep value{};
  constexpr Number() = default;
  constexpr explicit Number(Rep v) : value(v) {}
  friend constexpr bool operator==(Number a, Number b) { return a.value == b.value; }
  friend constexpr bool operator<(Number a, Number b) { return a.value < b.value; }
};

/// A unit of the tree, unique in the country: official code of the province that made it times
/// 100,000 plus a running number (`sync.md`, Words). 0: none.
using UnitNo = Number<struct UnitTag, std::uint32_t>;
/// A label of a device for people; breaks ties (`identity.md`, Who writes).
using DeviceNo = Number<struct DeviceTag, std::uint32_t>;
/// The rank of a certificate, by the kind of its unit: village 1, commune 2, district 3,
/// province 4.
using Rank = Number<struct RankTag, std::uint8_t>;
/// Milliseconds since 1970-01-01T00:00Z; may be before it.
using TimeMs = Number<struct TimeTag, std::int64_t>;

enum class Channel : std::uint8_t { kRecords = 0, kReference = 1 };

/// The unit that owns an entity, and the channel: the unit of merging and of reading rights.
struct Scope {
  UnitNo unit;
  Channel channel = Channel::kRecords;
  friend bool operator==(const Scope&, const Scope&) = default;
  friend bool operator<(const Scope& a, const Scope& b) {
    return a.unit.value != b.unit.value ? a.unit < b.unit : a.channel < b.channel;
  }
};

/// A device in one epoch and scope: the first 12 bytes of the stream's h(0) (`identity.md`).
struct WriterId {
  std::array<std::uint8_t, 12> bytes{};
  friend bool operator==(const WriterId&, const WriterId&) = default;
  friend bool operator<(const WriterId& a, const WriterId& b) {
    return std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) < 0;
  }
};

/// The name of one event within its scope, for ever. Counters start at 1; 0 names nothing.
struct Dot {
  WriterId writer;
  std::uint32_t counter = 0;
  friend bool operator==(const Dot&, const Dot&) = default;
  friend bool operator<(const Dot& a, const Dot& b) {
    return a.writer == b.writer ? a.counter < b.counter : a.writer < b.writer;
  }
  bool none() const { return counter == 0; }
};

/// An entity: the scope and the dot of the event that created it.
struct EntityId {
  Scope scope;
  Dot create;
  friend bool operator==(const EntityId&, const EntityId&) = default;
};

/// A name from another scope, with the first 8 bytes of the event's hash (`identity.md`, dot).
struct Link {
  Scope scope;
  Dot dot;
  std::array<std::uint8_t, 8> hash{};
  friend bool operator==(const Link&, const Link&) = default;
};

/// For people and files: "3700012" (records) or "3700012r" (reference).
std::string to_text(Scope scope);
/// For people and files: 24 hexadecimal digits, a dot, the counter.
std::string to_text(const Dot& dot);
/// The reverse; false where the text is not one.
bool dot_from_text(std::string_view text, Dot& out);
bool scope_from_text(std::string_view text, Scope& out);

}  // namespace lalanh

template <>
struct std::hash<lalanh::WriterId> {
  std::size_t operator()(const lalanh::WriterId& w) const noexcept {
    std::uint64_t v = 0;
    std::memcpy(&v, w.bytes.data(), sizeof v);  // already uniform: part of a hash
    return static_cast<std::size_t>(v);
  }
};
template <>
struct std::hash<lalanh::Scope> {
  std::size_t operator()(const lalanh::Scope& s) const noexcept {
    return (static_cast<std::size_t>(s.unit.value) << 1U) ^ static_cast<std::size_t>(s.channel);
  }
};
template <>
struct std::hash<lalanh::UnitNo> {
  std::size_t operator()(lalanh::UnitNo u) const noexcept { return u.value; }
};
