#pragma once

#include "shared/base/check.h"
#include "shared/trust/ticket.h"

namespace lalanh::fuzz {

inline KeyPair key(std::uint8_t n) {
  Hash seed{};
  seed[0] = n;
  return KeyPair::from_seed(seed);
}

/// Keys of the root, province, district, commune and village of all certificates here.
inline Certificate four_tiers() {
  LALANH_CHECK(start_crypto().ok());
  const auto link = [](std::uint8_t n, std::uint32_t unit, std::uint8_t rank) {
    CertificateLink out;
    out.device = DeviceNo(3'700'000U + n);
    out.key = key(n).public_key();
    out.unit = UnitNo(unit);
    out.rank = Rank(rank);
    out.rights = kWriteRecords | (rank > 1 ? kCertify | kRevoke | kDecide : 0U);
    return out;
  };
  const Certificate province = issue_root(key(0), link(1, 3'700'000, 4));
  const Certificate district = issue(province, key(1), link(2, 3'700'010, 3));
  const Certificate commune = issue(district, key(2), link(3, 3'700'123, 2));
  return issue(commune, key(3), link(4, 3'701'234, 1));
}

/// Whatever verifies under the root was made by it: here, the one certificate or a beginning of it.
inline void any_certificate(ByteView bytes) {
  static const Certificate ours = four_tiers();
  const auto found = read_certificate(bytes, key(0).public_key());
  if (!found) return;
  LALANH_CHECK(found->chain.size() <= ours.chain.size());
  for (std::size_t i = 0; i < found->chain.size(); ++i) {
    LALANH_CHECK(found->chain[i].signature == ours.chain[i].signature);
    LALANH_CHECK(found->chain[i].rights == ours.chain[i].rights);
  }
}

/// The bytes as each of the three files of enrolment, and as what a sealed request holds inside.
/// Nothing comes to a good end: nobody signed it.
inline void any_enrolment(ByteView bytes) {
  static const Certificate ours = four_tiers();
  // Whole tickets are of whoever made the root key that they name.
  const auto read = read_ticket(bytes);
  LALANH_CHECK(!read.ok() || read->grant.device.value != 0);
  LALANH_CHECK(!read_enrolment_request(bytes, key(3)).ok());
  Ticket ticket;
  ticket.root = key(0).public_key();
  ticket.parent = ours;
  LALANH_CHECK(!read_enrolment_answer(bytes, ticket, key(4).public_key()).ok());
}

}  // namespace lalanh::fuzz
