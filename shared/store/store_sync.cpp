#include <algorithm>
#include <unordered_map>

#include "shared/store/ingest.h"
#include "shared/store/store.h"

/// The side of the store that sync sessions use.
namespace lalanh {
namespace {

Point point_of(const StreamRow& row, std::uint32_t counter, const Hash& hash) {
  return {row.writer, counter, hash_front<8>(hash)};
}

/// Held rows that no other held row follows at their head.
std::vector<const StreamRow*> tip_rows(const ScopeStreams& scope) {
  std::unordered_map<std::uint32_t, std::uint32_t> followed;
  for (const auto& row : scope.rows()) {
    if (row->held == 0 || row->predecessor.none()) continue;
    std::uint32_t& at = followed[row->predecessor.stream()];
    at = (std::max)(at, row->predecessor.counter());
  }
  std::vector<const StreamRow*> out;
  for (const auto& row : scope.rows()) {
    const auto at = followed.find(row->no);
    if (row->held > 0 && (at == followed.end() || at->second < row->held)) out.push_back(row.get());
  }
  return out;
}

/// How far each stream is covered by points and what is before them.
class Cover {
 public:
  explicit Cover(const ScopeStreams& scope) : scope_(scope) {}
  void add(Ref ref) {
    while (!ref.none()) {
      std::uint32_t& counter = covered_[ref.stream()];
      if (counter >= ref.counter()) return;
      const bool line_done = counter > 0;
      counter = ref.counter();
      if (line_done) return;
      ref = scope_.at(ref.stream()).predecessor;
    }
  }
  std::uint32_t at(std::uint32_t stream) const {
    const auto found = covered_.find(stream);
    return found == covered_.end() ? 0 : found->second;
  }

