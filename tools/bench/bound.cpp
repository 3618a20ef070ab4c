#include "tools/bench/bound.h"

#include "tools/gen/rng.h"

namespace lalanh::bench {
namespace {

constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS entity (id INTEGER PRIMARY KEY, scope INTEGER NOT NULL,"
    " type INTEGER NOT NULL, parent INTEGER, state BLOB NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS entity_parent ON entity (parent) WHERE parent IS NOT NULL;";

/// Types of the rows do not matter: small numbers.
constexpr std::int64_t kScope = 1;
constexpr std::int64_t kType = 2;

}  // namespace

Result<std::unique_ptr<Bound>> Bound::open(const std::string& path, std::size_t state_bytes) {
  std::unique_ptr<Bound> out(new Bound());
  DatabaseOptions options;
  options.path = path;
  options.create = true;
  options.cache_kib = kCacheKib;
  TRY_ASSIGN(out->db_, Database::open(options));
  TRY(out->db_->execute(kTables));
  TRY_ASSIGN(out->log_, out->db_->prepare("INSERT INTO log (bytes) VALUES (?)"));
  TRY_ASSIGN(out->entity_, out->db_->prepare("INSERT INTO entity (id, scope, type, parent, state)"
                                             " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id)"
                                             " DO UPDATE SET state=?5"));
  gen::Rng rng(1, "bound", {});
  out->state_.resize(state_bytes);
  for (std::uint8_t& byte : out->state_) byte = static_cast<std::uint8_t>(rng.below(256));
  return out;
}

Status Bound::write(std::span<const BoundEvent> events) {
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*db_));
  for (const BoundEvent& event : events) {
    log_.reset().bind(1, event.canonical);
    TRY(log_.run());
    // The blob differs each time, as a changed state does.
    ++changes_;
    if (!state_.empty()) state_[changes_ % state_.size()] ^= static_cast<std::uint8_t>(changes_);
    entity_.reset().bind(1, event.entity).bind(2, kScope).bind(3, kType);
    if (event.parent == 0) {
      entity_.bind_null(4);
    } else {
      entity_.bind(4, event.parent);
    }
    entity_.bind(5, state_);
    TRY(entity_.run());
  }
  return transaction.commit();
}

}  // namespace lalanh::bench
