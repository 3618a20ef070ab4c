// The second half of taking in: folding what was kept.

#include <algorithm>

#include "shared/store/ingest.h"

namespace lalanh {
namespace {

std::size_t memory_of(const std::vector<MergeEvent>& events) {
  std::size_t out = events.size() * sizeof(MergeEvent);
  for (const MergeEvent& event : events) {
    for (const MergeOp& op : event.ops) {
      out += sizeof(MergeOp) + ValueParts::text(op.value).size();
      out += (op.base.size() + op.tips.size()) * sizeof(Ref);
    }
    if (!event.created) continue;
    for (const Write& w : event.created->state.writes) {
      out += sizeof(Write) + ValueParts::text(w.value).size();
    }
  }
  return out;
}

}  // namespace

Result<bool> admitted(StoreCore& core, const ScopeStreams& scope, const StreamRow& row) {
  if (row.own) return true;
  TRY_ASSIGN(const Certificate* certificate, core.certificate(row.certificate));
  return may_write(core.tree(), scope.scope(), row.unit, row.rights) == Allowed::kYes &&
         units_fit(core.tree(), certificate->chain) == Allowed::kYes;
}

/// The stream's next events: those of this transaction, or some from the log.
Result<std::vector<MergeEvent>> Ingest::next_events(const ScopeStreams& scope,
                                                    const StreamRow& row) {
  std::vector<MergeEvent> out;
  if (const auto at = fresh_.find(row.no); at != fresh_.end()) {
    out = std::move(at->second);
    fresh_.erase(at);
    return out;
  }
  std::size_t memory = 0;
  for (std::uint32_t next = row.folded + 1; next <= row.held && memory < limits::kFoldMemory;) {
    TRY_ASSIGN(std::vector<Event> events, core_.log.next_events(scope, row, next, row.held));
    memory += memory_of(events);
    for (Event& event : events) {
      out.push_back(with_local_names(std::move(event), Ref(row.no, next++), scope, core_.words));
    }
  }
  return out;
}

/// Of each stream that may move some events, as many streams as memory allows: the others follow
/// when these have moved. What waits for ever is not read.
Status Ingest::load_pending(const ScopeStreams& scope, std::vector<PendingStream>& out) {
  std::size_t memory = 0;
  for (const auto& row : scope.rows()) {
    if (row->held <= row->folded || scope.waits(*row) || memory >= limits::kTakeMemoryMax) continue;
    TRY_ASSIGN(const bool may, admitted(core_, scope, *row));
    if (!may) continue;
    PendingStream pending;
    pending.stream = row->no;
    pending.folded = row->folded;
    pending.order = row->folded_order;
    pending.predecessor = row->predecessor;
    pending.shared = row->shared;
    pending.aside = row->aside;
    TRY_ASSIGN(pending.events, next_events(scope, *row));
    memory += memory_of(pending.events);
    out.push_back(std::move(pending));
  }
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
  // Each time something moves, or is known to wait.
  while (reread_ < limits::kFoldAgainMax) {
    std::vector<PendingStream> pending;
    TRY(load_pending(scope, pending));
    if (pending.empty()) return {};
    TRY(fold_loaded(scope, pending));
  }
  return {};  // who makes it read so much again waits for the next transaction
}

Status Ingest::fold_loaded(ScopeStreams& scope, std::vector<PendingStream>& pending) {
  TRY(preload(scope, pending));
  Status failure;
  fold_ready(pending, scope, [&](MergeEvent& event) {
    if (!failure.ok()) return;
    failure = batch_.apply(scope, event);
    scope.raise_order(event.order);
  });
  TRY(failure);
  for (PendingStream& stream : pending) {
    StreamRow& row = scope.at(stream.stream);
    row.folded = stream.folded;
    row.folded_order = stream.order;
    row.waits = scope.dot(stream.waits);
    TRY(core_.update_stream(row));
    if (!row.waits.none()) keep_rest(stream);
  }
  return {};
}

/// What waits may move before this transaction ends: it is kept, as far as memory allows.
void Ingest::keep_rest(PendingStream& stream) {
  std::vector<MergeEvent>& events = stream.events;
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(stream.next));
  const std::size_t memory = memory_of(events);
  if (kept_ + memory > limits::kTakeMemoryMax) {
    reread_ += memory;
    return;
  }
  kept_ += memory;
  fresh_[stream.stream] = std::move(events);
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
