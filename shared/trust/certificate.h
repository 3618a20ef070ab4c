#pragma once

#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/trust/crypto.h"

namespace lalanh {

/// What a device may do, as bits; unknown bits are kept.
enum Right : std::uint32_t {
  kWriteRecords = 1,
  kWriteReference = 2,
  kCertify = 4,
  kRevoke = 8,
  kDecide = 16,
};

/// The first 16 bytes of BLAKE2b-256 of a certificate's bytes: its name in requests.
using CertificateId = std::array<std::uint8_t, 16>;

/// One step of a chain: who is certified, for what (`identity.md`, certificate).
struct CertificateLink {
  DeviceNo device;
  Hash key{};
  UnitNo unit;
  Rank rank;
  std::uint32_t rights = 0;
  Signature signature{};
};

/// A device's certificate with those of its issuers, the root's own child first. Never expires.
/// Bytes: `docs/FORMATS.md`, Certificate.
struct Certificate {
  std::vector<CertificateLink> chain;
  Bytes bytes;
  CertificateId id{};

  const CertificateLink& device() const { return chain.back(); }
};

/// Reads and verifies foreign bytes: every signature up to `root_key`, each issuer with kCertify,
/// ranks not rising. trust.bad_certificate or format.*. That each unit lies below its issuer's
/// needs the tree: nobody is let in and nothing is folded before `units_fit`
/// (`shared/store/ingest.h`).
Result<Certificate> read_certificate(ByteView bytes, const Hash& root_key);

/// The root's own child (the province server): `link.signature` is filled here.
Certificate issue_root(const KeyPair& root, CertificateLink link);
/// A child of `issuer`, whose secret half is `issuer_key`.
Certificate issue(const Certificate& issuer, const KeyPair& issuer_key, CertificateLink link);

}  // namespace lalanh
