#include "shared/trust/crypto.h"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace lalanh;

namespace {

Bytes hex(std::string_view text) {
  Bytes out;
  REQUIRE(from_hex(text, out));
  return out;
}

template <std::size_t N>
std::array<std::uint8_t, N> array(std::string_view text) {
  const Bytes bytes = hex(text);
  std::array<std::uint8_t, N> out{};
  REQUIRE(bytes.size() == N);
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace

TEST_CASE("the hash is BLAKE2b with 32 bytes and no key") {
  REQUIRE(start_crypto().ok());
  // Known answers, made with another implementation (hashlib.blake2b, digest_size 32).
  CHECK(to_hex(blake2b({})) == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  CHECK(to_hex(blake2b({as_bytes("abc")})) ==
        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  CHECK(blake2b({as_bytes("a"), as_bytes(""), as_bytes("bc")}) == blake2b({as_bytes("abc")}));
  const Bytes long_one(1'000, 'a');
  CHECK(to_hex(blake2b({long_one})) ==
        "e00b0ddbf1e2cdaf5c898e1a5e8826ea3a2c339bcf2a478da2e5fca9ff126672");
  Hasher pieces;
  for (std::size_t i = 0; i < long_one.size(); i += 7) {
    pieces.add(ByteView(long_one).subspan(i, std::min<std::size_t>(7, long_one.size() - i)));
  }
  CHECK(pieces.done() == blake2b({long_one}));
}

TEST_CASE("signatures are Ed25519, with the vectors of RFC 8032") {
  REQUIRE(start_crypto().ok());
  const KeyPair first = KeyPair::from_seed(
      array<32>("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  CHECK(to_hex(first.public_key()) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(
      to_hex(first.sign({})) ==
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
      "b46bd25bf5f0595bbe24655141438e7a100b");
  const KeyPair second = KeyPair::from_seed(
      array<32>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  const Bytes message = hex("72");
  const Signature signature = second.sign(message);
  CHECK(
      to_hex(signature) ==
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
      "1d8c387b2eaeb4302aeeb00d291612bb0c00");
  CHECK(verify(second.public_key(), message, signature));
  CHECK_FALSE(verify(first.public_key(), message, signature));
  CHECK_FALSE(verify(second.public_key(), hex("73"), signature));
}

TEST_CASE("a key that was moved away keeps no secret behind") {
  REQUIRE(start_crypto().ok());
  KeyPair key = KeyPair::from_seed(Hash{1, 2, 3});
  const Hash name = key.public_key();
  const KeyPair moved = std::move(key);
  CHECK(moved.public_key() == name);
  CHECK(key.seed() == Hash{});  // NOLINT: that it is empty is what is tested
  CHECK(verify(name, as_bytes("x"), moved.sign(as_bytes("x"))));
}

TEST_CASE("secrets are compared whole") {
  CHECK(equal_secret(hex("0102"), hex("0102")));
  CHECK_FALSE(equal_secret(hex("0102"), hex("0103")));
  CHECK_FALSE(equal_secret(hex("0102"), hex("010203")));
  CHECK(equal_secret({}, {}));
}
