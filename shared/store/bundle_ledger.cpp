#include "shared/store/bundle_ledger.h"

#include <algorithm>

#include "shared/store/ingest.h"

namespace lalanh {
namespace {

constexpr std::string_view kSequence = "bundle_sequence";
/// A step that no honest writer needs: sequences grow by one, or are seconds of a clock.
constexpr std::int64_t kStepMax = std::int64_t{1} << 40U;
constexpr std::int64_t kSequenceMax = (std::int64_t{1} << 62U) - 1;
constexpr std::size_t kPointBytes = 24;

Bytes bytes_of(const std::vector<Point>& points) {
  Bytes out;
  out.reserve(points.size() * kPointBytes);
  for (const Point& point : points) {
    append(out, point.writer.bytes);
    for (unsigned shift = 32; shift > 0; shift -= 8) {
      out.push_back(static_cast<std::uint8_t>(point.counter >> (shift - 8)));
    }
    append(out, point.hash);
  }
  return out;
}

std::vector<Point> points_of(ByteView bytes) {
  std::vector<Point> out;
  for (; bytes.size() >= kPointBytes; bytes = bytes.subspan(kPointBytes)) {
    Point point;
    std::copy_n(bytes.begin(), 12, point.writer.bytes.begin());
    for (std::size_t i = 12; i < 16; ++i) point.counter = (point.counter << 8U) | bytes[i];
    std::copy_n(bytes.begin() + 16, 8, point.hash.begin());
    out.push_back(point);
  }
  return out;
}

/// By a device of higher rank, in its own unit's records. What it wrote before may stand; it writes
/// and reads no more.
bool is_revoked(const ScopeStreams* records, const CertificateLink& device) {
  if (records == nullptr) return false;
  const auto counts = [&](const ScopeStreams::Revoke& revoke) {
    return revoke.says.key == device.key && !records->set_aside(revoke.ref) &&
           device.rank < records->author(revoke.ref.stream()).rank;
  };
  return std::any_of(records->revokes.begin(), records->revokes.end(), counts);
}

}  // namespace

Result<std::uint64_t> BundleLedger::next_sequence() {
  TRY_ASSIGN(const std::int64_t last, core_.meta(kSequence, 0));
  const std::int64_t seconds = core_.options.clock->now().value / 1'000;
  const std::int64_t next = (std::max)(last + 1, seconds);
  if (next > kSequenceMax) return Error{ErrorCode::system_internal, {{"why", "bundle sequence"}}};
  TRY(core_.set_meta(kSequence, next));
  return static_cast<std::uint64_t>(next);
}

Status BundleLedger::raise_sequence(std::uint64_t seen) {
  TRY_ASSIGN(const std::int64_t last, core_.meta(kSequence, 0));
  if (seen > static_cast<std::uint64_t>(kSequenceMax)) return {};
  const auto value = static_cast<std::int64_t>(seen);
  if (value <= last || value - last > kStepMax) return {};
  return core_.set_meta(kSequence, value);
}

Result<std::uint64_t> BundleLedger::seen(const Hash& key) {
  TRY_ASSIGN(Statement select, core_.db->prepare("SELECT sequence FROM bundle_peer WHERE key=?"));
  select.bind(1, key);
  TRY_ASSIGN(const bool row, select.step());
  return row ? static_cast<std::uint64_t>(select.integer(0)) : 0;
}

Status BundleLedger::note(const Hash& key, std::uint64_t sequence,
                          const std::vector<Claim>* claims) {
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_.db));
  TRY_ASSIGN(Statement peer, core_.db->prepare("INSERT INTO bundle_peer (key, sequence)"
                                               " VALUES (?1, ?2) ON CONFLICT (key)"
                                               " DO UPDATE SET sequence=max(sequence, ?2)"));
  peer.bind(1, key).bind(2, static_cast<std::int64_t>(sequence));
  TRY(peer.run());
  if (claims != nullptr) {
    TRY_ASSIGN(Statement erase, core_.db->prepare("DELETE FROM bundle_claim WHERE key=?"));
    erase.bind(1, key);
    TRY(erase.run());
    TRY_ASSIGN(Statement insert,
               core_.db->prepare("INSERT INTO bundle_claim (key, unit, channel, tips)"
                                 " VALUES (?, ?, ?, ?) ON CONFLICT (key, unit, channel)"
                                 " DO NOTHING"));
    for (const Claim& claim : *claims) {
      const Bytes tips = bytes_of(claim.tips);
      insert.reset().bind(1, key).bind(2, claim.scope.unit.value);
      insert.bind(3, static_cast<std::int64_t>(claim.scope.channel)).bind(4, tips);
      TRY(insert.run());
    }
  }
  return transaction.commit();
}

