#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "shared/event/revocation.h"
#include "shared/event/segment.h"
#include "shared/merge/digest.h"
#include "shared/merge/fold.h"
#include "shared/store/database.h"

namespace lalanh {

/// One row of table stream.
struct StreamRow {
  std::uint32_t no = 0;
  WriterId writer;
  std::int64_t certificate = 0;
  std::array<std::uint8_t, 8> epoch{};
  /// The event before the first of its own: the last of its line, or where a branch parts.
  Ref predecessor;
  std::uint32_t branch = 0;  ///< 0: the first continuation of this writer that came; 1, 2, …
  std::uint32_t shared = 0;  ///< of a branch: the events that it has in common with another row
  std::uint32_t aside = 0;   ///< the first counter that is set aside; 0: none
  Hash start_hash{};
  std::uint32_t held = 0;
  Hash head{};
  std::uint32_t folded = 0;
  std::uint64_t folded_order = 0;
  /// A cause that the event after `folded` lacked when it was last looked at: until it is folded,
  /// nothing of the stream need be read. None: not known.
  Dot waits;
  bool own = false;            ///< begun by this very database
  std::uint32_t own_last = 0;  ///< the last event that it wrote itself, open tail included
  // Not columns: from the certificate, and from the line.
  Author author;
  UnitNo unit;
  std::uint32_t rights = 0;
  Hash key{};
  std::uint32_t depth = 0;            ///< predecessors before it
  StreamRow* next_branch = nullptr;   ///< of the same writer
  const StreamRow* before = nullptr;  ///< of the predecessor
  const StreamRow* jump = nullptr;    ///< further back: any depth in logarithmic steps
};

/// A scope with its streams in memory: what the merge and the segment codec ask about.
/// Rows are changed through Scopes, which writes them.
class ScopeStreams : public Lines, public StreamNames, public FoldedHeads {
 public:
  ScopeStreams(std::int64_t no, Scope scope) : no_(no), scope_(scope) {}

  std::int64_t no() const { return no_; }
  Scope scope() const { return scope_; }
  const std::vector<std::unique_ptr<StreamRow>>& rows() const { return rows_; }
  /// The first row of the writer; its branches follow along next_branch.
  StreamRow* find(const WriterId& writer) const;
  StreamRow& at(std::uint32_t stream) const;
  /// The local name of a dot; none where its stream is not here. Of branches the one that stands.
  Ref ref(const Dot& dot) const;
  Dot dot(Ref ref) const;
  /// Does what the row waits for lie ahead still?
  bool waits(const StreamRow& row) const;
  StreamRow& add(StreamRow row);
  /// The greatest counted order folded here.
  std::uint64_t order_max() const { return order_max_; }
  void raise_order(std::uint64_t order) { order_max_ = (std::max)(order_max_, order); }

  const Author& author(std::uint32_t stream) const override { return at(stream).author; }
  bool at_or_before(Ref a, Ref b) const override;
  std::optional<WriterId> predecessor(const WriterId& writer) const override;
  bool knows(const WriterId& writer) const override { return find(writer) != nullptr; }
  std::uint32_t folded(std::uint32_t stream) const override;
  std::uint64_t order_at(Ref ref) const override;
  bool set_aside(Ref ref) const override;
  bool has_branches() const { return branches_; }
  /// Every op `revoke` that is held here.
  struct Revoke {
    Ref ref;
    Revocation says;
    std::vector<Dot> replaced;
  };
  std::vector<Revoke> revokes;
  /// How order_at is answered for an event that is not the last folded of its stream.
  std::function<std::uint64_t(Ref)> read_order;

  HashSum heads;

 private:
  const StreamRow& back_to(const StreamRow& from, std::uint32_t depth) const;

  std::int64_t no_;
  Scope scope_;
  std::vector<std::unique_ptr<StreamRow>> rows_;
  std::unordered_map<WriterId, StreamRow*> by_writer_;
  std::unordered_map<std::uint32_t, StreamRow*> by_number_;
  mutable StreamRow* last_ = nullptr;  ///< of at(): events come in runs of one stream
  std::uint64_t order_max_ = 0;
  bool branches_ = false;
};

/// What a head adds to its scope's sum (`docs/PROTOCOL.md`, Heads).
Hash head_hash(Scope scope, const WriterId& writer, std::uint32_t counter, const Hash& hash);

}  // namespace lalanh
