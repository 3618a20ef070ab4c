#include "shared/trust/sealed_stream.h"

#include <algorithm>

#include <sodium.h>

namespace lalanh {
namespace {

using State = crypto_secretstream_xchacha20poly1305_state;

static_assert(sizeof(State) <= 64 && alignof(State) <= 8);
static_assert(crypto_secretstream_xchacha20poly1305_ABYTES == kPieceSealBytes);
static_assert(crypto_secretstream_xchacha20poly1305_HEADERBYTES == sizeof(StreamStartBytes));
static_assert(crypto_secretstream_xchacha20poly1305_KEYBYTES == sizeof(Hash));
static_assert(crypto_box_SEALBYTES + sizeof(Hash) == sizeof(KeyBox));

constexpr std::uint8_t kMessage = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
constexpr std::uint8_t kFinal = crypto_secretstream_xchacha20poly1305_TAG_FINAL;

State* state_of(std::array<std::uint8_t, 64>& bytes) {
  return reinterpret_cast<State*>(bytes.data());
}

}  // namespace

ContentKey ContentKey::make(Random& random) {
  ContentKey out;
  random.fill(out.bytes_);
  return out;
}

ContentKey ContentKey::from(const Hash& bytes) {
  ContentKey out;
  out.bytes_ = bytes;
  return out;
}

ContentKey::ContentKey(ContentKey&& other) noexcept : bytes_(other.bytes_) {
  sodium_memzero(other.bytes_.data(), other.bytes_.size());
}

ContentKey& ContentKey::operator=(ContentKey&& other) noexcept {
  if (this == &other) return *this;
  bytes_ = other.bytes_;
  sodium_memzero(other.bytes_.data(), other.bytes_.size());
  return *this;
}

ContentKey::~ContentKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

// As crypto_box_seal, but with the ephemeral pair from the port.
std::optional<KeyBox> seal_box(const ContentKey& key, const Hash& reader, Random& random) {
  Hash to{};
  if (crypto_sign_ed25519_pk_to_curve25519(to.data(), reader.data()) != 0) return std::nullopt;
  Hash seed{};
  Hash secret{};
  KeyBox out{};
  random.fill(seed);
  crypto_box_seed_keypair(out.data(), secret.data(), seed.data());
  std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, nonce.size());
  crypto_generichash_update(&state, out.data(), crypto_box_PUBLICKEYBYTES);
  crypto_generichash_update(&state, to.data(), to.size());
  crypto_generichash_final(&state, nonce.data(), nonce.size());
  const int code = crypto_box_easy(out.data() + crypto_box_PUBLICKEYBYTES, key.bytes().data(),
                                   key.bytes().size(), nonce.data(), to.data(), secret.data());
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(secret.data(), secret.size());
  return code == 0 ? std::optional<KeyBox>(out) : std::nullopt;
}

std::optional<ContentKey> open_box(ByteView box, const KeyPair& reader) {
  if (box.size() != sizeof(KeyBox)) return std::nullopt;
  Hash pub{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> signing{};
  Hash own_public{};
  Hash own_secret{};
  crypto_sign_seed_keypair(pub.data(), signing.data(), reader.seed().data());
  const bool turned = crypto_sign_ed25519_pk_to_curve25519(own_public.data(), pub.data()) == 0 &&
                      crypto_sign_ed25519_sk_to_curve25519(own_secret.data(), signing.data()) == 0;
  ContentKey out;
  const bool opened = turned && crypto_box_seal_open(out.bytes_.data(), box.data(), box.size(),
                                                     own_public.data(), own_secret.data()) == 0;
  sodium_memzero(signing.data(), signing.size());
  sodium_memzero(own_secret.data(), own_secret.size());
  if (!opened) return std::nullopt;
  return std::optional<ContentKey>(std::move(out));
}

// For sealing as well: init_push differs from init_pull in drawing the start by itself.
SealedStream::SealedStream(const ContentKey& key, const StreamStartBytes& start) {
  crypto_secretstream_xchacha20poly1305_init_pull(state_of(state_), start.data(),
                                                  key.bytes().data());
}

SealedStream::~SealedStream() { sodium_memzero(state_.data(), state_.size()); }

void SealedStream::seal(ByteView piece, ByteView beside, bool last, Bytes& out) {
  const std::size_t at = out.size();
  out.resize(at + piece.size() + kPieceSealBytes);
  crypto_secretstream_xchacha20poly1305_push(state_of(state_), out.data() + at, nullptr,
                                             piece.data(), piece.size(), beside.data(),
                                             beside.size(), last ? kFinal : kMessage);
}

bool SealedStream::open(ByteView sealed, ByteView beside, bool last, Bytes& out) {
  out.clear();
  if (sealed.size() < kPieceSealBytes) return false;
  out.resize(sealed.size() - kPieceSealBytes);
  std::uint8_t tag = 0;
  std::uint8_t none = 0;
  const int code = crypto_secretstream_xchacha20poly1305_pull(
      state_of(state_), out.empty() ? &none : out.data(), nullptr, &tag, sealed.data(),
      sealed.size(), beside.data(), beside.size());
  return code == 0 && tag == (last ? kFinal : kMessage);
}

}  // namespace lalanh
