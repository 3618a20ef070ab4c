#include "shared/store/database.h"

#include <utility>

#include <sqlite3.h>

namespace lalanh {
namespace {

constexpr int kApplicationId = 0x4C614C61;  // "LaLa"
constexpr int kBusyMs = 5'000;

ByteView view_of(const void* data, int size) {
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

constexpr const char* kAegis = "aegis";
constexpr const char* kChacha20 = "chacha20";

/// `set`: sqlite3_key or sqlite3_rekey.
Status set_key(sqlite3* db, const std::string& path, const Bytes& key, const std::string& name,
               int (*set)(sqlite3*, const void*, int)) {
  CHECK(key.size() == 32);
  const int cipher = sqlite3mc_cipher_index(name.c_str());
  if (cipher <= 0 || sqlite3mc_config(db, "cipher", cipher) != cipher) {
    return Error{ErrorCode::store_cannot_open, {{"path", path}, {"why", "cipher " + name}}};
  }
  // The raw form: the key is random, so deriving it again costs 20 ms for nothing.
  const std::string raw = "raw:" + to_hex(key);
  const int code = set(db, raw.data(), static_cast<int>(raw.size()));
  if (code != SQLITE_OK) return sqlite_error(db, code, path);
  return {};
}

}  // namespace

Error sqlite_error(sqlite3* db, int code, const std::string& path) {
  const std::string why = db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db);
  switch (code & 0xff) {
    case SQLITE_FULL: return {ErrorCode::store_full, {{"path", path}}};
    case SQLITE_READONLY: return {ErrorCode::store_read_only, {{"path", path}}};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {ErrorCode::store_busy, {{"path", path}}};
    case SQLITE_CORRUPT: return {ErrorCode::store_corrupt, {{"path", path}, {"why", why}}};
    case SQLITE_NOTADB: return {ErrorCode::store_wrong_key, {{"path", path}}};
    case SQLITE_CANTOPEN: return {ErrorCode::store_cannot_open, {{"path", path}, {"why", why}}};
    case SQLITE_IOERR: return {ErrorCode::store_io, {{"path", path}, {"why", why}}};
    default: return {ErrorCode::store_sql, {{"path", path}, {"why", why}}};
  }
}

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::reset() {
  CHECK(statement_ != nullptr);
  sqlite3_reset(statement_);  // its code is that of the last step, told there
  return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
  CHECK(sqlite3_bind_int64(statement_, index, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int index, ByteView value) {
  // An empty view may have a null pointer, which would bind NULL.
  const void* data = value.empty() ? "" : static_cast<const void*>(value.data());
  CHECK(sqlite3_bind_blob64(statement_, index, data, value.size(), SQLITE_STATIC) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();
  CHECK(sqlite3_bind_text64(statement_, index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8) ==
        SQLITE_OK);
  return *this;
}

Statement& Statement::bind_null(int index) {
  CHECK(sqlite3_bind_null(statement_, index) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* db = sqlite3_db_handle(statement_);
  const char* path = sqlite3_db_filename(db, "main");
  Error error = sqlite_error(db, code, path == nullptr ? "" : path);
  sqlite3_reset(statement_);
  return error;
}

Status Statement::run() {
  Result<bool> row = step();
  while (row.ok() && *row) row = step();
  sqlite3_reset(statement_);
  if (!row.ok()) return row.error();
  return {};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

ByteView Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  return view_of(data, sqlite3_column_bytes(statement_, column));
}

std::string_view Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(statement_, column);
  return as_text(view_of(data, sqlite3_column_bytes(statement_, column)));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

namespace {

/// Enough to share a statement's own cost, few enough that a small batch fills one now and then.
constexpr std::size_t kRowsOfOne = 32;

std::string with_rows(const std::string& into, int columns, std::size_t rows) {
  std::string row = "(?";
  for (int i = 1; i < columns; ++i) row += ", ?";
  std::string sql = into;
  for (std::size_t i = 0; i < rows; ++i) sql += (i == 0 ? " " : ", ") + row + ")";
  return sql;
}

}  // namespace

Result<RowInsert> RowInsert::open(Database& db, const std::string& into, int columns) {
  RowInsert out;
  out.columns_ = static_cast<std::size_t>(columns);
  TRY_ASSIGN(out.one_, db.prepare(with_rows(into, columns, 1)));
  TRY_ASSIGN(out.many_, db.prepare(with_rows(into, columns, kRowsOfOne)));
  return out;
}

RowInsert& RowInsert::add(std::int64_t value) {
  cells_.push_back({Kind::kInteger, value, 0, 0});
  return *this;
}

RowInsert& RowInsert::add(ByteView value) { return add_bytes(Kind::kBlob, value); }

RowInsert& RowInsert::add_text(std::string_view value) {
  return add_bytes(Kind::kText, as_bytes(value));
}

RowInsert& RowInsert::add_null() {
  cells_.push_back({});
  return *this;
}

RowInsert& RowInsert::add_bytes(Kind kind, ByteView value) {
  cells_.push_back({kind, 0, bytes_.size(), value.size()});
  append(bytes_, value);
  return *this;
}

Status RowInsert::end_row() {
  CHECK(cells_.size() % columns_ == 0);
  if (cells_.size() < kRowsOfOne * columns_) return {};
  const Status status = write(many_, 0, kRowsOfOne);
  clear();
  return status;
}

Status RowInsert::flush() {
  Status status;
  for (std::size_t row = 0; row * columns_ < cells_.size() && status.ok(); ++row) {
    status = write(one_, row, 1);
  }
  clear();
  return status;
}

void RowInsert::clear() {
  cells_.clear();
  bytes_.clear();
}

Status RowInsert::write(Statement& statement, std::size_t row, std::size_t rows) {
  statement.reset();
  int index = 0;
  for (std::size_t i = row * columns_; i < (row + rows) * columns_; ++i) {
    const Cell& cell = cells_[i];
    const ByteView bytes = ByteView(bytes_).subspan(cell.begin, cell.size);
    switch (cell.kind) {
      case Kind::kNull: statement.bind_null(++index); break;
      case Kind::kInteger: statement.bind(++index, cell.integer); break;
      case Kind::kBlob: statement.bind(++index, bytes); break;
      case Kind::kText: statement.bind_text(++index, as_text(bytes)); break;
    }
  }
  return statement.run();
}

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  Result<std::unique_ptr<Database>> first = open_as(options, options.cipher);
  const bool other =
      !first.ok() && first.error().code == ErrorCode::store_wrong_key && !options.key.empty();
  if (!other) return first;
  Result<std::unique_ptr<Database>> second =
      open_as(options, options.cipher == kAegis ? kChacha20 : kAegis);
  return second.ok() ? std::move(second) : std::move(first);
}

Result<std::unique_ptr<Database>> Database::open_as(const DatabaseOptions& options,
                                                    const std::string& cipher) {
  sqlite3* db = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options.create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(options.path.c_str(), &db, flags,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (code != SQLITE_OK) {
    Error error = sqlite_error(db, code, options.path);
    sqlite3_close_v2(db);
    return error;
  }
  std::unique_ptr<Database> out(new Database(db, options.path));
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, kBusyMs);
  sqlite3_commit_hook(db, &Database::on_commit, out.get());
  // Closing must not move the log into the file by a key that is not known to be right.
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (!options.key.empty()) TRY(set_key(db, options.path, options.key, cipher, sqlite3_key));
  TRY(out->configure(options));
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  return out;
}

Status Database::configure(const DatabaseOptions& options) {
  // The first read: a wrong key, or a file of another kind, shows here.
  TRY_ASSIGN(const std::int64_t tables, integer("SELECT count(*) FROM sqlite_schema"));
  TRY_ASSIGN(const std::int64_t id, integer("PRAGMA application_id"));
  if (tables > 0 && id != kApplicationId) {
    return Error{ErrorCode::store_not_ours, {{"path", path_}}};
  }
  if (tables == 0) {
    TRY(execute("PRAGMA page_size=4096"));
    TRY(execute("PRAGMA application_id=" + std::to_string(kApplicationId)));
  }
  TRY(execute("PRAGMA journal_mode=WAL; PRAGMA foreign_keys=OFF; PRAGMA synchronous=" +
              std::string(options.durable ? "FULL;" : "NORMAL;") +
              "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;"
              "PRAGMA journal_size_limit=16777216; PRAGMA wal_autocheckpoint=4000;"
              "PRAGMA cache_size=-" +
              std::to_string(options.cache_kib)));
  TRY_ASSIGN(const std::int64_t synchronous, integer("PRAGMA synchronous"));
  CHECK(synchronous == (options.durable ? 2 : 1));
  TRY_ASSIGN(begin_, prepare("BEGIN IMMEDIATE"));
  TRY_ASSIGN(commit_, prepare("COMMIT"));
  TRY_ASSIGN(rollback_, prepare("ROLLBACK"));
  return {};
}

Database::~Database() {
  for (Statement* statement : {&begin_, &commit_, &rollback_}) *statement = Statement();
  sqlite3_close_v2(db_);
}

Result<Statement> Database::prepare(std::string_view sql) {
  Statement out;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &out.statement_, nullptr);
  if (code != SQLITE_OK) return sqlite_error(db_, code, path_);
  return out;
}

Status Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(db_, code, path_);
  return {};
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  TRY_ASSIGN(Statement statement, prepare(sql));
  TRY_ASSIGN(const bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

std::int64_t Database::changes() const { return sqlite3_changes64(db_); }
std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(db_); }
bool Database::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

bool Database::reading() const {
  for (sqlite3_stmt* one = sqlite3_next_stmt(db_, nullptr); one != nullptr;
       one = sqlite3_next_stmt(db_, one)) {
    if (sqlite3_stmt_busy(one) != 0) return true;
  }
  return false;
}

Status Database::checkpoint() {
  const int code =
      sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(db_, code, path_);
  return {};
}

int Database::on_commit(void* self) {
  const Database& db = *static_cast<Database*>(self);
  return db.transaction_ && !db.committing_ ? 1 : 0;
}

namespace {

Status vacuum_into(Database& db, const std::string& to) {
  TRY_ASSIGN(Statement copy, db.prepare("VACUUM INTO ?"));
  copy.reset().bind_text(1, to);
  return copy.run();
}

}  // namespace

Status copy_database(const DatabaseOptions& from, const std::string& to,
                     const std::function<bool()>& stopped) {
  constexpr int kSteps = 10'000;  // of SQLite's machine, between two questions
  TRY_ASSIGN(const std::unique_ptr<Database> db, Database::open(from));
  const auto ask = [](void* question) {
    return (*static_cast<const std::function<bool()>*>(question))() ? 1 : 0;
  };
  std::function<bool()> question = stopped;
  if (question) sqlite3_progress_handler(db->handle(), kSteps, ask, &question);
  const Status copied = vacuum_into(*db, to);
  sqlite3_progress_handler(db->handle(), 0, nullptr, nullptr);
  if (!copied.ok() && question && question()) return Error{ErrorCode::system_cancelled};
  return copied;
}

Status encrypted_copy(const std::string& from, const std::string& to, const Bytes& key,
                      const std::string& cipher) {
  DatabaseOptions options;
  options.path = from;
  {
    TRY_ASSIGN(const std::unique_ptr<Database> db, Database::open(options));
    // The file alone is to be replaced: no log may lie beside it.
    TRY(db->checkpoint());
    TRY(db->execute("PRAGMA journal_mode=DELETE"));
    TRY(vacuum_into(*db, to));
  }
  options.path = to;
  TRY_ASSIGN(const std::unique_ptr<Database> db, Database::open(options));
  // With a write-ahead log the pages could not change their size.
  TRY(db->execute("PRAGMA journal_mode=DELETE"));
  return set_key(db->handle(), to, key, cipher, sqlite3_rekey);
}

Result<Transaction> Transaction::begin(Database& db) {
  TRY(db.begin_.reset().run());
  db.transaction_ = true;
  return Transaction(db);
}

Transaction::~Transaction() { roll_back(); }

void Transaction::roll_back() {
  Database* db = std::exchange(db_, nullptr);
  if (db == nullptr) return;
  db->transaction_ = false;
  if (!db->in_transaction()) return;
  (void)db->rollback_.reset().run().ok();  // nothing more can be done; the file is as before
}

Status Transaction::commit() {
  CHECK(db_ != nullptr);
  db_->committing_ = true;
  const Status status = db_->commit_.reset().run();
  db_->committing_ = false;
  if (!status.ok()) {
    roll_back();
    return status;
  }
  Database& db = *std::exchange(db_, nullptr);
  db.transaction_ = false;
  // One that was left would keep its read transaction, and the WAL would grow for ever.
  CHECK(!db.reading());
  return {};
}

}  // namespace lalanh
