#pragma once

#include <functional>
#include <vector>

#include "shared/merge/state.h"

namespace lalanh {

/// Events of one stream that are held but not folded, in order from folded + 1 on; all or the first
/// of them.
struct PendingStream {
  std::uint32_t stream = 0;
  std::uint32_t folded = 0;        ///< last folded counter; raised by fold_ready
  std::uint32_t shared = 0;        ///< of a branch: the events that are not its own
  std::uint32_t aside = 0;         ///< first counter that is set aside; 0: none
  std::uint64_t order = 0;         ///< what the last folded event (or its predecessor) counts as
  Ref predecessor;                 ///< none, or the event before the first of its own
  bool admitted = true;            ///< false: its right to write here is not known yet; it waits
  std::vector<MergeEvent> events;  ///< `order` as written; made the counted one when folded
  std::size_t next = 0;            ///< index of the first not folded
  Ref waits;                       ///< a cause that the event at `next` lacks; none: no such event
};

/// What a fold must know of streams that are not among the pending ones.
class FoldedHeads {
 public:
  virtual ~FoldedHeads() = default;
  /// The last folded counter of a stream, 0 for none.
  virtual std::uint32_t folded(std::uint32_t stream) const = 0;
  /// What the event counts as; only asked of the predecessor of a pending stream, once folded.
  virtual std::uint64_t order_at(Ref ref) const = 0;
  /// Is the event held and set aside? For waiting it counts as folded then.
  virtual bool set_aside(Ref) const { return false; }
};

/// Folds every event whose causes are folded, each exactly once, causes first, calling `use` for
/// each (which may move its values away), until nothing moves. What is set aside, or is on an
/// entity whose create is, counts as folded and is not used. The result does not depend on the
/// order of `streams`. What stays is pending, not lost.
void fold_ready(std::vector<PendingStream>& streams, const FoldedHeads& heads,
                const std::function<void(MergeEvent&)>& use);

}  // namespace lalanh