 private:
  const ScopeStreams& scope_;
  std::unordered_map<std::uint32_t, std::uint32_t> covered_;
};

}  // namespace

const Certificate& Store::own_certificate() const { return core_->options.certificate; }
const Hash& Store::root_key() const { return core_->options.root_key; }

std::optional<Certificate> Store::known_certificate(const CertificateId& id) {
  if (!readable().ok()) return std::nullopt;
  const Result<const Certificate*> found = core_->find_certificate(id);
  if (!found.ok() || *found == nullptr) return std::nullopt;
  return **found;
}

Status Store::note_compared() {
  if (compared_) return {};
  // For the commands that open this very database next, without a server.
  TRY(core_->set_meta("generation_sure", 1));
  compared_ = true;
  return {};
}

bool Store::revoked(const CertificateLink& device) {
  // A database that cannot be read lets nobody in.
  if (!readable().ok()) return true;
  const Result<bool> found = core_->revoked(device.key, device.rank);
  return !found.ok() || *found;
}

bool Store::units_fit(const Certificate& certificate) {
  return lalanh::units_fit(core_->tree(), certificate.chain) == Allowed::kYes;
}

Result<bool> Store::met(const Certificate& certificate) {
  TRY_ASSIGN(Statement select,
             core_->db->prepare("SELECT EXISTS (SELECT 1 FROM met m JOIN certificate c"
                                " ON c.no = m.certificate WHERE c.id=?1)"
                                " OR EXISTS (SELECT 1 FROM issued WHERE device=?2 AND"
                                " certificate=?3)"));
  select.bind(1, certificate.id).bind(2, certificate.device().device.value);
  select.bind(3, certificate.bytes);
  TRY_ASSIGN(const bool row, select.step());
  return row && select.integer(0) != 0;
}

Status Store::note_met(const Certificate& certificate) {
  TRY_ASSIGN(const std::int64_t no, core_->keep_certificate(certificate));
  TRY_ASSIGN(Statement insert, core_->db->prepare("INSERT INTO met (certificate) VALUES (?)"
                                                  " ON CONFLICT (certificate) DO NOTHING"));
  insert.bind(1, no);
  return insert.run();
}

Result<std::vector<Scope>> Store::readable_scopes(UnitNo unit) {
  const UnitTree& tree = core_->tree();
  const Date today = vietnam_date(core_->options.clock->now());
  // A machine whose clock is outside the tree's days still reads its own: the tree as ever known is
  // the net. A unit that ended, or has not begun, reads no other's records.
  const bool outside = tree.roots(today).empty();
  std::vector<UnitNo> below = outside ? tree.ever_below(unit) : tree.below(unit, today);
  const std::vector<UnitNo> above =
      tree.at(unit, today) == nullptr ? tree.ever_above(unit) : tree.ancestors(unit, today);
  below.push_back(unit);
  std::vector<Scope> out;
  for (const UnitNo u : below) {
    out.push_back({u, Channel::kRecords});
    out.push_back({u, Channel::kReference});
  }
  for (const UnitNo u : above) out.push_back({u, Channel::kReference});
  std::sort(out.begin(), out.end(), [](const Scope& a, const Scope& b) {
    return a.channel != b.channel ? a.channel == Channel::kReference : a.unit < b.unit;
  });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Status Store::seal() {
  TRY(ready());
  const Status status = writer_.seal();
  if (!status.ok()) (void)recover().ok();
  return status;
}

Result<HeadsDigest> Store::heads_digest(Scope scope) {
  TRY(readable());
  return core_->heads(scope);
}

Result<std::vector<Point>> Store::tips(Scope scope) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  std::vector<Point> out;
  if (streams == nullptr) return out;
  for (const StreamRow* row : tip_rows(*streams)) {
    out.push_back(point_of(*row, row->held, row->head));
  }
  return out;
}

Result<std::vector<Point>> Store::back_points(Scope scope, bool deep) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  std::vector<Point> out;
  if (streams == nullptr) return out;
  TRY_ASSIGN(Statement receipt, core_->db->prepare("SELECT counter FROM receipt WHERE stream=?"));
  const auto add = [&](Ref ref) -> Status {
    const StreamRow& row = streams->at(ref.stream());
    TRY_ASSIGN(const Hash hash, core_->log.hash_at(*streams, row, ref.counter()));
    const Point point = point_of(row, ref.counter(), hash);
    if (std::find(out.begin(), out.end(), point) == out.end()) out.push_back(point);
    return {};
  };
  for (const StreamRow* tip : tip_rows(*streams)) {
    Ref at(tip->no, tip->held);
    std::uint64_t steps = 0;
    bool receipted = false;
    while (!at.none() && (deep || !receipted)) {
      receipt.reset().bind(1, at.stream());
      TRY_ASSIGN(const bool row, receipt.step());
      if (row && !receipted) {
        const auto counter = static_cast<std::uint32_t>(receipt.integer(0));
        receipted = true;
        if (counter >= at.counter() && steps == 0) break;  // the tip itself: nothing is new here
        TRY(add(Ref(at.stream(), (std::min)(counter, at.counter()))));
      }
      const bool power = steps > 0 && (steps & (steps - 1)) == 0;
      const Ref before = streams->at(at.stream()).predecessor;
      if (deep && (power || before.none()) && steps > 0) TRY(add(at));
      at = before;
      ++steps;
    }
  }
  receipt.reset();
  return out;
}

/// The event that the point names; none where it is not held.
Result<Ref> Store::held_at(const ScopeStreams& streams, const Point& point) {
  if (point.counter == 0) return Ref();
  for (const StreamRow* row = streams.find(point.writer); row != nullptr; row = row->next_branch) {
    if (row->held < point.counter || point.counter <= row->shared) continue;
    TRY_ASSIGN(const Hash hash, core_->log.hash_at(streams, *row, point.counter));
    if (std::equal(point.hash.begin(), point.hash.end(), hash.begin())) {
      return Ref(row->no, point.counter);
    }
  }
  return Ref();
}

Result<bool> Store::holds(Scope scope, const Point& point) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  if (streams == nullptr) return false;
  TRY_ASSIGN(const Ref held, held_at(*streams, point));
  return !held.none();
}

