#include "shared/accounts/audit.h"

#include "shared/base/cbor.h"
#include "shared/base/limits.h"

namespace lalanh {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS line("
    "no INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, login TEXT NOT NULL,"
    "actor TEXT NOT NULL, call TEXT NOT NULL, what TEXT NOT NULL) STRICT";

/// What fits a line, ending between characters.
std::string_view cut(std::string_view text) {
  text = text.substr(0, limits::kAuditTextBytesMax);
  return text.substr(0, cbor::valid_utf8_prefix(text));
}

}  // namespace

std::string audit_path(const std::string& folder) { return folder + "/audit.db"; }

Result<std::unique_ptr<Audit>> Audit::open(const std::string& folder, const Bytes& key,
                                           const std::string& cipher, TimeMs now) {
  DatabaseOptions options;
  options.path = audit_path(folder);
  options.create = true;
  options.key = key;
  if (!key.empty()) options.cipher = cipher;
  options.cache_kib = 256;
  options.durable = false;
  TRY_ASSIGN(std::unique_ptr<Database> db, Database::open(options));
  std::unique_ptr<Audit> out(new Audit(std::move(db)));
  TRY(out->prepare(now));
  return out;
}

Status Audit::prepare(TimeMs now) {
  TRY(db_->execute(kSchema));
  TRY_ASSIGN(Statement old, db_->prepare("WITH top(n) AS (SELECT ifnull(max(no), 0) FROM line) "
                                         "DELETE FROM line WHERE no <= (SELECT n FROM top) - ? "
                                         "OR (time < ? AND no <= (SELECT n FROM top) - ?)"));
  old.reset().bind(1, limits::kAuditRowsMax);
  old.bind(2, now.value - limits::kAuditDaysMax * kDayMs).bind(3, limits::kAuditRowsKept);
  TRY(old.run());
  TRY_ASSIGN(insert_, db_->prepare("INSERT INTO line(time, login, actor, call, what) "
                                   "VALUES(?, ?, ?, ?, ?)"));
  TRY_ASSIGN(newest_, db_->prepare("SELECT time, login, actor, call, what FROM line "
                                   "ORDER BY no DESC LIMIT ?"));
  return {};
}

Status Audit::write(const AuditLine& line) {
  insert_.reset().bind(1, line.time.value);
  insert_.bind_text(2, cut(line.login)).bind_text(3, cut(line.actor));
  insert_.bind_text(4, cut(line.call)).bind_text(5, cut(line.what));
  return insert_.run();
}

Result<std::vector<AuditLine>> Audit::newest(std::int64_t limit) {
  const ResetAtEnd reset(newest_);
  newest_.reset().bind(1, limit);
  std::vector<AuditLine> out;
  for (;;) {
    TRY_ASSIGN(const bool row, newest_.step());
    if (!row) return out;
    AuditLine line;
    line.time = TimeMs(newest_.integer(0));
    line.login = newest_.text(1);
    line.actor = newest_.text(2);
    line.call = newest_.text(3);
    line.what = newest_.text(4);
    out.push_back(std::move(line));
  }
}

}  // namespace lalanh
