#include "shared/store/core.h"

#include "shared/store/schema.h"

namespace lalanh {
namespace {

template <std::size_t N>
bool copy_exact(ByteView from, std::array<std::uint8_t, N>& to) {
  if (from.size() != N) return false;
  std::copy(from.begin(), from.end(), to.begin());
  return true;
}

/// Column `waits` of table stream.
Bytes waits_bytes(const Dot& waits) {
  Bytes out;
  cbor::Writer writer(out);
  if (!waits.none()) write(writer, waits);
  return out;
}

bool read_waits(ByteView from, Dot& to) {
  if (from.empty()) return true;
  cbor::Reader in(from);
  to = read_dot(in);
  return in.ok() && in.at_end();
}

}  // namespace

Result<std::unique_ptr<StoreCore>> StoreCore::open(const StoreOptions& options) {
  TRY_ASSIGN(std::unique_ptr<Database> db, Database::open(options.database));
  TRY(migrate(*db, options.before_upgrade));
  TRY_ASSIGN(EntityTable entities, EntityTable::open(*db));
  TRY_ASSIGN(Log log, Log::open(*db));
  std::unique_ptr<StoreCore> core(
      new StoreCore(options, std::move(db), std::move(entities), std::move(log)));
  TRY(core->words.reload());
  TRY_ASSIGN(core->update_stream_,
             core->db->prepare("UPDATE stream SET held=?, head=?, folded=?, folded_order=?, own=?,"
                               " aside=?, waits=? WHERE no=?"));
  TRY_ASSIGN(core->scope_number_, core->db->prepare("SELECT no, unit, channel, heads FROM scope"
                                                    " WHERE unit=? AND channel=?"));
  TRY_ASSIGN(core->update_heads_, core->db->prepare("UPDATE scope SET heads=? WHERE no=?"));
  core->tree = []() -> const UnitTree& {
    static const UnitTree kEmpty;
    return kEmpty;
  };
  return core;
}

Status StoreCore::expect_current() const {
  if (current_) return {};
  return Error{ErrorCode::system_internal, {{"why", "a transaction was cut short"}}};
}

Result<ScopeStreams*> StoreCore::known(Scope scope) {
  TRY(expect_current());
  if (const auto at = scopes_.find(scope); at != scopes_.end()) return at->second.get();
  const ResetAtEnd reset(scope_number_);
  scope_number_.reset().bind(1, scope.unit.value).bind(2, static_cast<std::int64_t>(scope.channel));
  TRY_ASSIGN(const bool found, scope_number_.step());
  if (!found) return static_cast<ScopeStreams*>(nullptr);
  return load_scope(scope_number_);
}

Result<std::vector<Scope>> StoreCore::all_scopes() {
  TRY_ASSIGN(Statement select,
             db->prepare("SELECT unit, channel FROM scope ORDER BY channel DESC, unit"));
  std::vector<Scope> out;
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    out.push_back({UnitNo(static_cast<std::uint32_t>(select.integer(0))),
                   static_cast<Channel>(select.integer(1))});
  }
}

Result<Hash> StoreCore::heads(Scope scope) {
  TRY(expect_current());
  if (const auto at = scopes_.find(scope); at != scopes_.end()) return at->second->heads.bytes();
  TRY_ASSIGN(Statement select, db->prepare("SELECT heads FROM scope WHERE unit=? AND channel=?"));
  select.bind(1, scope.unit.value).bind(2, static_cast<std::int64_t>(scope.channel));
  TRY_ASSIGN(const bool found, select.step());
  Hash out{};
  if (found && !copy_exact(select.blob(0), out)) {
    return Error{ErrorCode::store_corrupt, {{"path", db->path()}, {"why", "heads of a scope"}}};
  }
  return out;
}

Result<ScopeStreams*> StoreCore::scope(Scope scope) {
  TRY_ASSIGN(ScopeStreams * there, known(scope));
  if (there != nullptr) return there;
  TRY_ASSIGN(Statement insert,
             db->prepare("INSERT INTO scope (unit, channel, heads) VALUES (?, ?, ?)"));
  const Hash none{};
  insert.bind(1, scope.unit.value).bind(2, static_cast<std::int64_t>(scope.channel)).bind(3, none);
  TRY(insert.run());
  ++made_;
  return adopt(std::make_unique<ScopeStreams>(db->last_row_id(), scope));
}

/// Keeps a scope in memory; from here on its address holds until forget().
ScopeStreams* StoreCore::adopt(std::unique_ptr<ScopeStreams> scope) {
  Ahead ahead(*this);  // both names of it, or neither
  ScopeStreams* out = scope.get();
  by_no_[out->no()] = out;
  out->read_order = [this, out](Ref ref) {
    const Result<std::uint64_t> order = log.counted_order_at(*out, ref);
    if (order.ok()) return *order;
    if (failure_.ok()) failure_ = order.error();
    return std::uint64_t{0};
  };
  scopes_[out->scope()] = std::move(scope);
  ahead.keep();
  return out;
}

