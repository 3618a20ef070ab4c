// What is set aside in a scope: the rows' part of `shared/merge/set_aside.h`.

#include <algorithm>

#include "shared/merge/set_aside.h"
#include "shared/store/core.h"

namespace lalanh {
namespace {

void note_revokes(ScopeStreams& scope, Ref ref, const Event& event) {
  for (const Op& op : event.ops) {
    std::optional<Revocation> says = read_revocation(op);
    if (says) scope.revokes.push_back({ref, std::move(*says), op.base});
  }
}

}  // namespace

Status StoreCore::load_revokes(ScopeStreams& scope) {
  TRY_ASSIGN(Statement select, db->prepare("SELECT id FROM revocation WHERE scope=? ORDER BY id"));
  select.bind(1, scope.no());
  for (;;) {
    TRY_ASSIGN(const bool found, select.step());
    if (!found) return {};
    const Ref ref(static_cast<std::uint64_t>(select.integer(0)));
    TRY_ASSIGN(const std::vector<Event> event,
               log.events(scope, scope.at(ref.stream()), ref.counter(), ref.counter()));
    note_revokes(scope, ref, event.front());
  }
}

Status StoreCore::keep_revoke(ScopeStreams& scope, Ref ref, const Event& event) {
  TRY_ASSIGN(Statement insert, db->prepare("INSERT INTO revocation (id, scope) VALUES (?, ?)"));
  insert.bind(1, static_cast<std::int64_t>(ref.packed)).bind(2, scope.no());
  TRY(insert.run());
  ++made_;
  note_revokes(scope, ref, event);
  return {};
}

/// The tip, of branches the one with its hash. Where it is not here, the last event that surely is
/// before it: those that have one content alone and a lower counter. None where there is none.
Result<Ref> StoreCore::standing_tip(const ScopeStreams& scope, const StandingTip& tip) {
  const StreamRow* first = scope.find(tip.dot.writer);
  if (first == nullptr || tip.dot.counter == 0) return Ref();
  std::uint32_t before = tip.dot.counter - 1;
  for (const StreamRow* row = first; row != nullptr; row = row->next_branch) {
    if (row != first) before = (std::min)(before, row->shared);
    if (tip.dot.counter > row->held || tip.dot.counter <= row->shared) continue;
    TRY_ASSIGN(const Hash hash, log.hash_at(scope, *row, tip.dot.counter));
    if (std::equal(tip.hash.begin(), tip.hash.end(), hash.begin())) {
      return Ref(row->no, tip.dot.counter);
    }
  }
  return before == 0 ? Ref() : Ref(first->no, before);
}

Result<std::vector<std::uint32_t>> StoreCore::set_aside(const ScopeStreams& scope) {
  std::vector<AsideStream> streams;
  for (const auto& row : scope.rows()) {
    AsideStream& stream = streams.emplace_back();
    stream.no = row->no;
    stream.rank = row->author.rank;
    stream.key = row->key;
    stream.shared = row->shared;
    stream.predecessor = row->predecessor;
    stream.branch_of = row->no;
    if (row->branch != 0) {
      stream.branch_of = row->shared != 0 ? row->predecessor.stream() : scope.find(row->writer)->no;
    }
  }
  std::vector<HeldRevoke> revokes;
  for (const ScopeStreams::Revoke& held : scope.revokes) {
    HeldRevoke& revoke = revokes.emplace_back();
    revoke.ref = held.ref;
    revoke.key = held.says.key;
    for (const Dot& dot : held.replaced) revoke.replaced.push_back(scope.ref(dot));
    for (const StandingTip& tip : held.says.tips) {
      TRY_ASSIGN(const Ref ref, standing_tip(scope, tip));
      if (!ref.none()) revoke.tips.push_back(ref);
    }
  }
  return set_aside_from(streams, revokes);
}

Result<bool> StoreCore::update_aside(ScopeStreams& scope) {
  if (scope.revokes.empty() && !scope.has_branches()) return false;
  TRY_ASSIGN(const std::vector<std::uint32_t> aside, set_aside(scope));
  constexpr std::uint32_t kNever = ~std::uint32_t{0};
  bool held_changes = false, changes = false;
  for (std::size_t i = 0; i < aside.size(); ++i) {
    StreamRow& row = *scope.rows()[i];
    if (row.aside == aside[i]) continue;
    const std::uint32_t before = row.aside == 0 ? kNever : row.aside;
    const std::uint32_t now = aside[i] == 0 ? kNever : aside[i];
    held_changes = held_changes || (std::min)(before, now) <= (std::max)(row.held, row.own_last);
    row.aside = aside[i];
    changes = true;
    TRY(update_stream(row));
  }
  if (changes) TRY(look_again(scope));
  return held_changes;
}

/// What is set aside waits for nothing.
Status StoreCore::look_again(ScopeStreams& scope) {
  for (const auto& row : scope.rows()) {
    if (row->waits.none()) continue;
    row->waits = {};
    TRY(update_stream(*row));
  }
  return {};
}

Result<bool> StoreCore::revoked(const Hash& key, Rank rank) {
  std::vector<std::int64_t> scopes;
  {
    TRY_ASSIGN(
        Statement select,
        db->prepare("SELECT DISTINCT r.scope FROM revocation r JOIN scope s ON s.no = r.scope"
                    " WHERE s.channel = 1 ORDER BY r.scope"));
    for (;;) {
      TRY_ASSIGN(const bool row, select.step());
      if (!row) break;
      scopes.push_back(select.integer(0));
    }
  }
  for (const std::int64_t no : scopes) {
    TRY_ASSIGN(const ScopeStreams* scope, scope_by_no(no));
    for (const ScopeStreams::Revoke& held : scope->revokes) {
      const Rank by = scope->author(held.ref.stream()).rank;
      if (held.says.key == key && rank < by && !scope->set_aside(held.ref)) return true;
    }
  }
  return false;
}

}  // namespace lalanh
