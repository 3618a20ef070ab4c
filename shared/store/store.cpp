#include "shared/store/store.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <set>

#include "shared/store/ingest.h"

namespace lalanh {

struct WriteBatch::Parts {
  Parts(Store& s, Transaction t)
      : store(s),
        transaction(std::move(t)),
        batch(s.core().entities, s.core().projections),
        made(s.core().made()) {}
  Store& store;
  Transaction transaction;
  FoldBatch batch;
  std::uint64_t made;  ///< of the core, at the beginning
  bool begun = false;  ///< an event was added: memory is ahead of the file
  bool done = false;
  std::set<std::int64_t> revoking;  ///< scopes with a revoke of this batch
  Status failure;  ///< the first fault inside an add: what it did in part cannot stay
};

WriteBatch::WriteBatch(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
WriteBatch::WriteBatch(WriteBatch&&) noexcept = default;

WriteBatch::~WriteBatch() {
  if (parts_ == nullptr || parts_->done) return;
  Store& store = parts_->store;
  std::optional<StoreCore::Ahead> ahead;
  if (parts_->begun || store.core().made() != parts_->made) ahead.emplace(store.core());
  parts_.reset();  // rolls back
  // After an exception the next call does it: another one here would end the program.
  if (!ahead || std::uncaught_exceptions() > 0) return;
  ahead.reset();
  (void)store.recover().ok();  // told at the next write where it fails
}

Result<Dot> WriteBatch::add(Scope scope, Event event) {
  TRY(parts_->failure);
  StoreCore& core = *parts_->store.core_;
  TRY_ASSIGN(ScopeStreams * streams, core.scope(scope));
  parts_->begun = true;
  if (revokes(event)) parts_->revoking.insert(streams->no());
  Result<Dot> added = parts_->store.writer_.add(parts_->batch, *streams, std::move(event));
  if (!added.ok() && added.error().domain() == "store") parts_->failure = added.error();
  return added;
}

Result<const EntityState*> WriteBatch::state(Scope scope, const Dot& entity) {
  TRY_ASSIGN(ScopeStreams * streams, parts_->store.core_->known(scope));
  const Ref ref = streams == nullptr ? Ref() : streams->ref(entity);
  if (ref.none()) return static_cast<const EntityState*>(nullptr);
  return parts_->batch.state(*streams, ref);
}

Result<const ScopeStreams*> WriteBatch::streams(Scope scope) {
  TRY_ASSIGN(ScopeStreams * streams, parts_->store.core_->scope(scope));
  return static_cast<const ScopeStreams*>(streams);
}

/// What the batch revokes counts from its commit on.
Status WriteBatch::fold_revoking() {
  Store& store = parts_->store;
  TRY(store.writer_.seal_within());
  FoldBatch batch(store.core_->entities, store.core_->projections);
  Ingest ingest(*store.core_, batch, store.writer_);
  for (const std::int64_t no : parts_->revoking) {
    TRY_ASSIGN(const ScopeStreams* scope, store.core_->scope_by_no(no));
    ingest.touch(*scope);
  }
  TRY(ingest.finish());
  return batch.flush();
}

Status WriteBatch::commit() {
  Store& store = parts_->store;
  const auto run = [&]() -> Status {
    TRY(parts_->failure);
    TRY(parts_->batch.flush());
    if (!parts_->revoking.empty()) TRY(fold_revoking());
    TRY(store.core_->failure());
    return parts_->transaction.commit();
  };
  const Status status = run();
  if (!status.ok()) {
    parts_.reset();  // rolls back what was not undone yet
    (void)store.recover().ok();
    return status;
  }
  parts_->done = true;
  return store.committed();
}

Store::Store(std::unique_ptr<StoreCore> core) : core_(std::move(core)), writer_(*core_) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
  TRY_ASSIGN(std::unique_ptr<StoreCore> core, StoreCore::open(options));
  std::unique_ptr<Store> store(new Store(std::move(core)));
  TRY(store->writer_.start());
  return store;
}

void Store::add_projection(Projection* projection) { core_->projections.push_back(projection); }

Status Store::prepare_projections() {
  for (Projection* projection : core_->projections) {
    const std::string key = "projection:" + std::string(projection->name());
    TRY_ASSIGN(const std::string found, core_->meta_text(key));
    if (found != projection->version()) TRY(rebuild_projection(*projection));
  }
  return {};
}

namespace {

/// An entity as a rebuild shows it: new, with no field in particular.
struct Rebuilt : EntityChange {
  const ScopeStreams* streams = nullptr;
  EntityState state;
  const ScopeStreams& scope() const override { return *streams; }
  Ref ref() const override { return state.create; }
  bool is_new() const override { return true; }
  std::span<const Word> changed() const override { return {}; }
  bool presence_touched() const override { return true; }
  const EntityState& after() const override { return state; }
  bool lasts() const override { return false; }
  const EntityState* before() const override { return nullptr; }
};

}  // namespace

Status Store::in_transaction(const std::function<Status()>& use) {
  TRY(ready());
  const auto run = [&]() -> Status {
    StoreCore::Ahead ahead(*core_);
    TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_->db));
    TRY(use());
    TRY(core_->failure());
    TRY(transaction.commit());
    ahead.keep();
    return {};
  };
  const Status status = run();
  if (!status.ok()) (void)recover().ok();
  return status;
}

