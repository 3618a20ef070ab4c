#pragma once

#include <set>
#include <unordered_map>

#include "tests/sim/plain_merge.h"
#include "tests/sim/player.h"
#include "tests/sim/register_checks.h"

namespace lalanh::sim {

/// The promises of `sync.md`, checked from outside while a run goes on; each throws Broken with its
/// number. The player outlives it.
class Checks : public Watcher {
 public:
  explicit Checks(Player& player) : player_(player), register_(player.world()) {}

  void confirmed(Machine& machine, const EventName& event) override;
  void refused(Machine& machine, const Hash& digest_before) override;
  void put_back(Machine& machine) override;
  void forked(Machine& a, Machine& b) override;
  void restarted(Machine& machine) override;
  void upgraded(Machine& machine, const std::optional<Hash>& digest_before) override;
  void exchanged(Machine& child, Machine& parent, const Exchange& exchange) override;
  void after(const ScriptLine& line) override;
  void settled() override;

  std::uint64_t states_compared() const { return compared_.size(); }
  std::uint64_t events_confirmed() const { return confirmed_.size(); }

 private:
  using Heads = std::map<std::pair<Scope, WriterId>, std::uint32_t>;
  Heads heads_of(Machine& machine) const;
  void note_durable(Machine& machine);
  /// By the tree as it ever was: what may have been there.
  bool may_read(Machine& machine, Scope scope) const;
  /// By the tree of today: what is the same everywhere at rest.
  bool reads(Machine& machine, Scope scope) const;
  bool holds(Machine& machine, const EventName& event) const;
  bool anybody_holds(const EventName& event) const;
  void check_state(Machine& machine, Scope scope);
  void check_between(Machine& machine);
  std::map<Scope, PlainState> record_states(Machine& machine, std::optional<Scope> one);
  void check_receipts(Machine& machine);
  void check_redelivery(Machine& machine);
  /// Every event of the scope that the machine holds, read from its segments and its tail.
  std::vector<const PlainEvent*> events_of(Machine& machine, Scope scope);
  void read_stream(Machine& machine, ScopeStreams& scope, const StreamRow& row,
                   std::vector<const PlainEvent*>& out);
  const PlainEvent* keep(PlainEvent event);

  Player& player_;
  RegisterChecks register_;
  std::vector<std::pair<std::string, EventName>> confirmed_;
  std::map<std::pair<Scope, Dot>, Hash> names_;
  std::set<std::string> forked_;
  std::map<std::string, Heads> durable_;
  std::uint64_t lines_ = 0;
  std::unordered_map<Hash, std::unique_ptr<PlainEvent>, HashOfHash> events_;
  /// State digests by scope and heads: equal heads, equal state.
  std::map<std::pair<Scope, Hash>, Hash> compared_;
};

}  // namespace lalanh::sim
