#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

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
  /// Reads the rows that events will need; sorted, as they lie in the file, so that a batch that
  /// jumps about reads each page once. Those that are not there do no harm.
  Status preload(const ScopeStreams& scope, std::span<const Ref> entities);
  /// Applies an event whose causes are applied, moving its values out of it. One on an entity that
  /// no event created does nothing.
  Status apply(const ScopeStreams& scope, MergeEvent& event);
  /// Writes all rows and tells the projections, in the order of the events. Once.
  Status flush();

 private:
  struct Loaded;
  /// Entities by name: open addressing, for a batch makes thousands of entries and drops them all.
  class Index {
   public:
    /// The place of the entity; nullptr in it where it is new. Valid until the next call.
    Loaded*& place(Ref entity);

   private:
    void grow();
    std::vector<std::pair<Ref, Loaded*>> slots_;
    std::size_t used_ = 0;
  };
  Loaded* add();
  Result<Loaded*> load(const ScopeStreams& scope, Ref entity, bool creates);
  Status write(Loaded& loaded);

  EntityTable& entities_;
  std::span<Projection* const> projections_;
  std::vector<std::vector<Loaded>> blocks_;  ///< each reserved, so that addresses hold
  Index by_ref_;
  std::unordered_map<std::int64_t, Loaded*> scopes_;  ///< what concerns the scopes themselves
};

}  // namespace lalanh
