#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace lalanh {

/// How a database is opened. One function opens every database of ours.
struct DatabaseOptions {
  std::string path;  ///< UTF-8
  bool create = false;
  Bytes key;                     ///< 32 bytes, or empty for no encryption
  std::string cipher = "aegis";  ///< "aegis" or "chacha20"; the other one is tried as well
  std::string vfs;               ///< "" for the system's
  int cache_kib = 4'096;         ///< page cache, at most: taken as pages are read
  bool durable = true;           ///< false: a power cut may take the last commits, never more
};

/// A prepared statement. Not thread-safe; does not outlive its Database. Binding an index that the
/// statement does not have, or reading a column that it does not have, is a CHECK.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  /// Back to the start; bindings are kept. Every use begins with it.
  Statement& reset();
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, ByteView value);  ///< a blob; the bytes must live until reset
  Statement& bind_text(int index, std::string_view value);  ///< likewise
  Statement& bind_null(int index);
  /// True: a row is there. False: done. store.* on failure (the statement is reset then).
  Result<bool> step();
  /// For statements without rows: step to the end, then reset.
  Status run();

  std::int64_t integer(int column) const;
  ByteView blob(int column) const;          ///< valid until the next step or reset
  std::string_view text(int column) const;  ///< likewise
  bool is_null(int column) const;

 private:
  friend class Database;
  sqlite3_stmt* statement_ = nullptr;
};

class Database;

/// An INSERT of many rows. Rows are gathered and written so many a statement: within one, SQLite's
/// cursor stays where the row before went, so that rows which come by key need no search from the
/// root, and what a statement costs by itself is shared. Not thread-safe.
class RowInsert {
 public:
  RowInsert() = default;
  /// `into`: "INSERT OR FAIL INTO t (a, b) VALUES". With ABORT, or an ON CONFLICT clause, each
  /// statement would keep a journal of the pages that it touches.
  static Result<RowInsert> open(Database& db, const std::string& into, int columns);
  /// The next column of the next row, from left to right; the bytes are copied.
  RowInsert& add(std::int64_t value);
  RowInsert& add(ByteView value);  ///< a blob
  RowInsert& add_text(std::string_view value);
  RowInsert& add_null();
  /// After the last column of a row: writes what is gathered where that is enough. store.*
  Status end_row();
  /// Writes the rest. After a failure nothing is left either: the caller rolls back.
  Status flush();
  /// Forgets what is gathered: after a rollback.
  void clear();

 private:
  enum class Kind : std::uint8_t { kNull, kInteger, kBlob, kText };
  struct Cell {
    Kind kind = Kind::kNull;
    std::int64_t integer = 0;
    std::size_t begin = 0, size = 0;  ///< in bytes_
  };
  Status write(Statement& statement, std::size_t row, std::size_t rows);
  RowInsert& add_bytes(Kind kind, ByteView value);

  Statement one_, many_;
  std::size_t columns_ = 0;
  std::vector<Cell> cells_;
  Bytes bytes_;
};

/// Resets a statement at the end of a block, whichever way it is left: an open SELECT would hold
/// back the checkpoint.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_.reset(); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  Statement& statement_;
};

/// One connection to one file: WAL, synchronous FULL, foreign keys off (ours are documented),
/// application id checked. Not thread-safe.
class Database {
 public:
  /// store.cannot_open, store.not_ours, store.wrong_key, store.corrupt. A file that does not open
  /// under its cipher is tried under the other, for both answer a wrong key alike; with a wrong key
  /// nothing of it is changed, its write-ahead log included.
  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// The SQL is ours: one that does not compile is a CHECK, unless the file is damaged.
  Result<Statement> prepare(std::string_view sql);
  /// One or several statements without rows.
  Status execute(const std::string& sql);
  Result<std::int64_t> integer(std::string_view sql);
  std::int64_t changes() const;
  std::int64_t last_row_id() const;
  bool in_transaction() const;
  /// Is any statement between its first row and its reset? It holds a read transaction.
  bool reading() const;
  const std::string& path() const { return path_; }
  /// Moves the log into the file, when no other reader holds it back.
  Status checkpoint();
  sqlite3* handle() { return db_; }

 private:
  Database(sqlite3* db, std::string path) : db_(db), path_(std::move(path)) {}
  friend class Transaction;
  static int on_commit(void* self);
  static Result<std::unique_ptr<Database>> open_as(const DatabaseOptions& options,
                                                   const std::string& cipher);
  Status configure(const DatabaseOptions& options);
  sqlite3* db_;
  Statement begin_, commit_, rollback_;
  bool transaction_ = false;  ///< one of ours is open, whether or not SQLite still has it
  bool committing_ = false;   ///< its own commit
  std::string path_;
};

/// Makes a copy of a database as it is at one moment, encrypted like it, in a new file, through a
/// connection of its own: others go on reading and writing. The copy is compact, checked page by
/// page, and not durable by itself. system.cancelled where `stopped` says so; store.*
Status copy_database(const DatabaseOptions& from, const std::string& to,
                     const std::function<bool()>& stopped);

/// Makes an encrypted copy of a database that lies in the clear, in a new file, which the caller
/// then puts in its place. Not in place: a power cut would leave a journal in the clear beside
/// pages that are not, and no key opens both. Nobody else may have it open. store.*
Status encrypted_copy(const std::string& from, const std::string& to, const Bytes& key,
                      const std::string& cipher);

/// BEGIN IMMEDIATE; rolled back on destruction unless committed. SQLite itself ends a transaction
/// at some faults; what is written after that is refused, not committed statement by statement.
class Transaction {
 public:
  static Result<Transaction> begin(Database& db);
  Transaction(Transaction&& other) noexcept : db_(other.db_) { other.db_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// Durable on success. On failure it is rolled back at once. No statement may be left between
  /// its rows: that is a CHECK.
  Status commit();

 private:
  explicit Transaction(Database& db) : db_(&db) {}
  void roll_back();
  Database* db_;
};

/// The error of a result code of SQLite on this database.
Error sqlite_error(sqlite3* db, int code, const std::string& path);

}  // namespace lalanh
