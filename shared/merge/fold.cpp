#include "shared/merge/fold.h"

#include <unordered_map>

namespace lalanh {
namespace {

class Folding {
 public:
  Folding(std::vector<PendingStream>& streams, const FoldedHeads& heads,
          const std::function<void(MergeEvent&)>& use)
      : streams_(streams), heads_(heads), use_(use) {
    for (PendingStream& stream : streams_) by_number_[stream.stream] = &stream;
  }

  void run() {
    bool moved = true;
    while (moved) {
      moved = false;
      for (PendingStream& stream : streams_) moved = advance(stream) || moved;
    }
  }

 private:
  bool folded(Ref ref) const {
    if (ref.none()) return true;
    const auto at = by_number_.find(ref.stream());
    const std::uint32_t head =
        at == by_number_.end() ? heads_.folded(ref.stream()) : at->second->folded;
    return ref.counter() <= head || heads_.set_aside(ref);
  }

  bool set_aside(const PendingStream& stream, const MergeEvent& event) const {
    if (stream.aside != 0 && event.ref.counter() >= stream.aside) return true;
    return !event.entity.none() && !(event.entity == event.ref) && heads_.set_aside(event.entity);
  }

  /// The first of the event's causes that is not folded; none: it is ready.
  Ref lacking(const PendingStream& stream, const MergeEvent& event) const {
    if (event.ref.counter() == stream.shared + 1 && !folded(stream.predecessor)) {
      return stream.predecessor;
    }
    if (!(event.entity == event.ref) && !folded(event.entity)) return event.entity;
    for (const MergeOp& op : event.ops) {
      for (const Ref ref : op.base) {
        if (!folded(ref)) return ref;
      }
      for (const Ref ref : op.tips) {
        if (!folded(ref)) return ref;
      }
    }
    return {};
  }

  bool advance(PendingStream& stream) {
    if (!stream.admitted) return false;
    bool moved = false;
    stream.waits = {};
    while (stream.next < stream.events.size()) {
      MergeEvent& event = stream.events[stream.next];
      const bool aside = set_aside(stream, event);
      if (!aside) stream.waits = lacking(stream, event);
      if (!stream.waits.none()) break;
      if (event.ref.counter() == stream.shared + 1 && !stream.predecessor.none()) {
        stream.order = order_at(stream.predecessor);
      }
      event.order = counted_order(event.order, stream.order);
      stream.order = event.order;
      stream.folded = event.ref.counter();
      ++stream.next;
      if (!aside) use_(event);
      moved = true;
    }
    return moved;
  }

  std::uint64_t order_at(Ref ref) const {
    const auto at = by_number_.find(ref.stream());
    if (at != by_number_.end()) {
      const PendingStream& stream = *at->second;
      if (stream.folded == ref.counter()) return stream.order;
      // Folded in this run, but not the last: the event is still in memory.
      const std::uint32_t first = stream.events.empty() ? 0 : stream.events[0].ref.counter();
      if (first != 0 && ref.counter() >= first && ref.counter() <= stream.folded) {
        return stream.events[ref.counter() - first].order;
      }
    }
    return heads_.order_at(ref);
  }

  std::vector<PendingStream>& streams_;
  const FoldedHeads& heads_;
  const std::function<void(MergeEvent&)>& use_;
  std::unordered_map<std::uint32_t, PendingStream*> by_number_;
};

}  // namespace

void fold_ready(std::vector<PendingStream>& streams, const FoldedHeads& heads,
                const std::function<void(MergeEvent&)>& use) {
  Folding(streams, heads, use).run();
}

}  // namespace lalanh