Result<std::vector<Point>> Store::unreceipted(Scope scope) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  std::vector<Point> out;
  if (streams == nullptr) return out;
  TRY_ASSIGN(Statement receipt,
             core_->db->prepare("SELECT r.stream, r.counter FROM stream s JOIN receipt r"
                                " ON r.stream = s.no WHERE s.scope=?"));
  receipt.bind(1, streams->no());
  Cover cover(*streams);
  for (;;) {
    TRY_ASSIGN(const bool found, receipt.step());
    if (!found) break;
    cover.add(Ref(static_cast<std::uint32_t>(receipt.integer(0)),
                  static_cast<std::uint32_t>(receipt.integer(1))));
  }
  for (const StreamRow* row : tip_rows(*streams)) {
    if (cover.at(row->no) < row->held) out.push_back(point_of(*row, row->held, row->head));
  }
  return out;
}

Result<bool> Store::all_receipted(Scope scope) {
  // A held stream without a receipt for all of it is, or is before, a tip without one; receipts
  // are kept for whole lines.
  TRY_ASSIGN(
      Statement select,
      core_->db->prepare("SELECT EXISTS (SELECT 1 FROM scope c JOIN stream s ON s.scope = c.no"
                         " LEFT JOIN receipt r ON r.stream = s.no WHERE c.unit=? AND"
                         " c.channel=? AND s.held > ifnull(r.counter, 0))"));
  select.bind(1, scope.unit.value).bind(2, static_cast<std::int64_t>(scope.channel));
  TRY_ASSIGN(const bool row, select.step());
  return !row || select.integer(0) == 0;
}

Result<std::vector<SegmentRef>> Store::missing(Scope scope, std::span<const Point> known) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  std::vector<SegmentRef> out;
  if (streams == nullptr) return out;
  Cover cover(*streams);
  const std::uint64_t begin = log_read();
  for (const Point& point : known) {
    if (log_read() - begin > limits::kPointsMemoryMax) break;  // more is sent than is lacking
    TRY_ASSIGN(const Ref held, held_at(*streams, point));
    cover.add(held);
  }
  for (const auto& row : streams->rows()) {
    const std::uint32_t covered = cover.at(row->no);
    if (row->held <= covered) continue;
    TRY_ASSIGN(std::vector<SegmentRef> segments, core_->log.segments(*streams, *row, covered));
    out.insert(out.end(), segments.begin(), segments.end());
  }
  std::sort(out.begin(), out.end(),
            [](const SegmentRef& a, const SegmentRef& b) { return a.ordinal < b.ordinal; });
  return out;
}

Result<Bytes> Store::segment_bytes(std::int64_t ordinal) { return core_->log.bytes(ordinal); }

Result<std::uint64_t> Store::waiting_events() {
  TRY_ASSIGN(
      const std::int64_t n,
      // What is set aside waits for nothing.
      core_->db->integer("SELECT ifnull(sum(max(waits - folded, 0)), 0) FROM (SELECT folded,"
                         " iif(aside > 0, min(held, aside - 1), held) AS waits FROM stream)"));
  return static_cast<std::uint64_t>(n);
}

Result<std::vector<SyncStore::Partial>> Store::partials(DeviceNo from) {
  TRY_ASSIGN(Statement select, core_->db->prepare("SELECT digest, length(bytes) FROM partial"
                                                  " WHERE device=? ORDER BY at DESC"));
  select.bind(1, from.value);
  std::vector<Partial> out;
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    Partial partial;
    const ByteView digest = select.blob(0);
    std::copy_n(digest.begin(), (std::min)(digest.size(), partial.digest.size()),
                partial.digest.begin());
    partial.received = static_cast<std::uint64_t>(select.integer(1));
    out.push_back(partial);
  }
}

Result<Bytes> Store::partial_bytes(DeviceNo from, const std::array<std::uint8_t, 16>& digest) {
  TRY_ASSIGN(Statement select,
             core_->db->prepare("SELECT bytes FROM partial WHERE device=? AND digest=?"));
  select.bind(1, from.value).bind(2, digest);
  TRY_ASSIGN(const bool row, select.step());
  const ByteView bytes = row ? select.blob(0) : ByteView();
  return Bytes(bytes.begin(), bytes.end());
}

