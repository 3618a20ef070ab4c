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
  Bytes created;                     ///< of the row, where the state is as its create made it
  std::optional<EntityState> prior;  ///< as it was read, once an event has changed it
  std::vector<Word> words;
  std::vector<AppendedItem> items;

  const ScopeStreams& scope() const override { return *streams; }
  Ref ref() const override { return entity; }
  bool is_new() const override { return fresh; }
  std::span<const Word> changed() const override { return words; }
  bool presence_touched() const override { return touched; }
  const EntityState& after() const override { return state; }
  bool lasts() const override { return true; }
  const EntityState* before() const override { return prior ? &*prior : nullptr; }
};

FoldBatch::FoldBatch(EntityTable& entities, std::span<Projection* const> projections)
    : entities_(entities), projections_(projections) {}
FoldBatch::~FoldBatch() = default;

FoldBatch::Loaded*& FoldBatch::Index::place(Ref entity) {
  if (used_ * 2 >= slots_.size()) grow();
  auto at = static_cast<std::size_t>((entity.packed * 0x9E3779B97F4A7C15ULL) >> 32U);
  for (;; ++at) {
    auto& [key, found] = slots_[at & (slots_.size() - 1)];
    if (key == entity) return found;
    if (!key.none()) continue;
    key = entity;
    ++used_;
    return found;
  }
}

void FoldBatch::Index::grow() {
  constexpr std::size_t kFirst = 16;  // a power of two, as all after it
  std::vector<std::pair<Ref, Loaded*>> old(slots_.empty() ? kFirst : slots_.size() * 4);
  old.swap(slots_);
  used_ = 0;
  for (const auto& [key, found] : old) {
    if (!key.none()) place(key) = found;
  }
}

FoldBatch::Loaded* FoldBatch::add() {
  constexpr std::size_t kFirst = 4;
  constexpr std::size_t kMax = 256;
  if (blocks_.empty() || blocks_.back().size() == blocks_.back().capacity()) {
    const std::size_t size =
        blocks_.empty() ? kFirst : (std::min)(kMax, blocks_.back().capacity() * 4);
    blocks_.emplace_back().reserve(size);
  }
  return &blocks_.back().emplace_back();
}

Result<FoldBatch::Loaded*> FoldBatch::load(const ScopeStreams& scope, Ref entity, bool creates) {
  Loaded*& place = entity.none() ? scopes_[scope.no()] : by_ref_.place(entity);
  if (place != nullptr) return place;
  place = add();
  place->streams = &scope;
  place->entity = entity;
  place->fresh = true;
  if (creates) return place;
  TRY_ASSIGN(place->there, entities_.load(scope, entity, place->state));
  place->fresh = !place->there;
  return place;
}

Result<const EntityState*> FoldBatch::state(const ScopeStreams& scope, Ref entity) {
  TRY_ASSIGN(Loaded * loaded, load(scope, entity, false));
  return static_cast<const EntityState*>(loaded->there ? &loaded->state : nullptr);
}

Status FoldBatch::preload(const ScopeStreams& scope, std::span<const Ref> entities) {
  for (const Ref entity : entities) TRY(load(scope, entity, false));
  return {};
}

Status FoldBatch::apply(const ScopeStreams& scope, MergeEvent& event) {
  const bool creates = event.entity == event.ref;
  TRY_ASSIGN(Loaded * loaded, load(scope, event.entity, creates));
  // What names as its entity an event that created none changes nothing, at any node.
  if (!loaded->there && !event.entity.none() && !creates) return {};
  loaded->there = true;
  // A copy costs a quarter of what decoding the row again would.
  if (!loaded->fresh && !loaded->dirty) loaded->prior = loaded->state;
  loaded->dirty = true;
  loaded->created.clear();
  if (event.created) loaded->created.swap(event.created->row);
  if (creates && !event.created) loaded->state.writes.reserve(event.ops.size());
  lalanh::apply(event, scope, loaded->state, loaded->items);
  loaded->touched = loaded->touched || !loaded->state.removals.empty();
  for (const MergeOp& op : event.ops) {
    if (op.kind == OpKind::kKeep || op.kind == OpKind::kRemove) loaded->touched = true;
    if (op.name != 0 && !loaded->fresh) loaded->words.push_back(op.name);
  }
  return {};
}

/// The row, and then the projections while the state is still at hand. The order of the events is
/// nearly that of the rows: those that were there were read in theirs, and new ones follow.
Status FoldBatch::write(Loaded& loaded) {
  if (!loaded.fresh) {
    TRY(entities_.update(*loaded.streams, loaded.state));
  } else if (loaded.created.empty()) {
    TRY(entities_.insert(*loaded.streams, loaded.state));
  } else {
    TRY(entities_.insert(*loaded.streams, loaded.state, loaded.created));
  }
  for (const AppendedItem& item : loaded.items) TRY(entities_.add_item(loaded.entity, item));
  std::sort(loaded.words.begin(), loaded.words.end());
  loaded.words.erase(std::unique(loaded.words.begin(), loaded.words.end()), loaded.words.end());
  for (Projection* projection : projections_) TRY(projection->change(loaded));
  return {};
}

Status FoldBatch::flush() {
  for (std::vector<Loaded>& block : blocks_) {
    for (Loaded& loaded : block) {
      if (loaded.dirty) TRY(write(loaded));
    }
  }
  TRY(entities_.flush());
  for (Projection* projection : projections_) TRY(projection->flush());
  return {};
}

}  // namespace lalanh
