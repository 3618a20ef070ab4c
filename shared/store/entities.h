#pragma once

#include <functional>
#include <optional>

#include "shared/store/state_codec.h"
#include "shared/store/streams.h"

namespace lalanh {

/// A row of table entity as read.
struct EntityRow {
  Ref ref;
  std::int64_t scope_no = 0;
  Word type = 0;
  Ref parent;
  Bytes state;
  Result<EntityState> decode() const { return read_state(ref, type, parent, state); }
};

/// Tables entity and item. Not thread-safe.
class EntityTable {
 public:
  static Result<EntityTable> open(Database& db);

  /// The row of an entity, or of the scope itself (`ref` none); nothing where it has none.
  Result<std::optional<EntityRow>> load(const ScopeStreams& scope, Ref ref);
  /// The same, decoded: true where there is one.
  Result<bool> load(const ScopeStreams& scope, Ref ref, EntityState& state);
  /// The same without knowing the scope.
  Result<std::optional<EntityRow>> load(Ref ref);
  /// Takes a new row, by row id as far as the caller can: it may stay here until flush(). The
  /// state is not needed any more.
  Status insert(const ScopeStreams& scope, const EntityState& state);
  /// The same for a state that is as its create made it, from what write_created made of that.
  Status insert(const ScopeStreams& scope, const EntityState& state, ByteView created);
  /// Writes what insert() has kept here; before anything is read.
  Status flush() { return insert_.flush(); }
  /// Drops what insert() has kept here: after a rollback.
  void forget() { insert_.clear(); }
  Status update(const ScopeStreams& scope, const EntityState& state);
  Status add_item(Ref entity, const AppendedItem& item);
  /// Items of an entity's append fields, by dot; callers sort as they show.
  Result<std::vector<AppendedItem>> items(Ref entity);
  Result<std::vector<Ref>> children(Ref parent);
  /// Every entity of the scope, the scope's own row among them, by row id. The callback must not
  /// use this table's load.
  Status for_each(const ScopeStreams& scope, const std::function<Status(const EntityRow&)>& use);
  Status erase_all();
  /// Erases every entity of the scope, with its items.
  Status erase(const ScopeStreams& scope);

 private:
  explicit EntityTable(Database& db) : db_(&db) {}
  Database* db_;
  Status insert_buffer(const ScopeStreams& scope, const EntityState& state);
  RowInsert insert_;
  Statement load_, update_, add_item_, items_, children_;
  Bytes buffer_;
};

}  // namespace lalanh
