#include "shared/trust/crypto.h"

#include <cstring>

#include <sodium.h>

namespace lalanh {

static_assert(sizeof(crypto_generichash_state) <= 384);
static_assert(crypto_sign_SEEDBYTES == 32 && crypto_sign_SECRETKEYBYTES == 64);

namespace {

crypto_generichash_state* state_of(std::array<std::uint8_t, 384>& bytes) {
  return reinterpret_cast<crypto_generichash_state*>(bytes.data());
}

}  // namespace

Status start_crypto() {
  if (sodium_init() < 0) {
    return Error{ErrorCode::system_internal, {{"why", "libsodium"}}};
  }
  return {};
}

Hash blake2b(std::initializer_list<ByteView> parts) {
  Hasher hasher;
  for (const ByteView part : parts) hasher.add(part);
  return hasher.done();
}

Hasher::Hasher() { crypto_generichash_init(state_of(state_), nullptr, 0, 32); }

Hasher& Hasher::add(ByteView part) {
  crypto_generichash_update(state_of(state_), part.data(), part.size());
  return *this;
}

Hash Hasher::done() {
  Hash out;
  crypto_generichash_final(state_of(state_), out.data(), out.size());
  return out;
}

KeyPair KeyPair::from_seed(const Hash& seed) {
  KeyPair out;
  out.seed_ = seed;
  crypto_sign_seed_keypair(out.public_.data(), out.secret_.data(), seed.data());
  return out;
}

KeyPair KeyPair::make(Random& random) {
  Hash seed;
  random.fill(seed);
  KeyPair out = from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  return out;
}

KeyPair::KeyPair(KeyPair&& other) noexcept { *this = std::move(other); }

KeyPair& KeyPair::operator=(KeyPair&& other) noexcept {
  if (this != &other) {
    seed_ = other.seed_;
    public_ = other.public_;
    secret_ = other.secret_;
    sodium_memzero(other.seed_.data(), other.seed_.size());
    sodium_memzero(other.secret_.data(), other.secret_.size());
  }
  return *this;
}

KeyPair::~KeyPair() {
  sodium_memzero(seed_.data(), seed_.size());
  sodium_memzero(secret_.data(), secret_.size());
}

Signature KeyPair::sign(ByteView message) const {
  Signature out;
  crypto_sign_detached(out.data(), nullptr, message.data(), message.size(), secret_.data());
  return out;
}

bool verify(const Hash& public_key, ByteView message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                     public_key.data()) == 0;
}

bool equal_secret(ByteView a, ByteView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace lalanh
