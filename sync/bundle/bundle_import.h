#pragma once

#include "sync/bundle/bundle_reader.h"
#include "sync/bundle/bundle_side.h"

namespace lalanh::sync {

/// What became of one bundle.
struct BundleTaken {
  BundleInfo info;
  bool own = false;   ///< written by this device: nothing was to do
  bool late = false;  ///< a later one of its writer was read before: its segments alone counted
  bool from_parent = false;
  std::uint64_t segments_taken = 0;
  std::uint64_t segments_known = 0;
  std::uint64_t segments_aside = 0;  ///< their beginning is not here: kept within a limit
  SyncSummary summary;               ///< events_received, refused, refusals, waiting
};

/// Reads a bundle: all of it is verified, then its segments are taken in, at most 1 MiB a
/// transaction, then what it says counts (`docs/FORMATS.md`, Bundle). A segment that is refused is
/// named and the rest goes on. Errors: those of check_bundle, and then nothing was changed; store.*
/// and system.cancelled: what was taken before stays, and the same bundle goes on from there.
Result<BundleTaken> import_bundle(const BundleSide& side, ByteSource& source);

}  // namespace lalanh::sync
