#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/event/varint.h"

namespace lalanh::segment_parts {

/// Pieces of text that the columns write as one or two bytes. A byte that cannot begin a character
/// of UTF-8 stands for a piece: 80..C1 for the first 66, F5..FF with a second byte for the next
/// 2,816. All other text is itself. Belongs to a version of the dictionary; immutable, safe for any
/// thread.
class WordList {
 public:
  static constexpr std::size_t kShort = 66;
  static constexpr std::size_t kMax = kShort + 11 * 256;

  /// One piece of two bytes or more a line, "·" for a space; the longest match wins. CHECKs that it
  /// fits.
  explicit WordList(std::string_view lines);

  std::size_t size() const { return pieces_.size(); }
  /// Appends the text, coded, and a 00.
  void put(std::string_view text, Bytes& out) const;
  /// The reverse: a text of at most `max` bytes, UTF-8 without NUL; fails `in` otherwise.
  void read(ByteReader& in, std::size_t max, std::string& out) const;

 private:
  struct Bucket {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  /// The longest piece that the text begins with; kMax where there is none.
  std::size_t match(std::string_view text) const;

  std::vector<std::string> pieces_;
  std::vector<std::uint16_t> by_start_;  ///< numbers by their first two bytes, the longest first
  std::unordered_map<std::uint16_t, Bucket> buckets_;
};

}  // namespace lalanh::segment_parts
