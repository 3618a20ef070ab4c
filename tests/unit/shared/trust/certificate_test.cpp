#include "shared/trust/certificate.h"

#include <catch2/catch.hpp>

#include "shared/base/cbor.h"
#include "shared/base/limits.h"
#include "tests/fuzz/shared/trust/targets.h"

using namespace lalanh;
using lalanh::fuzz::four_tiers;
using lalanh::fuzz::key;

namespace {

const Hash& root() {
  static const KeyPair pair = key(0);
  return pair.public_key();
}

std::string why(ByteView bytes, const Hash& root_key) {
  const auto found = read_certificate(bytes, root_key);
  if (found) return "valid";
  return found.error().name() + ": " + std::string(found.error().value("why"));
}

CertificateLink link(std::uint8_t n, std::uint8_t rank, std::uint32_t rights) {
  CertificateLink out;
  out.device = DeviceNo(n);
  out.key = key(n).public_key();
  out.unit = UnitNo(3'700'000);
  out.rank = Rank(rank);
  out.rights = rights;
  return out;
}

}  // namespace

TEST_CASE("a certificate of four tiers is read back whole, in about 460 bytes") {
  const Certificate made = four_tiers();
  CHECK(made.bytes.size() > 420);
  CHECK(made.bytes.size() < 490);
  const auto found = read_certificate(made.bytes, root());
  REQUIRE(found.ok());
  CHECK(found->bytes == made.bytes);
  CHECK(found->id == made.id);
  REQUIRE(found->chain.size() == 4);
  CHECK(found->device().device == DeviceNo(3'700'004));
  CHECK(found->device().key == key(4).public_key());
  CHECK(found->device().unit == UnitNo(3'701'234));
  CHECK(found->device().rank == Rank(1));
  CHECK(found->device().rights == kWriteRecords);
  const Hash hash = blake2b({made.bytes});
  CHECK(std::equal(made.id.begin(), made.id.end(), hash.begin()));
}

TEST_CASE("a certificate with any bit altered, or cut at any byte, is refused") {
  const Certificate made = four_tiers();
  for (std::size_t i = 0; i < made.bytes.size(); ++i) {
    for (const unsigned bit : {0U, 3U, 7U}) {
      Bytes bytes = made.bytes;
      bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ (1U << bit));
      INFO("byte " << i << ", bit " << bit);
      REQUIRE_FALSE(read_certificate(bytes, root()).ok());
    }
    REQUIRE_FALSE(read_certificate(ByteView(made.bytes).first(i), root()).ok());
  }
  Bytes longer = made.bytes;
  longer.push_back(0);
  CHECK(why(longer, root()) == "trust.bad_certificate: empty, or followed by something");
  CHECK(why(Bytes{0x80}, root()) == "trust.bad_certificate: empty, or followed by something");
  CHECK(why(Bytes(limits::kCertificateBytesMax + 1, 0), root()) ==
        "trust.bad_certificate: too long");
}

TEST_CASE("a certificate of another root is refused") {
  CHECK(why(four_tiers().bytes, key(9).public_key()) ==
        "trust.bad_certificate: a signature is wrong");
}

TEST_CASE("a device that may not certify makes no certificate, and no rank rises") {
  const KeyPair root_pair = key(0);
  const Certificate plain = issue_root(root_pair, link(1, 4, kWriteRecords));
  CHECK(why(issue(plain, key(1), link(2, 3, 1)).bytes, root()) ==
        "trust.bad_certificate: its issuer may not certify");
  const Certificate district = issue_root(root_pair, link(1, 3, kCertify));
  CHECK(why(issue(district, key(1), link(2, 4, 1)).bytes, root()) ==
        "trust.bad_certificate: its rank is above its issuer's");
  CHECK(why(issue(district, key(1), link(2, 3, 1)).bytes, root()) == "valid");
}

TEST_CASE("links of one certificate do not fit into another") {
  const KeyPair root_pair = key(0);
  const Certificate a = issue_root(root_pair, link(1, 4, kCertify | kWriteRecords));
  const Certificate b = issue_root(root_pair, link(1, 4, kCertify));
  const Certificate child = issue(a, key(1), link(2, 3, kWriteRecords));
  // The child's link signed what was before it, so it does not stand after another first link.
  Bytes mixed;
  cbor::Writer out(mixed);
  out.array(2);
  out.raw(ByteView(b.bytes).subspan(1));
  out.raw(ByteView(child.bytes).subspan(a.bytes.size()));
  CHECK(why(mixed, root()) == "trust.bad_certificate: a signature is wrong");
  CHECK(why(child.bytes, root()) == "valid");
}

TEST_CASE("unknown bits of rights are kept") {
  const KeyPair root_pair = key(0);
  const Certificate made = issue_root(root_pair, link(1, 4, 0x8000'0001U));
  const auto found = read_certificate(made.bytes, root());
  REQUIRE(found.ok());
  CHECK(found->device().rights == 0x8000'0001U);
}

TEST_CASE("a chain longer than the limit is refused") {
  const KeyPair root_pair = key(0);
  Certificate made = issue_root(root_pair, link(1, 4, kCertify));
  for (std::uint8_t n = 2; n <= limits::kCertificateChainMax; ++n) {
    made = issue(made, key(static_cast<std::uint8_t>(n - 1)), link(n, 4, kCertify));
  }
  CHECK(why(made.bytes, root()) == "valid");
  Bytes longer = {0x87};
  append(longer, ByteView(made.bytes).subspan(1));
  append(longer, ByteView(made.bytes).subspan(1, 110));
  CHECK_FALSE(read_certificate(longer, root()).ok());
}
