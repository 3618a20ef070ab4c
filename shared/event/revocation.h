#pragma once

#include <optional>
#include <vector>

#include "shared/event/event.h"

namespace lalanh {

/// An event of a revoked key that stands, with all before it (`identity.md`, Revocation).
struct StandingTip {
  Dot dot;
  std::array<std::uint8_t, 8> hash{};  ///< the first bytes of the event's
  friend bool operator==(const StandingTip&, const StandingTip&) = default;
};

/// What an op `revoke` says. `docs/FORMATS.md`, Event.
struct Revocation {
  Hash key{};                     ///< Ed25519, of the device
  std::vector<StandingTip> tips;  ///< empty: nothing of it stands
};

/// The op, without what it replaces.
Op revoke_op(const Revocation& revocation);
/// What an op says; nothing where it is not a revoke, or not one that can be read: such a one does
/// nothing, at any node.
std::optional<Revocation> read_revocation(const Op& op);
/// Has the event an op `revoke`?
bool revokes(const Event& event);

}  // namespace lalanh
