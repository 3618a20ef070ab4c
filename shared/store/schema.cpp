#include "shared/store/schema.h"

#include "embedded/store_sql.h"

namespace lalanh {

Status migrate(Database& db, const std::function<Status()>& before_upgrade) {
  const std::span<const EmbeddedFile> files = embedded::store_sql();
  const auto known = static_cast<std::int64_t>(files.size());
  TRY_ASSIGN(std::int64_t version, db.integer("PRAGMA user_version"));
  if (version > known) {
    return Error{ErrorCode::store_newer,
                 {{"path", db.path()},
                  {"found", std::to_string(version)},
                  {"known", std::to_string(known)}}};
  }
  if (version > 0 && version < known && before_upgrade) TRY(before_upgrade());
  for (; version < known; ++version) {
    const EmbeddedFile& file = files[static_cast<std::size_t>(version)];
    TRY_ASSIGN(Transaction transaction, Transaction::begin(db));
    TRY(db.execute(std::string(file.bytes)));
    TRY(db.execute("PRAGMA user_version=" + std::to_string(version + 1)));
    TRY(transaction.commit());
  }
  return {};
}

}  // namespace lalanh
