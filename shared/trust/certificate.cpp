#include "shared/trust/certificate.h"

#include "shared/base/cbor.h"
#include "shared/base/limits.h"

namespace lalanh {
namespace {

constexpr std::string_view kDomain = "lalanh certificate 1";

void write_link(cbor::Writer& out, const CertificateLink& link, bool with_signature) {
  out.array(with_signature ? 6 : 5);
  out.unsigned_integer(link.device.value);
  out.bytes(link.key);
  out.unsigned_integer(link.unit.value);
  out.unsigned_integer(link.rank.value);
  out.unsigned_integer(link.rights);
  if (with_signature) out.bytes(link.signature);
}

Bytes write_chain(std::span<const CertificateLink> chain) {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(chain.size());
  for (const CertificateLink& link : chain) write_link(writer, link, true);
  return out;
}

/// What the issuer signs for a link that follows `before`.
Bytes signed_link(std::span<const CertificateLink> before, const CertificateLink& link) {
  const Hash prefix = blake2b({write_chain(before)});
  Bytes out;
  append(out, as_bytes(kDomain));
  append(out, prefix);
  cbor::Writer writer(out);
  write_link(writer, link, false);
  return out;
}

Certificate finish(std::vector<CertificateLink> chain) {
  Certificate out;
  out.chain = std::move(chain);
  out.bytes = write_chain(out.chain);
  const Hash hash = blake2b({out.bytes});
  out.id = hash_front<std::tuple_size_v<decltype(out.id)>>(hash);
  return out;
}

Error bad(const char* why) { return {ErrorCode::trust_bad_certificate, {{"why", why}}}; }

CertificateLink read_link(cbor::Reader& in) {
  CertificateLink link;
  if (in.array(6) != 6) in.fail("a link has six items");
  link.device = DeviceNo(static_cast<std::uint32_t>(in.unsigned_integer(0xffffffff)));
  in.bytes_into(link.key);
  link.unit = UnitNo(static_cast<std::uint32_t>(in.unsigned_integer(0xffffffff)));
  link.rank = Rank(static_cast<std::uint8_t>(in.unsigned_integer(255)));
  link.rights = static_cast<std::uint32_t>(in.unsigned_integer(0xffffffff));
  in.bytes_into(link.signature);
  return link;
}

}  // namespace

Result<Certificate> read_certificate(ByteView bytes, const Hash& root_key) {
  if (bytes.size() > limits::kCertificateBytesMax) return bad("too long");
  cbor::Reader in(bytes);
  const std::size_t count = in.array(limits::kCertificateChainMax);
  std::vector<CertificateLink> chain;
  for (std::size_t i = 0; i < count && in.ok(); ++i) chain.push_back(read_link(in));
  if (!in.ok()) return in.error("certificate");
  if (chain.empty() || !in.at_end()) return bad("empty, or followed by something");
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Hash& issuer = i == 0 ? root_key : chain[i - 1].key;
    if (i > 0 && (chain[i - 1].rights & kCertify) == 0) return bad("its issuer may not certify");
    if (i > 0 && chain[i - 1].rank < chain[i].rank) return bad("its rank is above its issuer's");
    const Bytes message = signed_link(std::span(chain).first(i), chain[i]);
    if (!verify(issuer, message, chain[i].signature)) return bad("a signature is wrong");
  }
  return finish(std::move(chain));
}

Certificate issue_root(const KeyPair& root, CertificateLink link) {
  link.signature = root.sign(signed_link({}, link));
  std::vector<CertificateLink> chain;
  chain.push_back(link);
  return finish(std::move(chain));
}

Certificate issue(const Certificate& issuer, const KeyPair& issuer_key, CertificateLink link) {
  CHECK(issuer.device().key == issuer_key.public_key());
  CHECK(issuer.chain.size() < limits::kCertificateChainMax);
  link.signature = issuer_key.sign(signed_link(issuer.chain, link));
  std::vector<CertificateLink> chain = issuer.chain;
  chain.push_back(link);
  return finish(std::move(chain));
}

}  // namespace lalanh
