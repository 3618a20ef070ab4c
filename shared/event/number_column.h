#pragma once

#include <vector>

#include "shared/event/varint.h"

/// Inside shared/event: numbers whose low digits are noise (times, counters, money) lie in bits
/// beside the columns, for a byte coder spends more on noise than its length.
namespace lalanh::segment_parts {

/// Bits in order of writing, least significant first; the last byte is filled up with zeros.
class BitWriter {
 public:
  /// `bits` at most 64; those above are zero.
  void put(std::uint64_t value, unsigned bits);
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
  unsigned used_ = 8;  ///< of the last byte
};

/// Reads bits that may lie: beyond the end it gives zeros and is no longer ok.
class BitReader {
 public:
  explicit BitReader(ByteView in) : in_(in) {}
  std::uint64_t get(unsigned bits);
  std::size_t left() const { return in_.size() * 8 - at_; }
  bool ok() const { return ok_; }
  /// Nothing but the filling zeros is left.
  bool at_end() const;

 private:
  ByteView in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// x of 0..span in truncated binary: floor or ceil of log2(span + 1) bits. span < 2^48.
void put_below(BitWriter& bits, std::uint64_t x, std::uint64_t span);
std::uint64_t get_below(BitReader& bits, std::uint64_t span);

/// `docs/FORMATS.md`, Numbers: the cheapest of its four modes.
void put_numbers(const std::vector<std::int64_t>& values, Bytes& columns, BitWriter& bits);
/// Exactly `count` numbers; false where the bytes lie. `count` is bounded by the caller, since a
/// column whose steps are all alike takes no bits.
bool read_numbers(ByteReader& columns, BitReader& bits, std::size_t count,
                  std::vector<std::int64_t>& out);

}  // namespace lalanh::segment_parts
