#pragma once

#include <span>
#include <vector>

#include "sync/session/messages.h"

/// The segments behind a head, on the receiving side of pull and push alike (`docs/PROTOCOL.md`,
/// Cuts).
namespace lalanh::sync {

/// Reads the scope from a segment's front. Sessions are given one, so that they can be tested with
/// segments of another kind.
using ScopeReader = Result<Scope> (*)(ByteView segment);
/// The one for real segments (shared/event).
Result<Scope> scope_of_segment(ByteView segment);

/// What became of one entry of a tail.
struct Arrived {
  enum class State : std::uint8_t {
    kWhole,   ///< `bytes` is the segment, its digest checked
    kAgain,   ///< the digest does not fit, or the half it goes on from is not here (any more)
    kCut,     ///< the link broke within it; what came is kept durably as a half
    kAbsent,  ///< nothing of it came
  };
  State state = State::kAbsent;
  Bytes bytes;
};

/// Cuts the tail into its segments, completing halves kept for `from` and keeping a new half.
/// `complete`: all of the body came; the tail must then be exactly as long as the entries say:
/// format.malformed otherwise, and nothing is changed. Store errors.
Result<std::vector<Arrived>> gather_tail(SyncStore& store, DeviceNo from,
                                         std::span<const Entry> entries, ByteView tail,
                                         bool complete);

/// Drops the halves of those segments that came whole; called after they are durable.
Status drop_halves(SyncStore& store, DeviceNo from, std::span<const Entry> entries,
                   std::span<const Arrived> arrived);

}  // namespace lalanh::sync
