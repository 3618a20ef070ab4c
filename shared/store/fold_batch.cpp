#include "shared/store/fold_batch.h"

#include <algorithm>

namespace lalanh {

struct FoldBatch::Loaded : EntityChange {
  const ScopeStreams* streams = nullptr;
  Ref entity;
  bool fresh = false;
  bool there = false;  ///< has a state (false: asked for, but no row)
  bool dirty = false;
  bool touched = false;
  EntityState state;
  EntityRow old_row;
  mutable std::optional<EntityState> old_state;
  std::vector<Word> words;
  std::vector<AppendedItem> items;

  const ScopeStreams& scope() const override { return *streams; }
  Ref ref() const override { return entity; }
  bool is_new() const override { return fresh; }
  std::span<const Word> changed() const override { return words; }
  bool presence_touched() const override { return touched; }
  const EntityState& after() const override { return state; }
  bool lasts() const override { return true; }
  Result<const EntityState*> before() const override {
    if (fresh) return static_cast<const EntityState*>(nullptr);
    if (!old_state) {
      TRY_ASSIGN(old_state, old_row.decode());
    }
    return static_cast<const EntityState*>(&*old_state);
  }
};

FoldBatch::FoldBatch(EntityTable& entities, std::span<Projection* const> projections)
    : entities_(entities), projections_(projections) {}
FoldBatch::~FoldBatch() = default;

Result<FoldBatch::Loaded*> FoldBatch::load(const ScopeStreams& scope, Ref entity, bool creates) {
  Loaded*& place = entity.none() ? scopes_[scope.no()] : by_ref_[entity];
  if (place != nullptr) return place;
  place = &loaded_.emplace_back();
  place->streams = &scope;
  place->entity = entity;
  place->fresh = true;
  if (creates) return place;
  TRY_ASSIGN(std::optional<EntityRow> row, entities_.load(scope, entity));
  if (row) {
    place->fresh = false;
    place->there = true;
    place->old_row = std::move(*row);
    TRY_ASSIGN(place->state, place->old_row.decode());
  }
  return place;
}

Result<const EntityState*> FoldBatch::state(const ScopeStreams& scope, Ref entity) {
  TRY_ASSIGN(Loaded * loaded, load(scope, entity, false));
  return static_cast<const EntityState*>(loaded->there ? &loaded->state : nullptr);
}

Status FoldBatch::apply(const ScopeStreams& scope, const MergeEvent& event) {
  TRY_ASSIGN(Loaded * loaded, load(scope, event.entity, event.entity == event.ref));
  // What names as its entity an event that created none changes nothing, at any node.
  if (!loaded->there && !event.entity.none() && !(event.entity == event.ref)) return {};
  loaded->there = true;
  loaded->dirty = true;
  lalanh::apply(event, scope, loaded->state, loaded->items);
  loaded->touched = loaded->touched || !loaded->state.removals.empty();
  for (const MergeOp& op : event.ops) {
    if (op.kind == OpKind::kKeep || op.kind == OpKind::kRemove) loaded->touched = true;
    if (op.name != 0) loaded->words.push_back(op.name);
  }
  return {};
}

Status FoldBatch::flush() {
  for (Loaded& loaded : loaded_) {
    if (!loaded.dirty) continue;
    TRY(loaded.fresh ? entities_.insert(*loaded.streams, loaded.state)
                     : entities_.update(*loaded.streams, loaded.state));
    for (const AppendedItem& item : loaded.items) TRY(entities_.add_item(loaded.entity, item));
    std::sort(loaded.words.begin(), loaded.words.end());
    loaded.words.erase(std::unique(loaded.words.begin(), loaded.words.end()), loaded.words.end());
    for (Projection* projection : projections_) TRY(projection->change(loaded));
  }
  for (Projection* projection : projections_) TRY(projection->flush());
  return {};
}

}  // namespace lalanh
