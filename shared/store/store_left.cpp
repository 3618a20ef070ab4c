// Scopes that were read here once and are not any more: their unit hangs elsewhere now.

#include <algorithm>

#include "shared/base/calendar.h"
#include "shared/store/store.h"

namespace lalanh {
namespace {

bool reads(const UnitTree& tree, UnitNo unit, UnitNo reader, TimeMs day) {
  if (unit == reader) return true;
  const std::vector<UnitNo> above = tree.ancestors(unit, vietnam_date(day));
  return std::find(above.begin(), above.end(), reader) != above.end();
}

}  // namespace

Result<std::vector<Scope>> Store::left_scopes(UnitNo unit, TimeMs parent_time) {
  const UnitTree& tree = core_->tree();
  const TimeMs now = core_->options.clock->now();
  TRY_ASSIGN(std::vector<Scope> out, core_->all_scopes());
  std::erase_if(out, [&](const Scope& scope) {
    // A clock that is far off must not choose a tree of other days: both say so.
    return scope.channel != Channel::kRecords || reads(tree, scope.unit, unit, now) ||
           reads(tree, scope.unit, unit, parent_time) ||
           !tree.is_or_ever_was_below(scope.unit, unit);
  });
  return out;
}

Result<bool> Store::may_hand_over(Scope scope, UnitNo unit) {
  const UnitNo own = own_certificate().device().unit;
  return scope.channel == Channel::kRecords &&
         core_->tree().is_or_ever_was_below(scope.unit, unit) &&
         (scope.unit == own || core_->tree().is_or_ever_was_below(scope.unit, own));
}

Status Store::erase_scope(ScopeStreams& streams) {
  for (Projection* projection : core_->projections) TRY(projection->forget_scope(streams));
  for (Projection* projection : core_->projections) TRY(projection->flush());
  TRY(core_->entities.erase(streams));
  const std::string of_scope = " IN (SELECT no FROM stream WHERE scope=?1)";
  for (const std::string& sql : {"DELETE FROM receipt_above WHERE stream" + of_scope,
                                 "DELETE FROM receipt WHERE stream" + of_scope,
                                 "DELETE FROM segment WHERE stream" + of_scope,
                                 std::string("DELETE FROM revocation WHERE scope=?1"),
                                 std::string("DELETE FROM aside WHERE scope=?1"),
                                 std::string("DELETE FROM stream WHERE scope=?1"),
                                 std::string("DELETE FROM scope WHERE no=?1")}) {
    TRY_ASSIGN(Statement erase, core_->db->prepare(sql));
    erase.bind(1, streams.no());
    TRY(erase.run());
  }
  TRY_ASSIGN(Statement claims,
             core_->db->prepare("DELETE FROM bundle_claim WHERE unit=? AND channel=?"));
  claims.bind(1, streams.scope().unit.value);
  claims.bind(2, static_cast<std::int64_t>(streams.scope().channel));
  return claims.run();
}

Result<bool> Store::delete_left(Scope scope) {
  TRY(ready());
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  if (streams == nullptr) return false;
  bool gone = false;
  const auto run = [&]() -> Status {
    TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_->db));
    for (const auto& row : streams->rows()) {
      TRY_ASSIGN(const std::vector<Bytes> open, core_->log.tail(row->no));
      if (!open.empty()) return {};  // it comes with the next sync
    }
    TRY_ASSIGN(const bool all, all_receipted(scope));
    if (!all) return {};
    TRY(erase_scope(*streams));
    TRY(core_->failure());
    gone = true;
    return transaction.commit();
  };
  if (const Status status = run(); !status.ok()) {
    (void)recover().ok();
    return status.error();
  }
  if (!gone) return false;
  TRY(committed());
  // Streams that went are named nowhere any more, in memory neither.
  writer_.new_epoch();
  TRY(core_->forget());
  TRY(core_->db->checkpoint());
  return true;
}

}  // namespace lalanh
