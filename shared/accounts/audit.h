#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/store/database.h"

namespace lalanh {

/// One line of the record: who read or exported what, or changed which account, and when. It never
/// says what stood there.
struct AuditLine {
  TimeMs time;
  std::string login;  ///< "" for the machine
  std::string actor;  ///< name and office
  std::string call;   ///< "GET /api/households/{id}"
  std::string what;   ///< an entry's id, a unit, a period, a login
};

/// Name of the file.
std::string audit_path(const std::string& folder);

/// The record of one node: `<folder>/audit.db`, encrypted as its database is, apart from it, for it
/// is no part of the register: it never leaves the machine and is dropped by age (limits). Not
/// thread-safe: its node guards it.
class Audit {
 public:
  /// Opens or makes it; drops what is too old by `now`. store.*
  static Result<std::unique_ptr<Audit>> open(const std::string& folder, const Bytes& key,
                                             const std::string& cipher, TimeMs now);
  /// In the file on success; a power cut may take the last lines.
  Status write(const AuditLine& line);
  /// The newest first.
  Result<std::vector<AuditLine>> newest(std::int64_t limit);

 private:
  explicit Audit(std::unique_ptr<Database> db) : db_(std::move(db)) {}
  Status prepare(TimeMs now);
  std::unique_ptr<Database> db_;
  Statement insert_, newest_;
};

}  // namespace lalanh
