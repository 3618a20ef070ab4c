// The second half of taking in: folding what was kept.

#include <algorithm>

#include "shared/store/ingest.h"

namespace lalanh {

Result<bool> admitted(StoreCore& core, const ScopeStreams& scope, const StreamRow& row) {
  if (row.own) return true;
  TRY_ASSIGN(const Certificate* certificate, core.certificate(row.certificate));
  return may_write(core.tree(), scope.scope(), row.unit, row.rights) == Allowed::kYes &&
         units_fit(core.tree(), certificate->chain) == Allowed::kYes;
}

Status Ingest::load_pending(ScopeStreams& scope, StreamRow& row, std::vector<PendingStream>& out) {
  PendingStream pending;
  pending.stream = row.no;
  pending.folded = row.folded;
  pending.order = row.folded_order;
  pending.predecessor = row.predecessor;
  pending.shared = row.shared;
  pending.aside = row.aside;
  TRY_ASSIGN(pending.admitted, admitted(core_, scope, row));
  if (const auto at = fresh_.find(row.no); at != fresh_.end()) {
    pending.events = std::move(at->second);
    fresh_.erase(at);
  }
  if (pending.events.size() != row.held - row.folded && pending.admitted) {
    pending.events.clear();
    TRY_ASSIGN(std::vector<Event> events, core_.log.events(scope, row, row.folded + 1, row.held));
    for (Event& event : events) {
      const Ref ref(row.no, row.folded + 1 + static_cast<std::uint32_t>(pending.events.size()));
      pending.events.push_back(with_local_names(std::move(event), ref, scope, core_.words));
    }
  }
  out.push_back(std::move(pending));
  return {};
}

/// Entities that were folded before, and that the pending events change.
Status Ingest::preload(const ScopeStreams& scope, const std::vector<PendingStream>& pending) {
  std::vector<Ref> entities;
  for (const PendingStream& stream : pending) {
    for (const MergeEvent& event : stream.events) {
      const Ref entity = event.entity;
      if (entity.none() || entity.counter() > scope.folded(entity.stream())) continue;
      entities.push_back(entity);
    }
  }
  std::sort(entities.begin(), entities.end());
  entities.erase(std::unique(entities.begin(), entities.end()), entities.end());
  return batch_.preload(scope, entities);
}

Status Ingest::fold(ScopeStreams& scope) {
  TRY_ASSIGN(const bool anew, core_.update_aside(scope));
  if (anew) TRY(unfold(scope));
  std::vector<PendingStream> pending;
  for (const auto& row : scope.rows()) {
    if (row->held > row->folded) TRY(load_pending(scope, *row, pending));
  }
  TRY(preload(scope, pending));
  Status failure;
  fold_ready(pending, scope, [&](MergeEvent& event) {
    if (!failure.ok()) return;
    failure = batch_.apply(scope, event);
    scope.raise_order(event.order);
  });
  TRY(failure);
  for (const PendingStream& stream : pending) {
    StreamRow& row = scope.at(stream.stream);
    row.folded = stream.folded;
    row.folded_order = stream.order;
    TRY(core_.update_stream(row));
  }
  return {};
}

Status Ingest::finish() {
  const std::set<std::int64_t> touched = touched_;
  for (const std::int64_t no : touched) {
    TRY_ASSIGN(ScopeStreams * scope, core_.scope_by_no(no));
    TRY(take_aside(*scope));
    TRY(fold(*scope));
    TRY(core_.save_heads(*scope));
  }
  return core_.failure();
}

Status Ingest::retry_waiting() {
  TRY_ASSIGN(Statement select,
             core_.db->prepare("SELECT DISTINCT scope FROM stream WHERE held > folded"));
  std::vector<std::int64_t> scopes;
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) break;
    scopes.push_back(select.integer(0));
  }
  for (const std::int64_t no : scopes) {
    TRY_ASSIGN(ScopeStreams * scope, core_.scope_by_no(no));
    TRY(fold(*scope));
  }
  return core_.failure();
}

}  // namespace lalanh
