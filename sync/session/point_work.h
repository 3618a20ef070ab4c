#pragma once

#include "shared/base/limits.h"
#include "shared/store/sync_store.h"

namespace lalanh::sync {

/// Bounds what one request has read from the log about points: each may lie in the middle of
/// another segment, which must be unfolded to tell, with the node's lock held. Lives for one
/// request.
class PointWork {
 public:
  explicit PointWork(SyncStore& store) : store_(store), begin_(store.log_read()) {}
  /// After each point: format.limit beyond kPointsMemoryMax.
  Status check() const {
    if (store_.log_read() - begin_ <= limits::kPointsMemoryMax) return {};
    return Error{ErrorCode::format_limit,
                 {{"limit", "kPointsMemoryMax"}, {"where", "sync request"}}};
  }

 private:
  SyncStore& store_;
  std::uint64_t begin_;
};

}  // namespace lalanh::sync
