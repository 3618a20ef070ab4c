#pragma once

#include <string>

#include <sqlite3.h>

#include "tests/sim/disk/disk.h"

namespace lalanh::sim {

/// SQLite by hand, so that a test can open a database worse than the product does.
class RawDb {
 public:
  RawDb(const Disk& disk, const std::string& name) {
    open_code = sqlite3_open_v2(disk.path(name).c_str(), &db_,
                                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, Disk::vfs().c_str());
    sqlite3_extended_result_codes(db_, 1);
  }
  ~RawDb() { sqlite3_close_v2(db_); }
  RawDb(const RawDb&) = delete;
  RawDb& operator=(const RawDb&) = delete;

  /// The extended result code.
  int run(const std::string& sql) {
    return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  }
  /// The first column of the first row; "" for none, "error N" where it fails.
  std::string text(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    std::string out;
    int code = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
      const unsigned char* value = sqlite3_column_text(statement, 0);
      out = value == nullptr ? "" : reinterpret_cast<const char*>(value);
    } else if (code != SQLITE_DONE) {
      out = "error " + std::to_string(code);
    }
    sqlite3_finalize(statement);
    return out;
  }

  int open_code = 0;

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace lalanh::sim
