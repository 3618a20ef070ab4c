#include "shared/store/devices.h"

#include <algorithm>
#include <map>
#include <set>

namespace lalanh {
namespace {

Result<std::vector<Bytes>> certificates(Database& db, const char* sql) {
  std::vector<Bytes> out;
  TRY_ASSIGN(Statement select, db.prepare(sql));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    const ByteView bytes = select.blob(0);
    out.emplace_back(bytes.begin(), bytes.end());
  }
}

Result<std::map<std::uint32_t, std::int64_t>> contacts(Database& db) {
  std::map<std::uint32_t, std::int64_t> out;
  TRY_ASSIGN(Statement select, db.prepare("SELECT device, at FROM contact"));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    out[static_cast<std::uint32_t>(select.integer(0))] = select.integer(1);
  }
}

/// A line that branches: where, and after which stream.
struct Branching {
  std::int64_t scope;
  std::uint32_t stream;
};

Status find(Database& db, const char* sql, std::vector<Branching>& out) {
  TRY_ASSIGN(Statement select, db.prepare(sql));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return {};
    out.push_back({select.integer(0), static_cast<std::uint32_t>(select.integer(1))});
  }
}

Result<std::vector<Branching>> branchings(Database& db) {
  std::vector<Branching> out;
  // Two streams with one predecessor, or a key's two without any.
  TRY(find(db,
           "SELECT scope, min(no) FROM stream WHERE branch=0 AND predecessor>0"
           " GROUP BY scope, predecessor HAVING count(*) > 1",
           out));
  TRY(find(db,
           "SELECT scope, min(no) FROM stream WHERE branch=0 AND predecessor=0"
           " GROUP BY scope, certificate HAVING count(*) > 1",
           out));
  // One that follows an event which is not the last of its stream. (2^22 parts number and counter.)
  TRY(find(db,
           "SELECT s.scope, s.no FROM stream s JOIN stream p ON p.no = s.predecessor / 4194304"
           " WHERE s.branch=0 AND s.predecessor>0 AND s.predecessor % 4194304 < p.held",
           out));
  // Two hashes at one counter: a running program was copied.
  TRY(find(db, "SELECT scope, no FROM stream WHERE branch>0", out));
  return out;
}

}  // namespace

Result<std::vector<CopiedMachine>> copied_machines(Store& store) {
  StoreCore& core = store.core();
  TRY_ASSIGN(const std::vector<Branching> found, branchings(*core.db));
  std::set<std::pair<std::int64_t, Hash>> seen;
  std::vector<CopiedMachine> out;
  for (const Branching& each : found) {
    TRY_ASSIGN(ScopeStreams * streams, core.scope_by_no(each.scope));
    const StreamRow& row = streams->at(each.stream);
    if (!seen.insert({each.scope, row.key}).second) continue;
    CopiedMachine machine{row.key, row.author.device, row.unit, streams->scope(), {}};
    TRY_ASSIGN(const std::vector<Point> tips, store.tips(streams->scope()));
    for (const Point& tip : tips) {
      const StreamRow* of = streams->find(tip.writer);
      if (of != nullptr && of->key == row.key) machine.tips.push_back(tip);
    }
    out.push_back(std::move(machine));
  }
  return out;
}

Result<std::vector<KnownDevice>> known_devices(Store& store,
                                               const std::function<bool(UnitNo)>& in) {
  StoreCore& core = store.core();
  std::map<Hash, KnownDevice> by_key;
  const auto add = [&](const Certificate& certificate) {
    for (const CertificateLink& link : certificate.chain) {
      if (in(link.unit)) by_key[link.key].link = link;
    }
  };
  add(store.own_certificate());
  TRY_ASSIGN(std::vector<Bytes> all,
             certificates(*core.db, "SELECT bytes FROM certificate ORDER BY no"));
  TRY_ASSIGN(const std::vector<Bytes> issued,
             certificates(*core.db, "SELECT certificate FROM issued ORDER BY at, device"));
  all.insert(all.end(), issued.begin(), issued.end());
  for (const Bytes& bytes : all) {
    TRY_ASSIGN(const Certificate certificate, read_certificate(bytes, store.root_key()));
    add(certificate);
  }
  TRY_ASSIGN(const auto last, contacts(*core.db));
  TRY_ASSIGN(const std::vector<CopiedMachine> copied, copied_machines(store));
  std::vector<KnownDevice> out;
  for (auto& [key, device] : by_key) {
    const auto at = last.find(device.link.device.value);
    if (at != last.end()) device.last_contact = TimeMs(at->second);
    TRY_ASSIGN(device.revoked, core.revoked(key, device.link.rank));
    device.copied = std::any_of(copied.begin(), copied.end(),
                                [&key = key](const CopiedMachine& m) { return m.key == key; });
    out.push_back(std::move(device));
  }
  std::stable_sort(out.begin(), out.end(), [](const KnownDevice& a, const KnownDevice& b) {
    return a.link.device < b.link.device;
  });
  return out;
}

}  // namespace lalanh
