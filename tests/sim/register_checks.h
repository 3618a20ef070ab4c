#pragma once

#include <map>
#include <optional>
#include <string>

#include "shared/report/report.h"
#include "tests/sim/plain_moves.h"
#include "tests/sim/plain_register.h"
#include "tests/sim/world.h"

namespace lalanh::sim {

/// The promises about what people read: tables, inbox, findings and reports are what the log comes
/// to (invariants 5, 6 and 9 of `sync.md`). Each check throws Broken. The world outlives it.
class RegisterChecks {
 public:
  explicit RegisterChecks(World& world) : world_(world) {}

  /// What a scope comes to with these heads.
  void keep(Scope scope, const Hash& heads, PlainState state);
  /// A machine whose scopes have all been kept with the heads that it has now.
  void check(Machine& machine);
  /// A machine in the middle of a run: the tables of one scope, or of all. The states are all that
  /// it holds; where no household moves, that scope's alone.
  void check(Machine& machine, const std::map<Scope, PlainState>& states, std::optional<Scope> of);
  /// Another database, filled from the machine's segments in another order; then its tables are
  /// dropped and made anew.
  void check_rebuilt(Machine& machine, Store& fresh, MachineRegister& registered);

 private:
  using Figures = std::map<std::pair<std::string, PovertyClass>, PlainFigures>;
  const PlainBook& book(Machine& machine, Scope scope, const Hash& heads, const PlainMoves& moves);
  void check_findings(Machine& machine, const std::vector<const PlainBook*>& books,
                      const PlainMoves& moves);
  void check_reports(Machine& machine);
  bool has_left(Machine& machine, const ReportRow& row) const;
  Figures sum(UnitNo unit, const std::map<UnitNo, const PlainBook*>& books) const;

  World& world_;
  std::map<std::pair<Scope, Hash>, PlainState> states_;
  std::map<std::tuple<Scope, Hash, const Catalogue*, std::set<Dot>>, PlainBook> books_;
  std::map<UnitNo, const PlainBook*> of_machine_;  ///< of the one that is checked
};

}  // namespace lalanh::sim
