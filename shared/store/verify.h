#pragma once

#include <map>

#include "shared/store/store.h"

namespace lalanh {

/// Recomputes one scope from its log: chains, signatures, state, digest; and says what differs
/// from what is stored (`sync.md`, invariants 1, 3, 5). Reads only. Not thread-safe.
class ScopeVerifier {
 public:
  ScopeVerifier(StoreCore& core, ScopeStreams& scope, VerifyReport& report)
      : core_(core), scope_(scope), report_(report) {}
  Status run();
  /// The digest of the state folded anew; after run.
  const HashSum& digest() const { return digest_; }

 private:
  Status check_aside();
  Status check_stream(const StreamRow& row);
  Status check_branch(const StreamRow& row);
  Status check_segments(const StreamRow& row, Hash& hash);
  bool front_fits(const StreamRow& row, const SegmentRef& ref, const SegmentHeader& header);
  Status read_pending(const StreamRow& row);
  Status fold();
  Status compare_state();
  bool orders_fit(const EntityState& state) const;
  void differs(std::string what);

  StoreCore& core_;
  ScopeStreams& scope_;
  VerifyReport& report_;
  std::vector<PendingStream> pending_;
  std::map<Ref, EntityState> states_;
  std::map<Ref, std::vector<AppendedItem>> items_;
  std::unordered_map<Ref, std::uint64_t> orders_;  ///< what each folded event counts as
  HashSum digest_;
};

/// Adds the digests of a scope's state rows, as they are stored.
Status add_stored_digest(StoreCore& core, ScopeStreams& scope, HashSum& sum);

}  // namespace lalanh
