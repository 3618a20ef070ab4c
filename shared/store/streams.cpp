#include "shared/store/streams.h"

#include <algorithm>

namespace lalanh {

StreamRow* ScopeStreams::find(const WriterId& writer) const {
  const auto at = by_writer_.find(writer);
  return at == by_writer_.end() ? nullptr : at->second;
}

StreamRow& ScopeStreams::at(std::uint32_t stream) const {
  if (last_ != nullptr && last_->no == stream) return *last_;
  const auto found = by_number_.find(stream);
  CHECK(found != by_number_.end());
  last_ = found->second;
  return *last_;
}

Ref ScopeStreams::ref(const Dot& dot) const {
  if (dot.none() || dot.counter > limits::kStreamEventsMax) return {};
  const bool same = !branches_ && last_ != nullptr && last_->writer == dot.writer;
  const StreamRow* row = same ? last_ : find(dot.writer);
  if (row == nullptr) return {};
  const Ref first(row->no, dot.counter);
  if (row->next_branch == nullptr) return first;
  Ref held;
  for (; row != nullptr; row = row->next_branch) {
    if (dot.counter <= row->shared || dot.counter > (std::max)(row->held, row->own_last)) continue;
    const Ref here(row->no, dot.counter);
    if (row->aside == 0 || dot.counter < row->aside) return here;
    if (held.none()) held = here;
  }
  return held.none() ? first : held;
}

bool ScopeStreams::set_aside(Ref ref) const {
  const auto found = by_number_.find(ref.stream());
  if (found == by_number_.end()) return false;
  const StreamRow& row = *found->second;
  return row.aside != 0 && ref.counter() >= row.aside &&
         ref.counter() <= (std::max)(row.held, row.own_last);
}

bool ScopeStreams::waits(const StreamRow& row) const {
  const Ref cause = ref(row.waits);
  return !cause.none() && folded(cause.stream()) < cause.counter() && !set_aside(cause);
}

Dot ScopeStreams::dot(Ref ref) const {
  if (ref.none()) return {};
  return {at(ref.stream()).writer, ref.counter()};
}

StreamRow& ScopeStreams::add(StreamRow row) {
  rows_.push_back(std::make_unique<StreamRow>(std::move(row)));
  StreamRow& added = *rows_.back();
  added.jump = &added;
  if (!added.predecessor.none()) {
    const StreamRow& before = at(added.predecessor.stream());
    added.before = &before;
    added.depth = before.depth + 1;
    // Jumps of 1, 3, 7, ... as in a skew-binary list: any depth is reached in few steps.
    const StreamRow& distant = *before.jump;
    const bool equal = before.depth - distant.depth == distant.depth - distant.jump->depth;
    added.jump = equal && distant.before != nullptr ? distant.jump : &before;
  }
  by_number_[added.no] = &added;
  raise_order(added.folded_order);
  if (StreamRow* last = find(added.writer); last != nullptr) {
    branches_ = true;
    while (last->next_branch != nullptr) last = last->next_branch;
    last->next_branch = &added;
    return added;
  }
  by_writer_[added.writer] = &added;
  return added;
}

const StreamRow& ScopeStreams::back_to(const StreamRow& from, std::uint32_t depth) const {
  const StreamRow* at = &from;
  while (at->depth > depth) at = at->jump->depth >= depth ? at->jump : at->before;
  return *at;
}

bool ScopeStreams::at_or_before(Ref a, Ref b) const {
  if (a.stream() == b.stream()) return a.counter() <= b.counter();
  const std::uint32_t depth = at(a.stream()).depth;
  const StreamRow& later = at(b.stream());
  if (later.depth <= depth) return false;
  const Ref left = back_to(later, depth + 1).predecessor;  // where b's line leaves that depth
  return left.stream() == a.stream() && a.counter() <= left.counter();
}

std::optional<WriterId> ScopeStreams::predecessor(const WriterId& writer) const {
  const StreamRow* row = find(writer);
  if (row == nullptr || row->predecessor.none()) return std::nullopt;
  return at(row->predecessor.stream()).writer;
}

std::uint32_t ScopeStreams::folded(std::uint32_t stream) const {
  const auto at = by_number_.find(stream);
  return at == by_number_.end() ? 0 : at->second->folded;
}

std::uint64_t ScopeStreams::order_at(Ref ref) const {
  const StreamRow& row = at(ref.stream());
  return row.folded == ref.counter() ? row.folded_order : read_order(ref);
}

Hash head_hash(Scope scope, const WriterId& writer, std::uint32_t counter, const Hash& hash) {
  // The signed bytes name scope, writer, counter and hash already; the domain text differs.
  return blake2b({as_bytes("lalanh head 1"), signed_bytes(scope, writer, counter, hash)});
}

}  // namespace lalanh
