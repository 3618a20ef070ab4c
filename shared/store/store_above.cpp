// What the tiers above the parent hold (`docs/PROTOCOL.md`, Above).

#include <algorithm>

#include "shared/store/store.h"

namespace lalanh {
namespace {

constexpr std::string_view kVersion = "above_version";
constexpr std::string_view kSeen = "above_seen";

/// The rank of who certified this device: the tier that table receipt is of.
Rank parent_rank(const Certificate& own) {
  return own.chain.size() < 2 ? Rank() : own.chain[own.chain.size() - 2].rank;
}

}  // namespace

Result<std::uint64_t> Store::above_version() {
  TRY_ASSIGN(const std::int64_t version, core_->meta(kVersion, 0));
  return static_cast<std::uint64_t>(version);
}

Result<std::uint64_t> Store::above_seen() {
  TRY_ASSIGN(const std::int64_t version, core_->meta(kSeen, 0));
  return static_cast<std::uint64_t>(version);
}

Status Store::note_above_seen(std::uint64_t version) {
  return core_->set_meta(kSeen, static_cast<std::int64_t>(version));
}

/// Inside the caller's transaction: children ask anew.
Status Store::above_changed() {
  TRY_ASSIGN(const std::int64_t version, core_->meta(kVersion, 0));
  return core_->set_meta(kVersion, version + 1);
}

Result<std::vector<HeldAbove>> Store::held_above(Scope scope, const Point& point) {
  std::vector<HeldAbove> out;
  std::vector<Ref> ends;
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  if (streams == nullptr) return out;
  TRY_ASSIGN(const Ref tip, held_at(*streams, point));
  const Rank parent = parent_rank(core_->options.certificate);
  TRY_ASSIGN(Statement select,
             core_->db->prepare("SELECT ?2, counter, parent_time FROM receipt WHERE stream=?1"
                                " UNION ALL SELECT rank, counter, at FROM receipt_above"
                                " WHERE stream=?1"));
  TRY_ASSIGN(const std::int64_t above,
             core_->db->integer("SELECT count(DISTINCT rank) FROM receipt_above"));
  // Of each line a tier holds a beginning: from the tip back, the first stream that it has.
  for (Ref at = tip; !at.none() && out.size() < static_cast<std::size_t>(above) + 1;
       at = streams->at(at.stream()).predecessor) {
    select.reset().bind(1, at.stream()).bind(2, parent.value);
    for (;;) {
      TRY_ASSIGN(const bool row, select.step());
      if (!row) break;
      const Rank rank(static_cast<std::uint8_t>(select.integer(0)));
      const auto counter = (std::min)(static_cast<std::uint32_t>(select.integer(1)), at.counter());
      const bool known = std::any_of(out.begin(), out.end(),
                                     [&](const HeldAbove& each) { return each.rank == rank; });
      if (known || counter == 0) continue;
      out.push_back({rank, TimeMs(select.integer(2)), {}});
      ends.emplace_back(at.stream(), counter);
    }
  }
  select.reset();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const StreamRow& row = streams->at(ends[i].stream());
    TRY_ASSIGN(const Hash hash, core_->log.hash_at(*streams, row, ends[i].counter()));
    out[i].point = {row.writer, ends[i].counter(), hash_front<8>(hash)};
  }
  return out;
}

Status Store::keep_above(Scope scope, const Point& tip, std::span<const KeptAbove> said) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  if (streams == nullptr) return {};
  TRY_ASSIGN(const Ref top, held_at(*streams, tip));
  // A tier of which nothing is said any more holds nothing that is known.
  std::vector<KeptAbove> tiers(said.begin(), said.end());
  TRY_ASSIGN(Statement ranks, core_->db->prepare("SELECT DISTINCT rank FROM receipt_above"));
  for (;;) {
    TRY_ASSIGN(const bool row, ranks.step());
    if (!row) break;
    const Rank rank(static_cast<std::uint8_t>(ranks.integer(0)));
    if (std::none_of(tiers.begin(), tiers.end(),
                     [&](const KeptAbove& tier) { return tier.rank == rank; })) {
      tiers.push_back({rank, {}, {}});
    }
  }
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_->db));
  bool changed = false;
  for (const KeptAbove& tier : tiers) {
    // The furthest point on this line; none: the tier holds nothing of it.
    Ref end;
    for (const ReceiptPoint& point : tier.points) {
      if (point.scope != scope) continue;
      TRY_ASSIGN(const Ref held, held_at(*streams, point.point));
      const bool on_line = !held.none() && streams->at_or_before(held, top);
      if (on_line && (end.none() || streams->at_or_before(end, held))) end = held;
    }
    TRY_ASSIGN(const bool moved, move_above(*streams, top, end, tier));
    changed = changed || moved;
  }
  if (changed) TRY(above_changed());
  return transaction.commit();
}

