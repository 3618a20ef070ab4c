#pragma once

#include <span>
#include <string>

#include "shared/merge/state.h"
#include "shared/store/database.h"
#include "shared/store/streams.h"

namespace lalanh {

/// An entity that a batch has changed, given once a batch. Its row, and those of others, may be
/// written only before the flush.
class EntityChange {
 public:
  virtual ~EntityChange() = default;
  virtual const ScopeStreams& scope() const = 0;
  /// none for what concerns the scope itself
  virtual Ref ref() const = 0;
  virtual bool is_new() const = 0;
  /// Names of fields that the batch wrote; sorted, without doubles. Empty where is_new() says that
  /// all is to be read.
  virtual std::span<const Word> changed() const = 0;
  /// A remove or keep was among the events, or an edit of what is removed somewhere.
  virtual bool presence_touched() const = 0;
  virtual const EntityState& after() const = 0;
  /// Do this object and its state stay valid until the projections are flushed?
  virtual bool lasts() const = 0;
  /// The state before the batch; nullptr where it is new. Valid as long as this object.
  virtual const EntityState* before() const = 0;
};

/// Port: tables that are a function of the state (lists, search, findings, counters), kept by the
/// code that owns them, inside the write transaction. They can be dropped and rebuilt.
class Projection {
 public:
  virtual ~Projection() = default;
  virtual std::string_view name() const = 0;
  /// Changes whenever its tables would come out otherwise (catalogue, rule pack, its own code):
  /// it is rebuilt then.
  virtual std::string version() const = 0;
  /// Drops and creates its tables, empty.
  virtual Status create() = 0;
  virtual Status change(const EntityChange& change) = 0;
  /// Forgets all that came of the scope: what counts of it comes again as new, in this batch or the
  /// next. Called before any change in the scope by the same batch.
  virtual Status forget_scope(const ScopeStreams& scope) = 0;
  /// Has the tree grown by what it waits for? Then tree_grown() is called, inside a write
  /// transaction, before a flush; it may be called where nothing waits.
  virtual bool waits_for_tree() const { return false; }
  virtual Status tree_grown() { return {}; }
  /// The end of a batch: what was gathered is written. Order among projections is theirs to know.
  virtual Status flush() = 0;
  /// The batch is durable, or was undone: caches follow.
  virtual void committed() = 0;
  virtual void rolled_back() = 0;
};

}  // namespace lalanh