Result<std::optional<std::vector<Point>>> BundleLedger::claimed(const Hash& key, Scope scope) {
  TRY_ASSIGN(Statement select,
             core_.db->prepare("SELECT tips FROM bundle_claim WHERE key=? AND unit=?"
                               " AND channel=?"));
  select.bind(1, key).bind(2, scope.unit.value);
  select.bind(3, static_cast<std::int64_t>(scope.channel));
  TRY_ASSIGN(const bool row, select.step());
  if (!row) return std::optional<std::vector<Point>>();
  return std::optional<std::vector<Point>>(points_of(select.blob(0)));
}

Result<std::vector<Hash>> BundleLedger::devices_of(UnitNo unit) {
  std::vector<Hash> out;
  TRY_ASSIGN(const ScopeStreams* records, core_.known({unit, Channel::kRecords}));
  // Where it cannot be read whether a key is revoked, nothing is sealed to it.
  const auto gone = [&](const CertificateLink& link) {
    if (is_revoked(records, link)) return true;
    const Result<bool> revoked = core_.revoked(link.key, link.rank);
    return !revoked.ok() || *revoked;
  };
  // What a revoked key certified is left out, for a thief of it could have certified his own: but
  // not who was met before.
  const auto add = [&](const Certificate& certificate, bool met) {
    const std::span chain(certificate.chain);
    const auto of_unit = [&](const CertificateLink& link) { return link.unit == unit; };
    if (std::none_of(chain.begin(), chain.end(), of_unit)) return;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const bool revoked = gone(chain[i]);
      if (of_unit(chain[i]) && !revoked &&
          units_fit(core_.tree(), chain.first(i + 1)) == Allowed::kYes) {
        out.push_back(chain[i].key);
      }
      if (revoked && !met) return;
    }
  };
  // Verified when they were kept: chains name servers as well, so all of them are looked at.
  std::vector<std::pair<std::int64_t, bool>> kept;
  {
    TRY_ASSIGN(Statement all, core_.db->prepare("SELECT c.no, m.certificate IS NOT NULL"
                                                " FROM certificate c LEFT JOIN met m"
                                                " ON m.certificate = c.no ORDER BY c.no"));
    for (;;) {
      TRY_ASSIGN(const bool row, all.step());
      if (!row) break;
      kept.emplace_back(all.integer(0), all.integer(1) != 0);
    }
  }
  for (const auto& [no, met] : kept) {
    TRY_ASSIGN(const Certificate* certificate, core_.certificate(no));
    if (certificate != nullptr) add(*certificate, met);
  }
  TRY_ASSIGN(Statement issued, core_.db->prepare("SELECT certificate FROM issued WHERE unit=?"));
  issued.bind(1, unit.value);
  for (;;) {
    TRY_ASSIGN(const bool row, issued.step());
    if (!row) break;
    TRY_ASSIGN(const Certificate certificate,
               read_certificate(issued.blob(0), core_.options.root_key));
    add(certificate, true);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<TimeMs> BundleLedger::parent_time() {
  TRY_ASSIGN(const std::int64_t ms, core_.meta("parent_time_ms", -1));
  return TimeMs(ms);
}

}  // namespace lalanh
