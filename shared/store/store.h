#pragma once

#include <memory>
#include <optional>

#include "shared/store/core.h"
#include "shared/store/fold_batch.h"
#include "shared/store/own_writer.h"
#include "shared/store/sync_store.h"

namespace lalanh {

class Store;

/// One transaction of this device's own events: all of them durable at commit, or none.
/// Lives shorter than its store; one at a time. Dropped without commit, nothing was written.
class WriteBatch {
 public:
  WriteBatch(WriteBatch&&) noexcept;
  ~WriteBatch();

  /// Adds an event of the scope (`time`, `grade` and `order` are filled in); its dot. Names in it
  /// must be events that are folded here (of this batch too).
  Result<Dot> add(Scope scope, Event event);
  /// An entity as it stands in this batch; nullptr where it is not there. Valid until the next
  /// call.
  Result<const EntityState*> state(Scope scope, const Dot& entity);
  Result<const ScopeStreams*> streams(Scope scope);
  /// Durable on success. On failure nothing was written, and the store draws a new epoch.
  Status commit();

 private:
  friend class Store;
  struct Parts;
  explicit WriteBatch(std::unique_ptr<Parts> parts);
  Status fold_revoking();
  std::unique_ptr<Parts> parts_;
};

/// What the log says of one event, for history and logs.
struct LoggedEvent {
  Scope scope;
  Dot dot;
  DeviceNo device;
  UnitNo device_unit;
  Event event;
  bool folded = true;
  bool set_aside = false;  ///< does not count: forked, or revoked
};

/// How far events have come that this device is to send.
struct SentTo {
  Rank rank;                 ///< of the tier
  std::uint64_t unsent = 0;  ///< of them it is not known to hold
  TimeMs time;               ///< of its newest word, by its clock; 0: none
};

/// What verify found.
struct ScopeDigest {
  Scope scope;
  std::uint64_t events = 0;
  Hash digest{};
};

struct VerifyReport {
  std::uint64_t scopes = 0;
  std::uint64_t streams = 0;
  std::uint64_t segments = 0;
  std::uint64_t events = 0;
  std::uint64_t entities = 0;
  Hash digest{};                         ///< of the whole state, folded anew from the log
  std::vector<ScopeDigest> by_scope;     ///< the same, scope by scope
  std::vector<std::string> differences;  ///< in words; empty: all is well
};

/// One database: log, state, projections (`sync.md`, How it lies in the database). Not thread-safe:
/// its node guards it. Errors are store.* unless named.
class Store : public SyncStore {
 public:
  /// Opens (or, with options.database.create, makes) a database; seals what an earlier run left,
  /// draws a new epoch. The options' pointers outlive the store.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options);
  ~Store() override;

  /// Adds a projection (not owned; before prepare).
  void add_projection(Projection* projection);
  /// Rebuilds those whose version has changed. Once, after the last add_projection.
  Status prepare_projections();
  Status rebuild_projection(Projection& projection);
  /// How the tree of today's knowledge is read.
  void set_tree(std::function<const UnitTree&()> tree);
  /// Called after each durable change of the log, outside of any transaction: for what follows the
  /// state in memory (the tree). Its failure is that of the call that changed the log.
  void set_after_commit(std::function<Status()> hook) { after_commit_ = std::move(hook); }
  /// For StoreOptions::memory.
  OwnMemory memory() const { return writer_.memory(); }
  /// A new epoch from the next event on: an import is one.
  void new_epoch() { writer_.new_epoch(); }
  /// The tree has grown: what waited for it is folded.
  Status tree_changed();

  Result<WriteBatch> begin_write();

  /// Where an exception cut a transaction short, memory follows the file again. Asked first by each
  /// call from outside, for the parts of the core are read without it.
  Status readable();

  // --- reading ---------------------------------------------------------------------------
  StoreCore& core() { return *core_; }
  /// Raised by each commit: for caches.
  std::uint64_t version() const { return core_->version; }
  Result<std::optional<EntityState>> entity(Scope scope, const Dot& dot);
  /// The digest of a scope's state, computed from the state rows (`sync.md`, invariant 1).
  Result<Hash> state_digest(Scope scope);
  /// Of all scopes here.
  Result<Hash> state_digest();
  /// Events of the scope, newest arrival last: of one entity where `entity` names one. The open
  /// tail is among them. `limit`: the last so many.
  Result<std::vector<LoggedEvent>> history(Scope scope, const Dot& entity, std::size_t limit);
  /// Recomputes chains, signatures, state and digest from the log and compares; changes nothing.
  Result<VerifyReport> verify();
  /// Newest arrival (or own save) in the scope, by this machine's clock; 0 for none.
  Result<TimeMs> newest_arrival(Scope scope);
  /// Events that the parent has not receipted: own ones, sealed or in the open tail, and at a
  /// server those of the devices at and below its unit.
  Result<std::uint64_t> unsent_events();
  /// The same by tier, the parent first.
  Result<std::vector<SentTo>> sent_to();
  Result<bool> has_open_tail();
  Result<std::uint64_t> events_in(Scope scope);