Result<bool> Store::move_above(const ScopeStreams& streams, Ref top, Ref end,
                               const KeptAbove& tier) {
  TRY_ASSIGN(Statement erase,
             core_->db->prepare("DELETE FROM receipt_above WHERE stream=? AND rank=?"));
  TRY_ASSIGN(Statement upsert,
             core_->db->prepare("INSERT INTO receipt_above (stream, rank, counter, at)"
                                " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (stream, rank) DO UPDATE"
                                " SET counter=?3, at=?4 WHERE counter <> ?3"));
  bool changed = false;
  Ref at = top;
  // Beyond the end: what was said before is taken back.
  for (; !at.none() && at.stream() != end.stream(); at = streams.at(at.stream()).predecessor) {
    erase.reset().bind(1, at.stream()).bind(2, tier.rank.value);
    TRY(erase.run());
    changed = changed || core_->db->changes() > 0;
  }
  for (at = end; !at.none(); at = streams.at(at.stream()).predecessor) {
    upsert.reset().bind(1, at.stream()).bind(2, tier.rank.value).bind(3, at.counter());
    upsert.bind(4, tier.time.value);
    TRY(upsert.run());
    if (core_->db->changes() == 0) break;  // what is before it was kept with it
    changed = true;
  }
  return changed;
}

Result<SentTo> Store::sent_to(Rank rank, bool parent) {
  const std::string receipts =
      parent ? "receipt r ON r.stream = s.no"
             : "receipt_above r ON r.stream = s.no AND r.rank = " + std::to_string(rank.value);
  const std::string time = parent ? "r.parent_time" : "r.at";
  SentTo out;
  out.rank = rank;
  TRY_ASSIGN(const std::int64_t newest, core_->db->integer("SELECT ifnull(max(" + time +
                                                           "), 0) FROM stream s JOIN " + receipts));
  out.time = TimeMs(newest);
  TRY_ASSIGN(const std::int64_t open, core_->db->integer("SELECT count(*) FROM tail"));
  out.unsent = static_cast<std::uint64_t>(open);
  // A server answers for what its children gave it; what a laptop has of others came from above.
  const CertificateLink& own = core_->options.certificate.device();
  const bool server = (own.rights & kCertify) != 0;
  TRY_ASSIGN(Statement select,
             core_->db->prepare("SELECT s.scope, s.no, s.own, s.held - max(ifnull(r.counter, 0),"
                                " s.shared) AS lacking FROM stream s LEFT JOIN " +
                                receipts + " WHERE lacking > 0"));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    bool sends = select.integer(2) > 0;
    if (!sends && server) {
      TRY_ASSIGN(ScopeStreams * scope, core_->scope_by_no(select.integer(0)));
      const UnitNo author = scope->at(static_cast<std::uint32_t>(select.integer(1))).unit;
      sends = core_->tree().is_or_ever_was_below(author, own.unit);
    }
    if (sends) out.unsent += static_cast<std::uint64_t>(select.integer(3));
  }
}

Result<std::uint64_t> Store::unsent_events() {
  TRY_ASSIGN(const SentTo parent, sent_to(parent_rank(core_->options.certificate), true));
  return parent.unsent;
}

Result<std::vector<SentTo>> Store::sent_to() {
  std::vector<SentTo> out;
  const Certificate& own = core_->options.certificate;
  for (std::size_t i = own.chain.size(); i-- > 0;) {
    const Rank rank = own.chain[i].rank;
    if (i + 1 == own.chain.size() || (!out.empty() && rank == out.back().rank)) continue;
    TRY_ASSIGN(const SentTo tier, sent_to(rank, i + 2 == own.chain.size()));
    out.push_back(tier);
  }
  return out;
}

}  // namespace lalanh
