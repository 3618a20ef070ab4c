#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "shared/store/entities.h"
#include "shared/store/projection.h"

namespace lalanh {

/// The entities that one transaction touches, folded in memory; each row is written once, at
/// flush, and each projection told once. Not thread-safe.
class FoldBatch {
 public:
  FoldBatch(EntityTable& entities, std::span<Projection* const> projections);
  ~FoldBatch();

  /// The entity's state so far, for an author who must see his own batch. nullptr: not there.
  Result<const EntityState*> state(const ScopeStreams& scope, Ref entity);
  /// Applies an event whose causes are applied. One on an entity that no event created does
  /// nothing.
  Status apply(const ScopeStreams& scope, const MergeEvent& event);
  /// Writes all rows and tells the projections. Once.
  Status flush();

 private:
  struct Loaded;
  Result<Loaded*> load(const ScopeStreams& scope, Ref entity, bool creates);
  EntityTable& entities_;
  std::span<Projection* const> projections_;
  std::deque<Loaded> loaded_;
  std::unordered_map<Ref, Loaded*> by_ref_;
  std::unordered_map<std::int64_t, Loaded*> scopes_;
};

}  // namespace lalanh
