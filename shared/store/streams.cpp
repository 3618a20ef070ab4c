#include "shared/store/streams.h"

#include <cstring>

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
  if (dot.none()) return {};
  const StreamRow* row = last_ != nullptr && last_->writer == dot.writer ? last_ : find(dot.writer);
  return row == nullptr ? Ref() : Ref(row->no, dot.counter);
}

Dot ScopeStreams::dot(Ref ref) const {
  if (ref.none()) return {};
  return {at(ref.stream()).writer, ref.counter()};
}

StreamRow& ScopeStreams::add(StreamRow row) {
  if (!row.predecessor.none()) row.depth = at(row.predecessor.stream()).depth + 1;
  rows_.push_back(std::make_unique<StreamRow>(std::move(row)));
  StreamRow& added = *rows_.back();
  by_writer_[added.writer] = &added;
  by_number_[added.no] = &added;
  raise_order(added.folded_order);
  return added;
}

bool ScopeStreams::at_or_before(Ref a, Ref b) const {
  if (a.stream() == b.stream()) return a.counter() <= b.counter();
  const std::uint32_t depth = at(a.stream()).depth;
  for (const StreamRow* row = &at(b.stream()); row->depth > depth;) {
    b = row->predecessor;
    row = &at(b.stream());
  }
  return a.stream() == b.stream() && a.counter() <= b.counter();
}

std::optional<WriterId> ScopeStreams::predecessor(const WriterId& writer) const {
  const StreamRow* row = find(writer);
  if (row == nullptr || row->predecessor.none()) return std::nullopt;
  return at(row->predecessor.stream()).writer;
}

std::optional<WriterId> ScopeStreams::find(const std::array<std::uint8_t, 6>& prefix) const {
  std::optional<WriterId> out;
  for (const auto& row : rows_) {
    if (std::memcmp(row->writer.bytes.data(), prefix.data(), prefix.size()) != 0) continue;
    if (out) return std::nullopt;
    out = row->writer;
  }
  return out;
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
