#include "shared/accounts/secret.h"

#include <sodium.h>

#include "shared/base/cbor.h"
#include "shared/catalogue/text.h"

namespace lalanh {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

static_assert(kNonceBytes == 24 && kTagBytes == 16);
static_assert(crypto_pwhash_SALTBYTES == sizeof(PasswordSalt));

}  // namespace

Hash subkey(const DataKey& key, std::string_view purpose) {
  return blake2b({as_bytes("lalanh key 1"), as_bytes(purpose), key.bytes()});
}

Result<Hash> key_of_password(std::string_view password, const PasswordSalt& salt,
                             const PasswordCost& cost) {
  std::string text = to_nfc(password);
  Hash out{};
  const int code =
      crypto_pwhash(out.data(), out.size(), text.data(), text.size(), salt.data(), cost.passes,
                    std::size_t{cost.memory_kib} * 1'024, crypto_pwhash_ALG_ARGON2ID13);
  wipe(text);
  if (code != 0) return Error{ErrorCode::system_internal, {{"why", "Cannot allocate memory"}}};
  return out;
}

Status check_new_password(std::string_view password) {
  if (!cbor::valid_utf8(password)) {
    return Error{ErrorCode::input_not_utf8, {{"where", "password"}}};
  }
  if (password.size() > limits::kPasswordBytesMax) {
    return Error{ErrorCode::input_too_long,
                 {{"field", "password"}, {"max", std::to_string(limits::kPasswordBytesMax)}}};
  }
  if (character_count(to_nfc(password)) < limits::kPasswordCharactersMin) {
    return Error{ErrorCode::accounts_short_password,
                 {{"min", std::to_string(limits::kPasswordCharactersMin)}}};
  }
  return {};
}

Bytes seal_secret(const Hash& key, ByteView plain, ByteView beside, Random& random) {
  Bytes out(kNonceBytes + plain.size() + kTagBytes);
  random.fill({out.data(), kNonceBytes});
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + kNonceBytes, nullptr, plain.data(),
                                             plain.size(), beside.data(), beside.size(), nullptr,
                                             out.data(), key.data());
  return out;
}

std::optional<Bytes> open_secret(const Hash& key, ByteView sealed, ByteView beside) {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  Bytes out(sealed.size() - kNonceBytes - kTagBytes);
  const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      out.data(), nullptr, nullptr, sealed.data() + kNonceBytes, sealed.size() - kNonceBytes,
      beside.data(), beside.size(), sealed.data(), key.data());
  if (code != 0) return std::nullopt;
  return out;
}

void wipe(std::string& text) {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

void wipe(Bytes& bytes) {
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
}

void wipe(Hash& key) { sodium_memzero(key.data(), key.size()); }

}  // namespace lalanh
