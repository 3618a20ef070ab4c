#include "shared/store/revoking.h"

#include <algorithm>
#include <unordered_map>

#include "shared/base/cbor.h"
#include "shared/store/ingest.h"

namespace lalanh {
namespace {

/// Key of an op's map under which a revoke says why (`docs/FORMATS.md`, Event).
constexpr std::uint64_t kReasonKey = 3;

class Planner {
 public:
  Planner(Store& store, const CertificateLink& device, const Standing& standing)
      : store_(store), core_(store.core()), device_(device), standing_(standing) {}

  Result<RevokedScope> plan(Scope scope) {
    RevokedScope out;
    out.scope = scope;
    out.says.key = device_.key;
    TRY_ASSIGN(ScopeStreams * streams, core_.known(scope));
    if (streams == nullptr) return out;
    find_replaced(*streams, out);
    std::vector<Ref> ends;
    for (const auto& row : streams->rows()) {
      if (row->key != device_.key) continue;
      TRY_ASSIGN(const std::uint32_t last, last_of(*row));
      if (last > row->shared) ends.emplace_back(row->no, last);
    }
    covered_.clear();
    for (const Ref end : ends) cover(*streams, end);
    for (const Ref end : ends) {
      const auto before = [&](Ref other) {
        return !(other == end) && streams->at_or_before(end, other);
      };
      if (std::any_of(ends.begin(), ends.end(), before)) continue;
      const StreamRow& row = streams->at(end.stream());
      TRY_ASSIGN(const Hash hash, core_.log.hash_at(*streams, row, end.counter()));
      out.says.tips.push_back({{row.writer, end.counter()}, hash_front<8>(hash)});
    }
    count(*streams, out);
    return out;
  }

 private:
  void find_replaced(const ScopeStreams& streams, RevokedScope& out) const {
    const Rank own = store_.own_certificate().device().rank;
    for (const ScopeStreams::Revoke& held : streams.revokes) {
      const StreamRow& by = streams.at(held.ref.stream());
      const bool ours = held.says.key == device_.key && !(own < by.author.rank);
      if (ours && held.ref.counter() <= by.folded) out.replaced.push_back(streams.dot(held.ref));
    }
    std::sort(out.replaced.begin(), out.replaced.end());
  }

  Result<std::uint32_t> last_of(const StreamRow& row) {
    if (standing_.nothing) return 0U;
    if (!standing_.arrived_before) return row.held;
    TRY_ASSIGN(Statement select,
               core_.db->prepare("SELECT ifnull(max(last), 0) FROM segment WHERE stream=?"
                                 " AND arrived < ?"));
    select.bind(1, row.no).bind(2, standing_.arrived_before->value);
    TRY_ASSIGN(const bool found, select.step());
    return found ? static_cast<std::uint32_t>(select.integer(0)) : 0U;
  }

  void cover(const ScopeStreams& streams, Ref at) {
    while (!at.none()) {
      std::uint32_t& counter = covered_[at.stream()];
      if (counter >= at.counter()) return;
      counter = at.counter();
      at = streams.at(at.stream()).predecessor;
    }
  }

  void count(const ScopeStreams& streams, RevokedScope& out) const {
    for (const auto& row : streams.rows()) {
      if (row->key != device_.key) continue;
      const auto at = covered_.find(row->no);
      const std::uint32_t covered = at == covered_.end() ? row->shared : at->second;
      out.stands += covered - (std::min)(covered, row->shared);
      out.aside += row->held - (std::min)(covered, row->held);
    }
  }

  Store& store_;
  StoreCore& core_;
  const CertificateLink& device_;
  const Standing& standing_;
  std::unordered_map<std::uint32_t, std::uint32_t> covered_;
};

/// This device's own reference channel, where all below and above it see it, and every scope that
/// the other could write.
std::vector<Scope> scopes_of(Store& store, const CertificateLink& device) {
  const UnitNo own = store.own_certificate().device().unit;
  std::vector<Scope> out = {{own, Channel::kReference}};
  const auto add = [&](Scope scope) {
    if (std::find(out.begin(), out.end(), scope) == out.end()) out.push_back(scope);
  };
  std::vector<UnitNo> units = store.core().tree().ever_below(device.unit);
  units.insert(units.begin(), device.unit);
  if ((device.rights & kWriteReference) != 0) {
    for (const UnitNo unit : units) add({unit, Channel::kReference});
  }
  if ((device.rights & kWriteRecords) != 0) {
    for (const UnitNo unit : units) add({unit, Channel::kRecords});
  }
  return out;
}

Op op_of(const RevokedScope& scope, const std::string& reason) {
  Op op = revoke_op(scope.says);
  op.base = scope.replaced;
  if (!reason.empty()) {
    cbor::Writer out(op.extras);
    out.unsigned_integer(kReasonKey);
    out.text(reason);
  }
  return op;
}

}  // namespace

Result<RevocationPlan> plan_revocation(Store& store, const CertificateLink& device,
                                       const Standing& standing) {
  const CertificateLink& own = store.own_certificate().device();
  const std::string number = std::to_string(device.device.value);
  if ((own.rights & kRevoke) == 0) {
    return Error{ErrorCode::trust_not_allowed,
                 {{"device", std::to_string(own.device.value)}, {"scope", "revoke"}}};
  }
  if (!(device.rank < own.rank)) {
    return Error{ErrorCode::trust_same_rank, {{"device", number}}};
  }
  RevocationPlan out;
  out.device = device;
  TRY(store.seal());
  Planner planner(store, device, standing);
  for (const Scope scope : scopes_of(store, device)) {
    if (may_write(store.core().tree(), scope, own.unit, own.rights) != Allowed::kYes) continue;
    TRY_ASSIGN(RevokedScope planned, planner.plan(scope));
    out.scopes.push_back(std::move(planned));
  }
  return out;
}

Status revoke_device(Store& store, const RevocationPlan& plan, const std::string& actor,
                     const std::string& reason) {
  TRY_ASSIGN(WriteBatch batch, store.begin_write());
  for (const RevokedScope& scope : plan.scopes) {
    Event event;
    event.actor = actor;
    event.verb = "revoke";
    event.ops.push_back(op_of(scope, reason));
    TRY(batch.add(scope.scope, std::move(event)));
  }
  return batch.commit();
}

}  // namespace lalanh
