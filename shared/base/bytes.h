#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace lalanh {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// 32 bytes of BLAKE2b-256, or of an Ed25519 public key.
using Hash = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

/// The front of a hash, where it names something among few.
template <std::size_t N>
std::array<std::uint8_t, N> hash_front(const Hash& hash) {
  static_assert(N <= std::tuple_size_v<Hash>);
  std::array<std::uint8_t, N> out;
  std::copy_n(hash.begin(), N, out.begin());
  return out;
}

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline void append(Bytes& to, ByteView more) {
  to.insert(to.end(), more.data(), more.data() + more.size());  // as pointers: one memmove
}

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
/// The bytes of an even number of hexadecimal digits of either case; false where `hex` is not that.
bool from_hex(std::string_view hex, Bytes& out);

}  // namespace lalanh