  /// From here on compared() is false until heads are compared.
  void expect_comparison() { compared_ = false; }

  // --- SyncStore -------------------------------------------------------------------------
  bool compared() const override { return compared_; }
  Status note_compared() override;
  bool revoked(const CertificateLink& device) override;
  Result<std::uint64_t> above_version() override;
  Result<std::uint64_t> above_seen() override;
  Status note_above_seen(std::uint64_t version) override;
  Result<std::vector<HeldAbove>> held_above(Scope scope, const Point& point) override;
  Status keep_above(Scope scope, const Point& tip, std::span<const KeptAbove> said) override;
  const Certificate& own_certificate() const override;
  const Hash& root_key() const override;
  std::optional<Certificate> known_certificate(const CertificateId& id) override;
  bool units_fit(const Certificate& certificate) override;
  Result<bool> met(const Certificate& certificate) override;
  Status note_met(const Certificate& certificate) override;
  Result<std::vector<Scope>> readable_scopes(UnitNo unit) override;
  Status seal() override;
  Result<HeadsDigest> heads_digest(Scope scope) override;
  Result<std::vector<Point>> tips(Scope scope) override;
  Result<std::vector<Point>> back_points(Scope scope, bool deep) override;
  Result<bool> holds(Scope scope, const Point& point) override;
  std::uint64_t log_read() const override { return core_->log.unfolded(); }
  Result<std::vector<Point>> unreceipted(Scope scope) override;
  Result<bool> all_receipted(Scope scope) override;
  Result<std::vector<SegmentRef>> missing(Scope scope, std::span<const Point> known) override;
  Result<Bytes> segment_bytes(std::int64_t ordinal) override;
  bool prepare(ByteView segment) override;
  Result<std::vector<Taken>> take_in(std::span<const Bytes> segments) override;
  Result<std::vector<Taken>> take_some(std::span<const Bytes> segments) override;
  Result<std::uint64_t> waiting_events() override;
  Result<std::vector<Scope>> left_scopes(UnitNo unit, TimeMs parent_time) override;
  Result<bool> may_hand_over(Scope scope, UnitNo unit) override;
  Result<std::vector<Partial>> partials(DeviceNo from) override;
  Result<Bytes> partial_bytes(DeviceNo from, const std::array<std::uint8_t, 16>& digest) override;
  Status keep_partial(DeviceNo from, const std::array<std::uint8_t, 16>& digest,
                      ByteView bytes) override;
  Status drop_partial(DeviceNo from, const std::array<std::uint8_t, 16>& digest) override;
  Status keep_receipt(std::span<const ReceiptPoint> points, TimeMs parent_time,
                      ByteView signed_bytes) override;
  Status take_back_receipts(Scope scope, std::span<const Point> held) override;
  Status note_contact(DeviceNo device, UnitNo unit, TimeMs now) override;
  Status note_parent_time(TimeMs parent_time) override;

 private:
  friend class WriteBatch;
  explicit Store(std::unique_ptr<StoreCore> core);
  /// After a failed transaction: memory follows the file, no name is used twice, and what an
  /// earlier epoch left open is sealed. Where that fails too, the next write tries again.
  Status recover();
  Status ready() { return recovered_ && core_->current() ? Status() : recover(); }
  /// One transaction that brings memory along; where it fails, both are as before.
  Status in_transaction(const std::function<Status()>& use);
  /// One transaction that folds.
  Status fold(const std::function<Status(class Ingest&)>& use);
  Result<ScopeStreams*> known_scope(Scope scope);  ///< nullptr: not here
  Result<Ref> held_at(const ScopeStreams& streams, const Point& point);

  Status above_changed();
  Result<SentTo> sent_to(Rank rank, bool parent);
  /// Inside a transaction: of the line that ends at `top` the tier holds all up to `end`.
  Result<bool> move_above(const ScopeStreams& streams, Ref top, Ref end, const KeptAbove& tier);
  /// Memory follows what is durable now.
  Status committed();

  std::unique_ptr<StoreCore> core_;
  OwnWriter writer_;
  bool recovered_ = true;
  bool compared_ = true;
  std::function<Status()> after_commit_ = [] { return Status(); };
};

}  // namespace lalanh
