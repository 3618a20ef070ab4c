#pragma once

#include <cstdint>

#include "shared/base/bytes.h"

/// Varints and zigzag of `docs/FORMATS.md`, and a bounded reader of columns and state rows.
namespace lalanh {

inline std::uint64_t zigzag(std::int64_t v) {
  return (static_cast<std::uint64_t>(v) << 1U) ^ static_cast<std::uint64_t>(v >> 63);
}
inline std::int64_t unzigzag(std::uint64_t v) {
  return static_cast<std::int64_t>(v >> 1U) ^ -static_cast<std::int64_t>(v & 1U);
}

inline void put_varint(Bytes& out, std::uint64_t v) {
  while (v >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(v | 0x80U));
    v >>= 7U;
  }
  out.push_back(static_cast<std::uint8_t>(v));
}
inline void put_signed(Bytes& out, std::int64_t v) { put_varint(out, zigzag(v)); }
/// a - b in two's complement, so that no difference overflows; the reader adds it back alike.
inline std::int64_t wrapping_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
inline std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// Reads bytes that may lie: the first fault sticks, later reads give zeros.
class ByteReader {
 public:
  explicit ByteReader(ByteView in) : in_(in) {}
  bool ok() const { return ok_; }
  bool at_end() const { return at_ == in_.size(); }
  std::size_t left() const { return in_.size() - at_; }
  std::size_t position() const { return at_; }
  void fail() { ok_ = false; }

  std::uint8_t byte() {
    if (!ok_ || at_ >= in_.size()) {
      ok_ = false;
      return 0;
    }
    return in_[at_++];
  }
  /// In its shortest form and at most `max`.
  std::uint64_t varint(std::uint64_t max = ~std::uint64_t{0}) {
    if (ok_ && at_ < in_.size() && in_[at_] < 0x80 && in_[at_] <= max) return in_[at_++];  // most
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t b = byte();
      if (!ok_ || (shift == 63 && b > 1) || (b == 0 && shift > 0)) break;
      v |= static_cast<std::uint64_t>(b & 0x7fU) << shift;
      if ((b & 0x80U) == 0) {
        if (v > max) break;
        return v;
      }
    }
    ok_ = false;
    return 0;
  }
  std::int64_t signed_varint() { return unzigzag(varint()); }
  /// A count of things that take a byte each at least.
  std::size_t count(std::size_t max) {
    const std::uint64_t n = varint(max);
    if (n > left()) ok_ = false;
    return ok_ ? static_cast<std::size_t>(n) : 0;
  }
  ByteView bytes(std::size_t size) {
    if (!ok_ || size > left()) {
      ok_ = false;
      return {};
    }
    const ByteView out = in_.subspan(at_, size);
    at_ += size;
    return out;
  }
  template <std::size_t N>
  void bytes_into(std::array<std::uint8_t, N>& out) {
    const ByteView found = bytes(N);
    for (std::size_t i = 0; i < found.size(); ++i) out[i] = found[i];
  }

 private:
  ByteView in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace lalanh