Status Store::rebuild_projection(Projection& projection) {
  const Status rebuilt = in_transaction([&]() -> Status {
    TRY(projection.create());
    TRY_ASSIGN(const std::vector<Scope> scopes, core_->all_scopes());
    for (const Scope scope : scopes) {
      TRY_ASSIGN(ScopeStreams * streams, core_->scope(scope));
      TRY(core_->entities.for_each(*streams, [&](const EntityRow& row) -> Status {
        Rebuilt change;
        change.streams = streams;
        TRY_ASSIGN(change.state, row.decode());
        return projection.change(change);
      }));
    }
    TRY(projection.flush());
    return core_->set_meta_text("projection:" + std::string(projection.name()),
                                projection.version());
  });
  TRY(rebuilt);
  projection.committed();
  return {};
}

void Store::set_tree(std::function<const UnitTree&()> tree) { core_->tree = std::move(tree); }

Result<WriteBatch> Store::begin_write() {
  TRY(ready());
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_->db));
  return WriteBatch(std::make_unique<WriteBatch::Parts>(*this, std::move(transaction)));
}

Status Store::recover() {
  recovered_ = false;
  writer_.new_epoch();
  TRY(core_->forget());
  if (const Status sealed = writer_.seal(); !sealed.ok()) {
    (void)core_->forget().ok();  // it moved heads in memory alone
    return sealed;
  }
  recovered_ = true;
  return {};
}

Status Store::readable() {
  if (core_->current()) return {};
  const Status status = recover();
  return core_->current() ? Status() : status;  // what cannot be written can still be read
}

Result<ScopeStreams*> Store::known_scope(Scope scope) {
  TRY(readable());
  return core_->known(scope);
}

Status Store::fold(const std::function<Status(Ingest&)>& use) {
  bool forked = false;
  const Status folded = in_transaction([&]() -> Status {
    FoldBatch batch(core_->entities, core_->projections);
    Ingest ingest(*core_, batch, writer_);
    TRY(use(ingest));
    forked = ingest.own_forked();
    return batch.flush();
  });
  TRY(folded);
  if (forked) writer_.new_epoch();
  return committed();
}

Status Store::tree_changed() {
  TRY_ASSIGN(const std::int64_t waiting,
             core_->db->integer("SELECT EXISTS (SELECT 1 FROM stream WHERE held > folded)"));
  const std::vector<Projection*>& projections = core_->projections;
  const bool wanted =
      waiting != 0 || std::any_of(projections.begin(), projections.end(),
                                  [](Projection* p) { return p->waits_for_tree(); });
  if (!wanted) return {};
  return fold([&](Ingest& ingest) -> Status {
    for (Projection* projection : projections) TRY(projection->tree_grown());
    return ingest.retry_waiting();
  });
}

Status Store::committed() {
  ++core_->version;
  for (Projection* projection : core_->projections) projection->committed();
  return after_commit_();
}

bool Store::prepare(ByteView segment) { return core_->reader.prepare(segment); }

Result<std::vector<Taken>> Store::take_in(std::span<const Bytes> segments) {
  std::vector<Taken> out;
  while (out.size() < segments.size()) {
    TRY_ASSIGN(std::vector<Taken> some, take_some(segments.subspan(out.size())));
    std::move(some.begin(), some.end(), std::back_inserter(out));
  }
  return out;
}

Result<std::vector<Taken>> Store::take_some(std::span<const Bytes> segments) {
  std::vector<Taken> out;
  TRY(fold([&](Ingest& ingest) -> Status {
    while (out.size() < segments.size() && !ingest.full()) {
      TRY_ASSIGN(Taken taken, ingest.take(segments[out.size()]));
      out.push_back(std::move(taken));
    }
    return ingest.finish();
  }));
  return out;
}

Result<std::optional<EntityState>> Store::entity(Scope scope, const Dot& dot) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  if (streams == nullptr || streams->ref(dot).none()) return std::optional<EntityState>();
  TRY_ASSIGN(const std::optional<EntityRow> row, core_->entities.load(*streams, streams->ref(dot)));
  if (!row) return std::optional<EntityState>();
  TRY_ASSIGN(EntityState state, row->decode());
  return std::optional<EntityState>(std::move(state));
}

Result<TimeMs> Store::newest_arrival(Scope scope) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  TimeMs newest(0);
  if (streams == nullptr) return newest;
  for (const auto& row : streams->rows()) {
    TRY_ASSIGN(const TimeMs at, core_->log.newest_arrival(row->no));
    newest = (std::max)(newest, at);
  }
  return newest;
}

Result<bool> Store::has_open_tail() { return writer_.has_tail(); }

Result<std::uint64_t> Store::events_in(Scope scope) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  std::uint64_t out = 0;
  if (streams == nullptr) return out;
  for (const auto& row : streams->rows()) {
    out += (std::max)(row->held, row->own_last) - row->shared;
  }
  return out;
}

}  // namespace lalanh
