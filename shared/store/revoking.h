#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/store/store.h"

/// Taking a device's rights away (`identity.md`, Revocation).
namespace lalanh {

/// What of a device is to stand.
struct Standing {
  /// What had arrived here before this time of this machine's clock; none: all that is here.
  std::optional<TimeMs> arrived_before;
  bool nothing = false;
};

/// One scope that the device could write.
struct RevokedScope {
  Scope scope;
  Revocation says;
  std::vector<Dot> replaced;  ///< earlier revokes of the key, which this one takes the place of
  std::uint64_t stands = 0;   ///< events of the key that are held here
  std::uint64_t aside = 0;
};

struct RevocationPlan {
  CertificateLink device;
  std::vector<RevokedScope> scopes;  ///< reference first; the first is this device's own
};

/// What a revocation by this device would do; changes nothing. trust.same_rank where its rank is
/// not above the other's, trust.not_allowed without the right.
Result<RevocationPlan> plan_revocation(Store& store, const CertificateLink& device,
                                       const Standing& standing);
/// Does it, all at once; durable on return.
Status revoke_device(Store& store, const RevocationPlan& plan, const std::string& actor,
                     const std::string& reason);

}  // namespace lalanh
