#pragma once

#include <functional>
#include <optional>

#include "shared/base/ports.h"
#include "shared/store/bundle_ledger.h"

namespace lalanh::sync {

/// This machine, as bundles are written and read by it. All outlive their users.
struct BundleSide {
  SyncStore& store;
  BundleLedger& ledger;
  const KeyPair& key;  ///< of the store's own certificate
  Clock& clock;
  Random& random;
  /// The parent's key, known from the enrolment; zeros where there is no parent.
  Hash parent_key{};
  std::string program;  ///< version, 64 bytes at most
  /// Runs work with the node's lock held; empty: nobody else is there.
  std::function<void(const std::function<void()>&)> locked = {};
  /// Asked now and then; true ends the work with system.cancelled. May be empty.
  std::function<bool()> stopped = {};

  bool has_parent() const { return parent_key != Hash{}; }
  Status go_on() const {
    return stopped && stopped() ? Status(Error{ErrorCode::system_cancelled}) : Status();
  }
};

/// The result of `work`, done with the node's lock held.
template <class Work>
auto under_lock(const BundleSide& side, Work work) -> decltype(work()) {
  if (!side.locked) return work();
  std::optional<decltype(work())> out;
  side.locked([&] { out.emplace(work()); });
  return std::move(*out);
}

}  // namespace lalanh::sync
