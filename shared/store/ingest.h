#pragma once

#include <map>
#include <set>

#include "shared/store/core.h"
#include "shared/store/fold_batch.h"
#include "shared/store/own_writer.h"

namespace lalanh {

/// Taking in segments of others (`identity.md`, Segments, Rights; `sync.md`, Faults): verifies,
/// keeps, folds. One object for each transaction, which the caller begins and commits; after a
/// rollback the core must forget(). Not thread-safe.
class Ingest {
 public:
  Ingest(StoreCore& core, FoldBatch& batch, OwnWriter& writer)
      : core_(core), batch_(batch), writer_(writer), log_read_(core.log.unfolded()) {}

  /// Verifies one segment and keeps it (or puts it aside). An Error is a fault of the database.
  Result<Taken> take(ByteView bytes);
  /// Takes what lay aside and fits now, folds what can be folded, writes heads. Once, at the end;
  /// the caller then flushes the batch.
  Status finish();
  /// Folds again what waits in these scopes: after the tree has grown.
  Status retry_waiting();
  /// finish() looks at this scope as well: what counts in it may have changed.
  void touch(const ScopeStreams& scope) { touched_.insert(scope.no()); }
  /// Has it read so much that this transaction should end? What is left comes in another one.
  bool full() const { return memory_ + core_.log.unfolded() - log_read_ >= limits::kTakeMemoryMax; }
  /// Somebody holds another continuation of a stream of ours: this machine was copied.
  bool own_forked() const { return own_forked_; }

 private:
  struct Verified {
    ScopeStreams* scope = nullptr;
    std::optional<ScopeStreams> nothing;  ///< `scope` where nothing of it is here yet
    StreamRow* row = nullptr;             ///< null: a new stream, or a new branch
    StreamRow fresh;                      ///< of a new stream or branch
    Certificate certificate;              ///< of a new stream
    Segment segment;                      ///< its events: where `numbered` has none
    /// As read before its turn; of a segment that is not taken it goes with the rest of this.
    std::optional<SegmentReader::Prepared> prepared;
    std::optional<NumberedEvents> numbered;  ///< of `prepared`, as it counts
    std::vector<Hash> hashes;                ///< h after each event of the segment
    std::uint32_t known = 0;                 ///< events at its front that are held already
  };
  Result<Taken> take_from(ByteView bytes, bool from_aside);
  Status verify(ByteView bytes, Verified& v, Taken& taken);
  Status find_stream(Verified& v, Taken& taken, Hash& before);
  Status begin_stream(Verified& v, Taken& taken, Hash& before);
  Result<const StreamRow*> find_predecessor(const Verified& v, Hash& hash);
  Result<Bytes> certificate_of(const Verified& v, const StreamRow& previous);
  Status read(ByteView bytes, const Hash& before, Verified& v, Taken& taken);
  Status check_rights(const Verified& v, const Taken& taken) const;
  Status check_chain(const Hash& before, Verified& v, Taken& taken);
  Status find_branch(Verified& v, Taken& taken, Hash& before);
  Status check_overlap(Verified& v, Taken& taken);
  Result<std::uint32_t> in_common(const Verified& v, const StreamRow& row);
  Status begin_branch(Verified& v, const Taken& taken, const StreamRow& longest,
                      std::uint32_t common);
  Status keep_revokes(const Verified& v);
  Status keep(ByteView bytes, Verified& v, Taken& taken);
  void keep_events(Verified& v);
  /// A row of table aside.
  struct Aside {
    std::int64_t ordinal = 0;
    Hash author{};
  };
  Hash author_of(const ScopeStreams& scope, ByteView bytes) const;
  Result<std::vector<Aside>*> lying_aside(const ScopeStreams& scope);
  Status put_aside(Scope scope, ByteView bytes);
  Status give_up_aside(std::vector<Aside>& rows);
  Status seal_own(const StreamRow& row);
  Status take_aside(ScopeStreams& scope);
  Status fold(ScopeStreams& scope);
  Status unfold(ScopeStreams& scope);
  Status fold_loaded(ScopeStreams& scope, std::vector<PendingStream>& pending);
  Status preload(const ScopeStreams& scope, const std::vector<PendingStream>& pending);
  Result<std::vector<MergeEvent>> next_events(const ScopeStreams& scope, const StreamRow& row);
  Status load_pending(const ScopeStreams& scope, std::vector<PendingStream>& out);
  void keep_rest(PendingStream& stream);

  StoreCore& core_;
  FoldBatch& batch_;
  OwnWriter& writer_;
  bool own_forked_ = false;
  std::uint64_t memory_ = 0;        ///< of all events that were read
  const std::uint64_t log_read_;    ///< what the log had unfolded at the beginning
  std::set<std::int64_t> touched_;  ///< scope numbers
  std::map<std::int64_t, std::vector<Aside>> aside_;  ///< by scope number
  std::uint64_t kept_ = 0;    ///< memory of what waited and was kept in fresh_, ever
  std::uint64_t reread_ = 0;  ///< and of what was let go, to be read again
  /// The first events of a stream that are not folded, where they are in memory: new in this
  /// transaction, so that they are not read back from the log, or read and waiting.
  std::unordered_map<std::uint32_t, std::vector<MergeEvent>> fresh_;
};

/// What the tree does not know yet is "wait", never "no" (`identity.md`, Rights).
enum class Allowed : std::uint8_t { kYes, kNo, kWait };
/// Does the certificate's right and unit allow writing to the scope?
Allowed may_write(const UnitTree& tree, Scope scope, UnitNo unit, std::uint32_t rights);
/// Is each unit of the chain the one before it, or is it or was it ever below it? Nobody certifies
/// for more than his own.
Allowed units_fit(const UnitTree& tree, std::span<const CertificateLink> chain);
/// May what the stream says be folded: both of the above, or it is this database's own. Errors:
/// store.*
Result<bool> admitted(StoreCore& core, const ScopeStreams& scope, const StreamRow& row);

}  // namespace lalanh