Status Store::keep_partial(DeviceNo from, const std::array<std::uint8_t, 16>& digest,
                           ByteView bytes) {
  TRY_ASSIGN(Statement upsert,
             core_->db->prepare("INSERT INTO partial (device, digest, at, bytes)"
                                " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (device, digest)"
                                " DO UPDATE SET at=?3, bytes=?4"));
  upsert.bind(1, from.value).bind(2, digest).bind(3, core_->options.clock->now().value);
  upsert.bind(4, bytes);
  TRY(upsert.run());
  TRY_ASSIGN(Statement prune,
             core_->db->prepare("DELETE FROM partial WHERE device=?1 AND digest NOT IN (SELECT"
                                " digest FROM partial WHERE device=?1 ORDER BY at DESC, digest"
                                " LIMIT ?2)"));
  prune.bind(1, from.value).bind(2, static_cast<std::int64_t>(limits::kPartialsMax));
  return prune.run();
}

Status Store::drop_partial(DeviceNo from, const std::array<std::uint8_t, 16>& digest) {
  TRY_ASSIGN(Statement erase,
             core_->db->prepare("DELETE FROM partial WHERE device=? AND digest=?"));
  erase.bind(1, from.value).bind(2, digest);
  return erase.run();
}

Status Store::keep_receipt(std::span<const ReceiptPoint> points, TimeMs parent_time,
                           ByteView signed_bytes) {
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_->db));
  TRY_ASSIGN(Statement upsert,
             core_->db->prepare("INSERT INTO receipt (stream, counter, parent_time, signed)"
                                " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (stream) DO UPDATE SET"
                                " counter=?2, parent_time=?3, signed=?4 WHERE counter < ?2"));
  bool changed = false;
  for (const ReceiptPoint& receipt : points) {
    TRY_ASSIGN(ScopeStreams * streams, known_scope(receipt.scope));
    if (streams == nullptr) continue;
    // What is before the point is held by the parent as well: the whole line is receipted.
    TRY_ASSIGN(Ref at, held_at(*streams, receipt.point));
    while (!at.none()) {
      upsert.reset().bind(1, at.stream()).bind(2, at.counter()).bind(3, parent_time.value);
      upsert.bind(4, signed_bytes);
      TRY(upsert.run());
      if (core_->db->changes() == 0) break;
      changed = true;
      at = streams->at(at.stream()).predecessor;
    }
  }
  if (changed) TRY(above_changed());
  return transaction.commit();
}

Status Store::take_back_receipts(Scope scope, std::span<const Point> held) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  if (streams == nullptr) return {};
  Cover cover(*streams);
  for (const Point& point : held) {
    TRY_ASSIGN(const Ref here, held_at(*streams, point));
    cover.add(here);
  }
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_->db));
  TRY_ASSIGN(Statement lower,
             core_->db->prepare("UPDATE receipt SET counter=?2 WHERE stream=?1 AND counter > ?2"));
  TRY_ASSIGN(Statement erase, core_->db->prepare("DELETE FROM receipt WHERE stream=?"));
  for (const auto& row : streams->rows()) {
    const std::uint32_t covered = cover.at(row->no);
    if (covered == 0) {
      erase.reset().bind(1, row->no);
      TRY(erase.run());
    } else {
      lower.reset().bind(1, row->no).bind(2, covered);
      TRY(lower.run());
    }
  }
  TRY(above_changed());
  return transaction.commit();
}

Status Store::note_contact(DeviceNo device, UnitNo unit, TimeMs now) {
  TRY_ASSIGN(Statement upsert,
             core_->db->prepare("INSERT INTO contact (device, unit, at) VALUES (?1, ?2, ?3)"
                                " ON CONFLICT (device) DO UPDATE SET unit=?2, at=?3"));
  upsert.bind(1, device.value).bind(2, unit.value).bind(3, now.value);
  return upsert.run();
}

Status Store::note_parent_time(TimeMs parent_time) { return writer_.note_parent_time(parent_time); }

}  // namespace lalanh
