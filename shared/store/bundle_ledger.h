#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "shared/store/core.h"
#include "shared/store/sync_store.h"

namespace lalanh {

/// The tips that a device said to hold in a scope.
struct Claim {
  Scope scope;
  std::vector<Point> tips;
};

/// What a database keeps of bundles beside the log: how they follow each other, and what their
/// writers said (`docs/FORMATS.md`, Bundle). Not thread-safe: the node guards it. Errors: store.*
class BundleLedger {
 public:
  /// `core` outlives it.
  explicit BundleLedger(StoreCore& core) : core_(core) {}

  /// A sequence for a new bundle, greater than all before: durable on return.
  Result<std::uint64_t> next_sequence();
  /// Somebody has seen this sequence of ours: the next one is greater. Too large a step is ignored,
  /// so that nobody can use the numbers up.
  Status raise_sequence(std::uint64_t seen);

  /// The greatest sequence read in a bundle of this device; 0: none.
  Result<std::uint64_t> seen(const Hash& key);
  /// Durable, all at once: a bundle was read; with `claims`, they take the place of those before.
  Status note(const Hash& key, std::uint64_t sequence, const std::vector<Claim>* claims);
  /// What the device said to hold in the scope; nothing where it never brought a bundle.
  Result<std::optional<std::vector<Point>>> claimed(const Hash& key, Scope scope);

  /// Keys of the devices known to be certified for the unit by one at or above it, less those that
  /// a `revoke` in the unit's records or in a reference channel names, and less those below such a
  /// key that were not met before; each once, in the order of the keys.
  Result<std::vector<Hash>> devices_of(UnitNo unit);
  /// The parent's clock at its last word; before 1970 where there was none.
  Result<TimeMs> parent_time();

 private:
  StoreCore& core_;
};

}  // namespace lalanh