Result<ScopeStreams*> StoreCore::scope_by_no(std::int64_t no) {
  TRY(expect_current());
  if (const auto at = by_no_.find(no); at != by_no_.end()) return at->second;
  TRY_ASSIGN(Statement select,
             db->prepare("SELECT no, unit, channel, heads FROM scope WHERE no=?"));
  select.bind(1, no);
  TRY_ASSIGN(const bool found, select.step());
  if (!found) return Error{ErrorCode::store_corrupt, {{"path", db->path()}, {"why", "scope"}}};
  return load_scope(select);
}

Result<ScopeStreams*> StoreCore::load_scope(Statement& row) {
  const Scope scope{UnitNo(static_cast<std::uint32_t>(row.integer(1))),
                    static_cast<Channel>(row.integer(2))};
  auto made = std::make_unique<ScopeStreams>(row.integer(0), scope);
  Hash heads{};
  if (!copy_exact(row.blob(3), heads)) {
    return Error{ErrorCode::store_corrupt, {{"path", db->path()}, {"why", "heads of a scope"}}};
  }
  made->heads = HashSum(heads);
  TRY(load_streams(*made));
  TRY(load_revokes(*made));
  return adopt(std::move(made));
}

Status StoreCore::load_streams(ScopeStreams& scope) {
  TRY_ASSIGN(
      Statement select,
      db->prepare("SELECT no, writer, certificate, epoch, predecessor, start_hash, held,"
                  " head, folded, folded_order, own, branch, shared, aside, waits FROM stream"
                  " WHERE scope=? ORDER BY no"));
  select.bind(1, scope.no());
  for (;;) {
    TRY_ASSIGN(const bool found, select.step());
    if (!found) return {};
    StreamRow row;
    row.no = static_cast<std::uint32_t>(select.integer(0));
    row.certificate = select.integer(2);
    row.predecessor = Ref(static_cast<std::uint64_t>(select.integer(4)));
    row.held = static_cast<std::uint32_t>(select.integer(6));
    row.folded = static_cast<std::uint32_t>(select.integer(8));
    row.folded_order = static_cast<std::uint64_t>(select.integer(9));
    row.own_last = static_cast<std::uint32_t>(select.integer(10));
    row.own = row.own_last > 0;
    row.branch = static_cast<std::uint32_t>(select.integer(11));
    row.shared = static_cast<std::uint32_t>(select.integer(12));
    row.aside = static_cast<std::uint32_t>(select.integer(13));
    if (!copy_exact(select.blob(1), row.writer.bytes) || !copy_exact(select.blob(3), row.epoch) ||
        !copy_exact(select.blob(5), row.start_hash) || !copy_exact(select.blob(7), row.head) ||
        !read_waits(select.blob(14), row.waits)) {
      return Error{ErrorCode::store_corrupt, {{"path", db->path()}, {"why", "table stream"}}};
    }
    TRY(describe(row));
    TRY(teach_reader(row));
    scope.add(std::move(row));
  }
}

Status StoreCore::describe(StreamRow& row) {
  TRY_ASSIGN(const Certificate* certificate, this->certificate(row.certificate));
  const CertificateLink& device = certificate->device();
  row.author = {row.writer, device.device, device.rank};
  row.unit = device.unit;
  row.rights = device.rights;
  row.key = device.key;
  return {};
}

