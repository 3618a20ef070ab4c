#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/accounts/secret.h"

/// The file `accounts` (`docs/FORMATS.md`, Accounts): bytes in, bytes out.
namespace lalanh {

/// The data key as one user can open it: sealed under the key of his password.
struct Envelope {
  std::string login;  ///< no secret
  PasswordSalt salt{};
  PasswordCost cost;
  std::array<std::uint8_t, 72> sealed{};  ///< nonce, data key, tag
};

/// The data key as the commune can open it: sealed to its recovery key.
struct RecoveryBox {
  Hash reader{};  ///< Ed25519, public
  KeyBox box{};
};

/// How the database beside the file is encrypted.
enum class Cipher : std::uint8_t { kNone = 0, kAegis = 1, kChacha20 = 2 };
/// "none", "aegis", "chacha20": as Multiple Ciphers names them.
std::string to_text(Cipher cipher);

/// The file, whole and undamaged, its body still sealed.
struct AccountsFile {
  Cipher cipher = Cipher::kNone;
  std::array<std::uint8_t, 16> id{};  ///< random, of this data key
  std::vector<Envelope> envelopes;
  std::optional<RecoveryBox> recovery;
  Bytes body;   ///< sealed under a subkey of the data key, with `front` beside
  Bytes front;  ///< all before the body, as it is in the file
};

/// All before the body: what the body's seal vouches for.
Bytes front_of(const AccountsFile& file);
/// The file's bytes: `front`, `body`, and the digest by which damage is known before any password
/// is tried.
Bytes bytes_of(const AccountsFile& file);
/// Reads foreign bytes. format.* with what is wrong, format.newer for a later format.
Result<AccountsFile> read_accounts_file(ByteView bytes);

/// What an envelope's seal vouches for: which file, and whose.
Bytes envelope_context(const AccountsFile& file, std::string_view login);

}  // namespace lalanh
