// Taking in: two hashes at one counter (`identity.md`), and what a `revoke` sets aside.

#include <algorithm>

#include "shared/store/ingest.h"

namespace lalanh {

/// Of the writer's branches the one that the segment goes on from: the chain and the signature say
/// which. `before` becomes h just before the segment there.
Status Ingest::find_branch(Verified& v, Taken& taken, Hash& before) {
  const std::uint32_t at = v.segment.header.first - 1;
  Status last = Error{ErrorCode::format_bad_chain, {{"where", to_text(taken.scope)}}};
  for (StreamRow* row = v.row; row != nullptr; row = row->next_branch) {
    if (row->held < at || (row->branch != 0 && at < row->shared)) continue;
    TRY_ASSIGN(before, core_.log.hash_at(*v.scope, *row, at));
    last = check_chain(before, v, taken);
    if (!last.ok()) continue;
    v.row = row;
    return {};
  }
  return last;
}

/// The last event of the segment, or the one before its first, that the row has as well; 0 where
/// not even that. Hashes are chained: where one is the same, all before it are.
Result<std::uint32_t> Ingest::in_common(const Verified& v, const StreamRow& row) {
  const SegmentHeader& header = v.segment.header;
  std::uint32_t low = header.first - 1;
  std::uint32_t high = (std::min)(row.held, header.last());
  if (high < low) return 0U;
  const auto same = [&](std::uint32_t counter) -> Result<bool> {
    TRY_ASSIGN(const Hash held, core_.log.hash_at(*v.scope, row, counter));
    return held == v.hashes[counter - header.first];
  };
  if (&row != v.row) {
    TRY_ASSIGN(const Hash mine, core_.log.hash_at(*v.scope, *v.row, low));
    TRY_ASSIGN(const Hash theirs, core_.log.hash_at(*v.scope, row, low));
    if (!(mine == theirs)) return 0U;
  }
  if (high == low) return low;
  TRY_ASSIGN(const bool all, same(high));
  if (all) return high;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    TRY_ASSIGN(const bool so_far, same(middle));
    (so_far ? low : high) = middle;
  }
  return low;
}

/// The events that are held already must be the same ones, or the segment begins a branch.
Status Ingest::check_overlap(Verified& v, Taken& taken) {
  if (v.row == nullptr) return {};
  const SegmentHeader& header = v.segment.header;
  std::uint32_t common = 0;
  StreamRow* longest = v.row;
  for (StreamRow* row = v.scope->find(header.writer); row != nullptr; row = row->next_branch) {
    TRY_ASSIGN(const std::uint32_t here, in_common(v, *row));
    const bool whole = here == (std::min)(row->held, header.last());
    if (here < common || (here == common && !whole)) continue;
    common = here;
    longest = row;
  }
  v.row = longest;
  v.known = common - (header.first - 1);
  if (common == header.last()) {
    taken.verdict = TakeVerdict::kKnown;
  } else if (common < longest->held) {
    TRY(begin_branch(v, taken, *longest, common));
  }
  return {};
}

Status Ingest::begin_branch(Verified& v, const Taken& taken, const StreamRow& longest,
                            std::uint32_t common) {
  const StreamRow* trunk = &longest;
  while (trunk->shared > 0 && common <= trunk->shared) {
    trunk = &v.scope->at(trunk->predecessor.stream());
  }
  const StreamRow& first = *v.scope->find(taken.writer);
  std::uint32_t branches = 0, parting = ~std::uint32_t{0};
  bool own = false;
  for (const StreamRow* row = &first; row != nullptr; row = row->next_branch) {
    ++branches;
    own = own || row->own;
    if (row != &first) parting = (std::min)(parting, row->shared);
  }
  // Where branches first part decides what counts: one that parts before all others always comes
  // in, or machines that had heard of other ones first would never agree.
  if (branches > limits::kBranchesMax && common >= parting) {
    return Error{ErrorCode::format_fork,
                 {{"where", to_text(taken.scope) + "/" + to_text(Dot{taken.writer, common + 1})}}};
  }
  own_forked_ = own_forked_ || own;
  StreamRow& fresh = v.fresh;
  fresh = StreamRow();
  fresh.writer = taken.writer;
  fresh.certificate = first.certificate;
  fresh.epoch = first.epoch;
  fresh.start_hash = first.start_hash;
  fresh.head = first.start_hash;
  fresh.branch = branches;
  fresh.shared = common;
  fresh.folded = common;
  fresh.predecessor = common == 0 ? first.predecessor : Ref(trunk->no, common);
  v.known = common - (v.segment.header.first - 1);
  v.row = nullptr;
  return {};
}

Status Ingest::keep_revokes(const Verified& v) {
  for (std::size_t i = v.known; i < v.segment.events.size(); ++i) {
    const Event& event = v.segment.events[i];
    if (!revokes(event)) continue;
    const Ref ref(v.row->no, v.segment.header.first + static_cast<std::uint32_t>(i));
    TRY(core_.keep_revoke(*v.scope, ref, event));
  }
  return {};
}

/// What counts in the scope is not what was folded: all of it is forgotten and folded from the log.
Status Ingest::unfold(ScopeStreams& scope) {
  TRY(writer_.seal_within());
  for (Projection* projection : core_.projections) TRY(projection->forget_scope(scope));
  TRY(core_.entities.erase(scope));
  for (const auto& row : scope.rows()) {
    row->folded = row->shared;
    row->folded_order = 0;
    fresh_.erase(row->no);
    TRY(core_.update_stream(*row));
  }
  return {};
}

}  // namespace lalanh