Result<StreamRow*> StoreCore::insert_stream(ScopeStreams& scope, StreamRow row) {
  TRY(describe(row));
  TRY_ASSIGN(
      Statement insert,
      db->prepare("INSERT INTO stream (scope, writer, certificate, epoch, predecessor,"
                  " start_hash, held, head, folded, folded_order, own, branch, shared, aside)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  insert.bind(1, scope.no()).bind(2, row.writer.bytes).bind(3, row.certificate);
  insert.bind(4, row.epoch).bind(5, static_cast<std::int64_t>(row.predecessor.packed));
  insert.bind(6, row.start_hash).bind(7, row.held).bind(8, row.head).bind(9, row.folded);
  insert.bind(10, static_cast<std::int64_t>(row.folded_order)).bind(11, row.own_last);
  insert.bind(12, row.branch).bind(13, row.shared).bind(14, row.aside);
  TRY(insert.run());
  ++made_;
  const std::int64_t no = db->last_row_id();
  if (no > limits::kStreamNoMax) return Error{ErrorCode::store_full, {{"path", db->path()}}};
  row.no = static_cast<std::uint32_t>(no);
  return &scope.add(std::move(row));
}

Status StoreCore::update_stream(const StreamRow& row) {
  update_stream_.reset().bind(1, row.held).bind(2, row.head).bind(3, row.folded);
  update_stream_.bind(4, static_cast<std::int64_t>(row.folded_order)).bind(5, row.own_last);
  const Bytes waits = waits_bytes(row.waits);
  update_stream_.bind(6, row.aside).bind(7, waits).bind(8, row.no);
  return update_stream_.run();
}

void StoreCore::move_head(ScopeStreams& scope, StreamRow& row, std::uint32_t held,
                          const Hash& head) {
  if (row.held > 0) {
    scope.heads.subtract(head_hash(scope.scope(), row.writer, row.held, row.head));
  }
  row.held = held;
  row.head = head;
  scope.heads.add(head_hash(scope.scope(), row.writer, held, head));
}

Status StoreCore::save_heads(ScopeStreams& scope) {
  const Hash heads = scope.heads.bytes();
  update_heads_.reset().bind(1, heads).bind(2, scope.no());
  return update_heads_.run();
}

Status StoreCore::teach_reader(const StreamRow& row) {
  if (row.own || row.held == 0) return {};  // nobody sends us what is our own
  TRY_ASSIGN(const Certificate* certificate, this->certificate(row.certificate));
  reader.learn(row.writer, {row.held, row.head, row.key, certificate->bytes});
  return {};
}

Result<const Certificate*> StoreCore::certificate(std::int64_t no) {
  TRY(expect_current());
  if (const auto at = certificates_.find(no); at != certificates_.end()) {
    return static_cast<const Certificate*>(&at->second);
  }
  TRY_ASSIGN(Statement select, db->prepare("SELECT bytes FROM certificate WHERE no=?"));
  select.bind(1, no);
  TRY_ASSIGN(const bool found, select.step());
  if (!found) {
    return Error{ErrorCode::store_corrupt, {{"path", db->path()}, {"why", "certificate"}}};
  }
  TRY_ASSIGN(Certificate read, read_certificate(select.blob(0), options.root_key));
  return static_cast<const Certificate*>(&(certificates_[no] = std::move(read)));
}

Result<const Certificate*> StoreCore::find_certificate(const CertificateId& id) {
  TRY_ASSIGN(Statement select, db->prepare("SELECT no FROM certificate WHERE id=?"));
  select.bind(1, id);
  TRY_ASSIGN(const bool found, select.step());
  if (!found) return static_cast<const Certificate*>(nullptr);
  return certificate(select.integer(0));
}

Result<std::int64_t> StoreCore::keep_certificate(const Certificate& certificate) {
  TRY_ASSIGN(Statement select, db->prepare("SELECT no FROM certificate WHERE id=?"));
  select.bind(1, certificate.id);
  TRY_ASSIGN(const bool found, select.step());
  if (found) return select.integer(0);
  TRY_ASSIGN(Statement insert, db->prepare("INSERT INTO certificate (id, bytes) VALUES (?, ?)"));
  insert.bind(1, certificate.id).bind(2, certificate.bytes);
  TRY(insert.run());
  ++made_;
  const std::int64_t no = db->last_row_id();
  certificates_[no] = certificate;
  return no;
}

Result<std::int64_t> StoreCore::meta(std::string_view key, std::int64_t otherwise) {
  TRY_ASSIGN(Statement select, db->prepare("SELECT value FROM meta WHERE key=?"));
  select.bind_text(1, key);
  TRY_ASSIGN(const bool found, select.step());
  return found ? select.integer(0) : otherwise;
}

Result<std::string> StoreCore::meta_text(std::string_view key) {
  TRY_ASSIGN(Statement select, db->prepare("SELECT value FROM meta WHERE key=?"));
  select.bind_text(1, key);
  TRY_ASSIGN(const bool found, select.step());
  return found ? std::string(select.text(0)) : std::string();
}

Status StoreCore::set_meta(std::string_view key, std::int64_t value) {
  TRY_ASSIGN(Statement upsert, db->prepare("INSERT INTO meta (key, value) VALUES (?1, ?2)"
                                           " ON CONFLICT (key) DO UPDATE SET value=?2"));
  upsert.bind_text(1, key).bind(2, value);
  return upsert.run();
}

Status StoreCore::set_meta_text(std::string_view key, std::string_view value) {
  TRY_ASSIGN(Statement upsert, db->prepare("INSERT INTO meta (key, value) VALUES (?1, ?2)"
                                           " ON CONFLICT (key) DO UPDATE SET value=?2"));
  upsert.bind_text(1, key).bind_text(2, value);
  return upsert.run();
}

Status StoreCore::forget() {
  current_ = false;
  scopes_.clear();
  by_no_.clear();
  certificates_.clear();
  failure_ = {};
  entities.forget();
  log.forget();
  for (Projection* projection : projections) projection->rolled_back();
  TRY(words.reload());
  current_ = true;
  return {};
}

}  // namespace lalanh
