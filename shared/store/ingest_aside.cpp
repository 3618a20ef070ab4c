// What lies aside because its beginning, or a name in it, is not here yet.

#include <algorithm>
#include <map>

#include "shared/store/ingest.h"

namespace lalanh {
namespace {

/// What lies aside in the scope, the oldest first; the bytes hold during the call.
template <class Use>
Status each_aside(Database& db, const ScopeStreams& scope, const Use& use) {
  TRY_ASSIGN(Statement select, db.prepare("SELECT ordinal, bytes FROM aside WHERE scope=?"
                                          " ORDER BY ordinal"));
  select.bind(1, scope.no());
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return {};
    use(select.integer(0), select.blob(1));
  }
}

}  // namespace

/// Whose it says that it is; zeros where that is not known here. It is not proved: what its hash
/// follows is what is lacking.
Hash Ingest::author_of(const ScopeStreams& scope, ByteView bytes) const {
  const Result<SegmentHeader> header = read_segment_header(bytes);
  if (!header.ok()) return {};
  if (const StreamRow* row = scope.find(header->writer); row != nullptr) return row->key;
  if (!header->start || header->start->certificate.empty()) return {};
  const Result<Certificate> certificate =
      read_certificate(header->start->certificate, core_.options.root_key);
  return certificate.ok() ? certificate->device().key : Hash{};
}

/// What lies aside in the scope, the oldest first; read once in a transaction.
Result<std::vector<Ingest::Aside>*> Ingest::lying_aside(const ScopeStreams& scope) {
  if (const auto at = aside_.find(scope.no()); at != aside_.end()) return &at->second;
  std::vector<Aside> rows;
  TRY(each_aside(*core_.db, scope, [&](std::int64_t ordinal, ByteView bytes) {
    rows.push_back({ordinal, author_of(scope, bytes)});
  }));
  return &(aside_[scope.no()] = std::move(rows));
}

Status Ingest::put_aside(Scope at, ByteView bytes) {
  TRY_ASSIGN(const ScopeStreams* scope, core_.scope(at));
  TRY_ASSIGN(std::vector<Aside> * rows, lying_aside(*scope));
  TRY_ASSIGN(Statement insert,
             core_.db->prepare("INSERT INTO aside (scope, digest, bytes) VALUES (?, ?, ?)"
                               " ON CONFLICT (digest) DO NOTHING"));
  const Hash digest = blake2b({bytes});
  insert.bind(1, scope->no()).bind(2, ByteView(digest).first(16)).bind(3, bytes);
  TRY(insert.run());
  if (core_.db->changes() == 0) return {};
  rows->push_back({core_.db->last_row_id(), author_of(*scope, bytes)});
  return give_up_aside(*rows);
}

/// The oldest of an author who has too many, or of the one who has the most where all are too many:
/// whoever names what never comes keeps nobody else out.
Status Ingest::give_up_aside(std::vector<Aside>& rows) {
  std::map<Hash, std::size_t> counts;
  for (const Aside& row : rows) ++counts[row.author];
  const Hash& newest = rows.back().author;
  const bool share_full = newest != Hash{} && counts[newest] > limits::kAsideAuthorMax;
  if (!share_full && rows.size() <= limits::kAsideSegmentsMax) return {};
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const Hash author = share_full ? newest : most->first;
  const auto victim = std::find_if(rows.begin(), rows.end(),
                                   [&](const Aside& row) { return row.author == author; });
  TRY_ASSIGN(Statement erase, core_.db->prepare("DELETE FROM aside WHERE ordinal=?"));
  erase.bind(1, victim->ordinal);
  rows.erase(victim);
  return erase.run();
}

Status Ingest::take_aside(ScopeStreams& scope) {
  aside_.erase(scope.no());
  bool moved = true;
  while (moved) {
    moved = false;
    std::vector<std::pair<std::int64_t, Bytes>> rows;
    TRY(each_aside(*core_.db, scope, [&](std::int64_t ordinal, ByteView bytes) {
      rows.emplace_back(ordinal, Bytes(bytes.begin(), bytes.end()));
    }));
    TRY_ASSIGN(Statement erase, core_.db->prepare("DELETE FROM aside WHERE ordinal=?"));
    for (const auto& [ordinal, bytes] : rows) {
      if (full()) return {};  // the next transaction in this scope goes on
      TRY_ASSIGN(const Taken taken, take_from(bytes, true));
      if (taken.verdict == TakeVerdict::kAside) continue;
      erase.reset().bind(1, ordinal);
      TRY(erase.run());
      moved = moved || taken.verdict == TakeVerdict::kTaken;
    }
  }
  return {};
}

}  // namespace lalanh
