#include "shared/store/store.h"

#include <algorithm>

#include "shared/store/ingest.h"

namespace lalanh {

struct WriteBatch::Parts {
  Parts(Store& s, Transaction t)
      : store(s), transaction(std::move(t)), batch(s.core().entities, s.core().projections) {}
  Store& store;
  Transaction transaction;
  FoldBatch batch;
  bool begun = false;   ///< an event was added: memory is ahead of the file
  bool done = false;
};

WriteBatch::WriteBatch(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
WriteBatch::WriteBatch(WriteBatch&&) noexcept = default;

WriteBatch::~WriteBatch() {
  if (parts_ == nullptr || parts_->done || !parts_->begun) return;
  Store& store = parts_->store;
  parts_.reset();  // rolls back
  (void)store.recover().ok();  // a database that cannot be read tells so at the next call
}

Result<Dot> WriteBatch::add(Scope scope, Event event) {
  parts_->begun = true;
  StoreCore& core = *parts_->store.core_;
  TRY_ASSIGN(ScopeStreams * streams, core.scope(scope));
  return parts_->store.writer_.add(parts_->batch, *streams, std::move(event));
}

Result<const EntityState*> WriteBatch::state(Scope scope, const Dot& entity) {
  TRY_ASSIGN(ScopeStreams * streams, parts_->store.core_->scope(scope));
  const Ref ref = streams->ref(entity);
  if (ref.none()) return static_cast<const EntityState*>(nullptr);
  return parts_->batch.state(*streams, ref);
}

Result<const ScopeStreams*> WriteBatch::streams(Scope scope) {
  TRY_ASSIGN(ScopeStreams * streams, parts_->store.core_->scope(scope));
  return static_cast<const ScopeStreams*>(streams);
}

Status WriteBatch::commit() {
  Store& store = parts_->store;
  const auto run = [&]() -> Status {
    TRY(parts_->batch.flush());
    TRY(store.core_->words.failure());
    return parts_->transaction.commit();
  };
  const Status status = run();
  if (!status.ok()) return status;  // undone by the destructor
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
  Result<const EntityState*> before() const override {
    return static_cast<const EntityState*>(nullptr);
  }
};

}  // namespace

Status Store::rebuild_projection(Projection& projection) {
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_->db));
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
  TRY(core_->set_meta_text("projection:" + std::string(projection.name()), projection.version()));
  TRY(core_->words.failure());
  TRY(transaction.commit());
  projection.committed();
  return {};
}

void Store::set_tree(std::function<const UnitTree&()> tree) { core_->tree = std::move(tree); }

Result<WriteBatch> Store::begin_write() {
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_->db));
  return WriteBatch(std::make_unique<WriteBatch::Parts>(*this, std::move(transaction)));
}

Status Store::recover() {
  writer_.new_epoch();
  return core_->forget();
}

Result<ScopeStreams*> Store::known_scope(Scope scope) {
  TRY_ASSIGN(const bool known, core_->knows(scope));
  if (!known) return static_cast<ScopeStreams*>(nullptr);
  return core_->scope(scope);
}

Status Store::tree_changed() {
  TRY_ASSIGN(const std::int64_t waiting,
             core_->db->integer("SELECT EXISTS (SELECT 1 FROM stream WHERE held > folded)"));
  if (waiting == 0) return {};
  const auto run = [&]() -> Status {
    TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_->db));
    FoldBatch batch(core_->entities, core_->projections);
    Ingest ingest(*core_, batch);
    TRY(ingest.retry_waiting());
    TRY(batch.flush());
    return transaction.commit();
  };
  const Status status = run();
  if (!status.ok()) {
    (void)recover().ok();
    return status;
  }
  return committed();
}

Status Store::committed() {
  ++core_->version;
  for (Projection* projection : core_->projections) projection->committed();
  return after_commit_();
}

Result<std::vector<Taken>> Store::take_in(std::span<const Bytes> segments) {
  std::vector<Taken> out;
  const auto run = [&]() -> Status {
    TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_->db));
    FoldBatch batch(core_->entities, core_->projections);
    Ingest ingest(*core_, batch);
    for (const Bytes& segment : segments) {
      TRY_ASSIGN(Taken taken, ingest.take(segment));
      out.push_back(std::move(taken));
    }
    TRY(ingest.finish());
    TRY(batch.flush());
    return transaction.commit();
  };
  const Status status = run();
  if (!status.ok()) {
    (void)recover().ok();
    return status.error();
  }
  TRY(committed());
  for (const Taken& taken : out) {
    // A peer that holds another continuation of our own stream: this machine was copied.
    if (taken.reason && taken.reason->code == ErrorCode::format_fork) writer_.new_epoch();
  }
  return out;
}

Result<std::optional<EntityState>> Store::entity(Scope scope, const Dot& dot) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  if (streams == nullptr || streams->ref(dot).none()) return std::optional<EntityState>();
  TRY_ASSIGN(const std::optional<EntityRow> row,
             core_->entities.load(*streams, streams->ref(dot)));
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

Result<std::uint64_t> Store::unsent_events() {
  TRY_ASSIGN(const std::int64_t sealed,
             core_->db->integer("SELECT ifnull(sum(s.held - ifnull(r.counter, 0)), 0) FROM stream s"
                                " LEFT JOIN receipt r ON r.stream = s.no WHERE s.own > 0"));
  TRY_ASSIGN(const std::int64_t open, core_->db->integer("SELECT count(*) FROM tail"));
  return static_cast<std::uint64_t>(sealed + open);
}

Result<bool> Store::has_open_tail() { return writer_.has_tail(); }

Result<std::uint64_t> Store::events_in(Scope scope) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  std::uint64_t out = 0;
  if (streams == nullptr) return out;
  for (const auto& row : streams->rows()) out += (std::max)(row->held, row->own_last);
  return out;
}

}  // namespace lalanh
