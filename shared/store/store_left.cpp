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

}  // namespace lalanh
