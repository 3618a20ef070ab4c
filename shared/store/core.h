#pragma once

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

#include "shared/base/ports.h"
#include "shared/store/entities.h"
#include "shared/store/log.h"
#include "shared/store/projection.h"
#include "shared/store/segment_reader.h"
#include "shared/store/words.h"
#include "shared/units/unit_tree.h"

namespace lalanh {

/// What a running program knows of its own writing, beyond its database. A program that was copied
/// while it ran has it twice (`identity.md`, Two hashes at one counter).
struct OwnMemory {
  std::array<std::uint8_t, 8> epoch{};
  std::int64_t epoch_steady_ms = 0;
  std::int64_t epoch_wall_ms = 0;
  TimeMs newest;       ///< of the events written here
  TimeMs parent_seen;  ///< own clock at the parent's last word
  struct Open {
    Scope scope;
    WriterId writer;
    std::uint32_t last = 0;
    Hash hash{};
  };
  std::vector<Open> open;  ///< streams of this epoch
};

/// What a store is opened with. Pointers are not owned and outlive it.
struct StoreOptions {
  DatabaseOptions database;
  Clock* clock = nullptr;
  Random* random = nullptr;
  const KeyPair* key = nullptr;  ///< of this device
  Certificate certificate;       ///< of this device
  Hash root_key{};
  /// Events after which a stream counts as full. Smaller in tests alone.
  std::uint32_t stream_events_max = limits::kStreamEventsMax;
  /// Called before a database of an older version is brought to this one; may be empty.
  std::function<Status()> before_upgrade = {};
  /// Goes on as the copy of a running program, in its epoch. For the simulator alone.
  std::optional<OwnMemory> memory = {};
};

/// The parts that the roles of a store share: tables, scopes in memory, certificates, keys.
/// Scopes in memory follow the open transaction; after a rollback, forget(). Not thread-safe.
class StoreCore {
 public:
  /// Around a transaction that brings memory ahead of the file: unless it is kept, whichever way it
  /// is left, by an error or an exception, nothing in memory is given out before forget().
  class Ahead {
   public:
    explicit Ahead(StoreCore& core) : core_(core) {}
    ~Ahead() { core_.current_ = core_.current_ && kept_; }
    Ahead(const Ahead&) = delete;
    Ahead& operator=(const Ahead&) = delete;
    /// The transaction is committed.
    void keep() { kept_ = true; }

   private:
    StoreCore& core_;
    bool kept_ = false;
  };

  static Result<std::unique_ptr<StoreCore>> open(const StoreOptions& options);

  /// The scope in memory, read on first use; made, with its row, where it is not there.
  Result<ScopeStreams*> scope(Scope scope);
  Result<ScopeStreams*> scope_by_no(std::int64_t no);
  /// The same, but nullptr where there is nothing of it: changes nothing.
  Result<ScopeStreams*> known(Scope scope);
  Result<std::vector<Scope>> all_scopes();
  /// The sum over the scope's sealed heads, without reading its streams; zero for an unknown one.
  Result<Hash> heads(Scope scope);

  Result<StreamRow*> insert_stream(ScopeStreams& scope, StreamRow row);
  Status update_stream(const StreamRow& row);
  /// Moves the stream's sealed head, in the row and in the scope's sum (written by save_heads).
  void move_head(ScopeStreams& scope, StreamRow& row, std::uint32_t held, const Hash& head);
  Status save_heads(ScopeStreams& scope);
  /// An event with an op `revoke` is held from here on.
  Status keep_revoke(ScopeStreams& scope, Ref ref, const Event& event);
  /// Was the key revoked in a reference channel that is held here, by a higher rank than its own?
  Result<bool> revoked(const Hash& key, Rank rank);
  /// The first counter that is set aside of each row, in their order; 0: none (`set_aside.h`).
  Result<std::vector<std::uint32_t>> set_aside(const ScopeStreams& scope);
  /// Brings the rows up to that; where one changes, all look again for what they wait for. True:
  /// for what is held here that is new, and the scope is to be folded anew.
  Result<bool> update_aside(ScopeStreams& scope);
  /// Of no stream in the scope it is known any more what it waits for.
  Status look_again(ScopeStreams& scope);
  /// Tells the reader where the stream's next segment goes on.
  Status teach_reader(const StreamRow& row);

  Result<const Certificate*> certificate(std::int64_t no);
  Result<const Certificate*> find_certificate(const CertificateId& id);
  /// Its number; kept where it is new.
  Result<std::int64_t> keep_certificate(const Certificate& certificate);

  Result<std::int64_t> meta(std::string_view key, std::int64_t otherwise);
  Result<std::string> meta_text(std::string_view key);
  Status set_meta(std::string_view key, std::int64_t value);
  Status set_meta_text(std::string_view key, std::string_view value);

  /// Raised whenever memory gains what a rollback would take from the file.
  std::uint64_t made() const { return made_ + words.size(); }
  /// The first fault that a look-up without a Result met; asked before a commit.
  Status failure() const { return words.failure().ok() ? failure_ : words.failure(); }
  /// Drops what is in memory: after a rollback.
  Status forget();
  /// Is what is in memory what the file says? Where not, whatever reads it is system.internal.
  bool current() const { return current_; }

  const StoreOptions options;
  std::unique_ptr<Database> db;
  StoredWords words;
  EntityTable entities;
  Log log;
  SegmentReader reader;
  std::vector<Projection*> projections;
  /// The tree of today's knowledge; set by whoever keeps it. Empty until then.
  std::function<const UnitTree&()> tree;
  std::uint64_t version = 0;  ///< raised by each commit

 private:
  StoreCore(const StoreOptions& o, std::unique_ptr<Database> d, EntityTable e, Log l)
      : options(o),
        db(std::move(d)),
        words(*db),
        entities(std::move(e)),
        log(std::move(l)),
        reader(o.root_key, words) {}
  Status expect_current() const;
  ScopeStreams* adopt(std::unique_ptr<ScopeStreams> scope);
  Status load_streams(ScopeStreams& scope);
  Status load_revokes(ScopeStreams& scope);
  Result<Ref> standing_tip(const ScopeStreams& scope, const StandingTip& tip);
  Result<ScopeStreams*> load_scope(Statement& row);
  Status describe(StreamRow& row);

  std::unordered_map<Scope, std::unique_ptr<ScopeStreams>> scopes_;
  std::map<std::int64_t, ScopeStreams*> by_no_;
  std::map<std::int64_t, Certificate> certificates_;
  Statement update_stream_, scope_number_, update_heads_;
  std::uint64_t made_ = 0;
  bool current_ = true;
  Status failure_;
};

}  // namespace lalanh
