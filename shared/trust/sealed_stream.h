#pragma once

#include <optional>

#include "shared/trust/crypto.h"

/// Bytes sealed to the holders of Ed25519 keys (`docs/FORMATS.md`, Bundle): one random content key,
/// sealed to each of them, and a stream of pieces under it. All randomness comes from the port.
namespace lalanh {

/// The key of one file; wiped on destruction, never copied.
class ContentKey {
 public:
  static ContentKey make(Random& random);
  static ContentKey from(const Hash& bytes);
  ContentKey(ContentKey&& other) noexcept;
  ContentKey& operator=(ContentKey&& other) noexcept;
  ContentKey(const ContentKey&) = delete;
  ContentKey& operator=(const ContentKey&) = delete;
  ~ContentKey();
  const Hash& bytes() const { return bytes_; }

 private:
  ContentKey() = default;
  friend std::optional<ContentKey> open_box(ByteView box, const KeyPair& reader);
  Hash bytes_{};
};

/// A content key sealed to one reader: an ephemeral public key, and the key under it.
using KeyBox = std::array<std::uint8_t, 80>;
/// For the holder of this Ed25519 key; nothing where the key is no point of the curve's main group.
std::optional<KeyBox> seal_box(const ContentKey& key, const Hash& reader, Random& random);
/// Nothing where the box is not for this key, or was altered.
std::optional<ContentKey> open_box(ByteView box, const KeyPair& reader);

/// Bytes by which a sealed piece is longer than the piece.
inline constexpr std::size_t kPieceSealBytes = 17;
/// What a stream begins with.
using StreamStartBytes = std::array<std::uint8_t, 24>;

/// A state of crypto_secretstream_xchacha20poly1305; wiped on destruction. Not thread-safe.
class SealedStream {
 public:
  SealedStream(const ContentKey& key, const StreamStartBytes& start);
  ~SealedStream();
  SealedStream(const SealedStream&) = delete;
  SealedStream& operator=(const SealedStream&) = delete;

  /// Appends the sealed piece to `out`. `last`: nothing may follow.
  void seal(ByteView piece, ByteView beside, bool last, Bytes& out);
  /// Replaces `out` with the piece. False where it was altered, moved, or is not `last` as said.
  bool open(ByteView sealed, ByteView beside, bool last, Bytes& out);

 private:
  alignas(8) std::array<std::uint8_t, 64> state_{};
};

}  // namespace lalanh
