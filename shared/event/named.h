#pragma once

#include "shared/event/event.h"

namespace lalanh {

/// Calls `use` with the dot of each event that an event names within its scope, as often as it
/// does: its entity, if any, and the bases, tips and values of its ops. Links lead elsewhere.
template <class Use>
void each_named(const Event& event, const Use& use) {
  if (!event.entity.none()) use(event.entity);
  for (const Op& op : event.ops) {
    for (const Dot& dot : op.base) use(dot);
    for (const Dot& dot : op.tips) use(dot);
    if (op.value.kind() == Value::Kind::kDot) use(op.value.as_dot());
  }
}

}  // namespace lalanh
