#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/limits.h"
#include "shared/trust/sealed_stream.h"

/// Keys from passwords and keys from keys, and small sealed things under them
/// (`docs/FORMATS.md`, Accounts). Nothing here keeps state; functions are safe from any thread.
namespace lalanh {

/// The random key of all that a machine keeps: its database, its accounts, its record of who read
/// what. Never used itself, only through `subkey`.
using DataKey = ContentKey;

/// What a password costs to try (Argon2id, version 1.3).
struct PasswordCost {
  std::uint32_t passes = limits::kPasswordPasses;
  std::uint32_t memory_kib = limits::kPasswordMemoryKib;
};

using PasswordSalt = std::array<std::uint8_t, 16>;

/// A key for one purpose: BLAKE2b-256("lalanh key 1" ‖ purpose ‖ key).
Hash subkey(const DataKey& key, std::string_view purpose);

/// The key that a password gives; takes the time and the memory of `cost`. The password in NFC, so
/// that all keyboards give the same. system.internal where the memory is not to be had.
Result<Hash> key_of_password(std::string_view password, const PasswordSalt& salt,
                             const PasswordCost& cost);

/// accounts.short_password, input.too_long, input.not_utf8.
Status check_new_password(std::string_view password);

/// Sealed by XChaCha20-Poly1305: a nonce of 24 bytes, the bytes, a tag of 16. `beside` is vouched
/// for and not kept.
Bytes seal_secret(const Hash& key, ByteView plain, ByteView beside, Random& random);
/// Nothing where the key is another, or anything was altered.
std::optional<Bytes> open_secret(const Hash& key, ByteView sealed, ByteView beside);

/// Overwrites what a string or buffer holds, then empties it.
void wipe(std::string& text);
void wipe(Bytes& bytes);
void wipe(Hash& key);

}  // namespace lalanh
