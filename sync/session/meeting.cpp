#include "sync/session/meeting.h"

#include <algorithm>

namespace lalanh::sync {

Status meet(SyncStore& store, const Certificate& certificate) {
  const auto revoked = [&](const CertificateLink& link) { return store.revoked(link); };
  if (revoked(certificate.device())) return Error{ErrorCode::trust_revoked};
  // Whoever has a server's key could certify himself for any unit.
  if (!store.units_fit(certificate)) {
    return Error{ErrorCode::trust_bad_certificate,
                 {{"why", "its unit is not known to lie below its issuer's"}}};
  }
  // Who has a revoked server's key could certify any number of machines. Those that were met before
  // work on: a district that is rebuilt leaves its villages alone.
  TRY_ASSIGN(const bool met, store.met(certificate));
  const std::vector<CertificateLink>& chain = certificate.chain;
  if (!met && std::any_of(chain.begin(), chain.end() - 1, revoked)) {
    return Error{ErrorCode::trust_revoked};
  }
  // One that was certified here is met, but not kept yet.
  if (met && store.known_certificate(certificate.id)) return {};
  return store.note_met(certificate);
}

}  // namespace lalanh::sync
