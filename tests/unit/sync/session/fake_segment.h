#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/cbor.h"
#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/trust/crypto.h"

namespace lalanh::test {

/// A segment of the fake: CBOR [unit, channel, device, epoch, [pred writer, pred counter] or null,
/// writer, first, [text, ...], mac]. Hashes chain as in the real format; the "signature" is a hash
/// that anybody can make.
struct FakeSegment {
  Scope scope;
  std::uint64_t device = 0;
  std::uint64_t epoch = 0;
  std::optional<Dot> pred;
  WriterId writer;
  std::uint32_t first = 0;
  std::vector<std::string> texts;
  Hash mac{};
  std::uint32_t last() const { return first + static_cast<std::uint32_t>(texts.size()) - 1; }
};

inline void put_dot(cbor::Writer& w, const std::optional<Dot>& dot) {
  if (!dot) return w.null();
  w.array(2);
  w.bytes(dot->writer.bytes);
  w.unsigned_integer(dot->counter);
}

inline Bytes front_bytes(const FakeSegment& s) {
  Bytes out;
  cbor::Writer w(out);
  w.unsigned_integer(s.scope.unit.value);
  w.unsigned_integer(static_cast<std::uint64_t>(s.scope.channel));
  w.unsigned_integer(s.device);
  w.unsigned_integer(s.epoch);
  put_dot(w, s.pred);
  return out;
}
inline Hash fake_h0(const FakeSegment& s) {
  return blake2b({as_bytes("fake stream"), front_bytes(s)});
}
inline Hash fake_mac(const FakeSegment& s, const Hash& last) {
  return blake2b({as_bytes("fake signature"), s.writer.bytes, last});
}

inline Bytes write_fake(const FakeSegment& s) {
  Bytes out;
  cbor::Writer w(out);
  w.array(9);
  w.raw(front_bytes(s));
  w.bytes(s.writer.bytes);
  w.unsigned_integer(s.first);
  w.array(s.texts.size());
  for (const std::string& text : s.texts) w.text(text);
  w.bytes(s.mac);
  return out;
}

inline Result<FakeSegment> read_fake(ByteView bytes) {
  cbor::Reader r(bytes);
  FakeSegment s;
  if (r.array(9) != 9) r.fail("nine items");
  s.scope.unit = UnitNo{static_cast<std::uint32_t>(r.unsigned_integer(UINT32_MAX))};
  s.scope.channel = static_cast<Channel>(r.unsigned_integer(1));
  s.device = r.unsigned_integer();
  s.epoch = r.unsigned_integer();
  if (r.peek_null()) {
    r.null();
  } else {
    Dot dot;
    if (r.array(2) != 2) r.fail("two items");
    r.bytes_into(dot.writer.bytes);
    dot.counter = static_cast<std::uint32_t>(r.unsigned_integer(limits::kStreamEventsMax));
    s.pred = dot;
  }
  r.bytes_into(s.writer.bytes);
  s.first = static_cast<std::uint32_t>(r.unsigned_integer(limits::kStreamEventsMax));
  const std::size_t n = r.array(10'000);
  for (std::size_t i = 0; i < n && r.ok(); ++i) s.texts.emplace_back(r.text(60'000));
  r.bytes_into(s.mac);
  if (r.ok() && (s.first == 0 || s.texts.empty() || !r.at_end())) r.fail("shape");
  if (!r.ok()) return r.error("fake segment");
  return s;
}

inline Result<Scope> scope_of_fake(ByteView bytes) {
  TRY_ASSIGN(const FakeSegment s, read_fake(bytes));
  return s.scope;
}

}  // namespace lalanh::test
