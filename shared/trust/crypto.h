#pragma once

#include <initializer_list>

#include "shared/base/bytes.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh {

/// Must be called once before anything else here; system.internal where libsodium cannot start.
Status start_crypto();

/// BLAKE2b-256 of the parts in order, without separators: callers put a domain text first.
Hash blake2b(std::initializer_list<ByteView> parts);

/// BLAKE2b-256 in pieces. Not thread-safe; copyable state is not offered.
class Hasher {
 public:
  Hasher();
  Hasher& add(ByteView part);
  Hash done();

 private:
  alignas(64) std::array<std::uint8_t, 384> state_;  ///< crypto_generichash_state
};

/// An Ed25519 pair. The secret half is wiped on destruction; never printed, never copied by
/// accident (move only).
class KeyPair {
 public:
  static KeyPair from_seed(const Hash& seed);
  static KeyPair make(Random& random);
  KeyPair(KeyPair&& other) noexcept;
  KeyPair& operator=(KeyPair&& other) noexcept;
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;
  ~KeyPair();

  const Hash& public_key() const { return public_; }
  /// The 32 bytes to keep in a file that only its owner may read.
  const Hash& seed() const { return seed_; }
  Signature sign(ByteView message) const;

 private:
  KeyPair() = default;
  Hash seed_{};
  Hash public_{};
  std::array<std::uint8_t, 64> secret_{};
};

/// Does `signature` over `message` belong to `public_key`?
bool verify(const Hash& public_key, ByteView message, const Signature& signature);

/// Comparison in constant time.
bool equal_secret(ByteView a, ByteView b);

}  // namespace lalanh
