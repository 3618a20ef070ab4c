// Scopes that were read here once and are not any more: their unit hangs elsewhere now.

#include "shared/base/calendar.h"
#include "shared/store/store.h"

namespace lalanh {
Result<std::vector<Scope>> Store::left_scopes(UnitNo unit, TimeMs parent_time) {
  const UnitTree& tree = core_->tree();
  // A clock that is far off must not choose a tree of other days: both say so.
  const Date today = vietnam_date(core_->options.clock->now());
  const Date parents = vietnam_date(parent_time);
  TRY_ASSIGN(std::vector<Scope> out, core_->all_scopes());
  std::erase_if(out, [&](const Scope& scope) {
    return scope.channel != Channel::kRecords || tree.is_or_is_below(scope.unit, unit, today) ||
           tree.is_or_is_below(scope.unit, unit, parents) ||
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
