#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/ids.h"

namespace lalanh {

/// The local name of an event within one database: stream number and counter, packed below 2^53.
/// It never leaves the database, nor the merge. 0 is no event; as an entity it is the scope itself.
struct Ref {
  std::uint64_t packed = 0;

  constexpr Ref() = default;
  constexpr explicit Ref(std::uint64_t p) : packed(p) {}
  constexpr Ref(std::uint32_t stream, std::uint32_t counter)
      : packed((std::uint64_t{stream} << 22U) | counter) {}
  constexpr std::uint32_t stream() const { return static_cast<std::uint32_t>(packed >> 22U); }
  constexpr std::uint32_t counter() const {
    return static_cast<std::uint32_t>(packed & ((1U << 22U) - 1));
  }
  constexpr bool none() const { return packed == 0; }
  friend constexpr bool operator==(Ref a, Ref b) { return a.packed == b.packed; }
  friend constexpr bool operator<(Ref a, Ref b) { return a.packed < b.packed; }
};

/// The local number of a name (type, field, kind of decision). 0 is no word.
using Word = std::uint32_t;

/// Port: names of types and fields by number, for codecs and digests.
class Words {
 public:
  virtual ~Words() = default;
  virtual Word word(std::string_view text) = 0;
  virtual const std::string& text(Word word) = 0;
};

/// Who wrote a stream, as the merge must know it. From the certificate that the stream carries.
struct Author {
  WriterId writer;
  DeviceNo device;
  Rank rank;
};

/// Port: the streams of one scope.
class Lines {
 public:
  virtual ~Lines() = default;
  virtual const Author& author(std::uint32_t stream) const = 0;
  /// Is `a` the same event as `b`, earlier in its stream, or leading to it along predecessors?
  virtual bool at_or_before(Ref a, Ref b) const = 0;
};

}  // namespace lalanh

template <>
struct std::hash<lalanh::Ref> {
  std::size_t operator()(lalanh::Ref r) const noexcept {
    return static_cast<std::size_t>(r.packed * 0x9E3779B97F4A7C15ULL);
  }
};
