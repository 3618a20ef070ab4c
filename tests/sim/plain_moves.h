#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "shared/units/unit_tree.h"
#include "tests/sim/plain_merge.h"

namespace lalanh::sim {

/// Which households continue which, of all the scopes that a machine holds: `sync.md`, a household
/// that moves, read from the plain merge.
class PlainMoves {
 public:
  /// The tree outlives it.
  explicit PlainMoves(const UnitTree& tree) : tree_(tree) {}
  void add(Scope scope, const PlainState& state);

  /// After the last add: households of the scope that one in the register continues.
  std::set<Dot> moved(Scope scope) const;
  /// Findings: households that count and come from one.
  std::vector<std::string> twice() const;

 private:
  struct Edge {
    std::string self, old;
    bool there = false;
  };
  bool continued(const std::string& name, std::set<std::string> passed) const;
  std::string first(const std::string& name, std::size_t steps) const;

  const UnitTree& tree_;
  std::vector<Edge> edges_;
  std::map<Scope, std::map<std::string, Dot>> names_;  ///< of all households
};

}  // namespace lalanh::sim
