#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/wire.h"

namespace lalanh::sim {

/// A province of machines under one true time, all from one seed: the same seed and the same calls
/// give the same bytes. Errors are those of the product; a wrong name is a programming error.
class World {
 public:
  explicit World(std::uint64_t seed);

  /// A unit of the tree, under a parent that is there; "": the root.
  void add_unit(const std::string& name, const std::string& parent, UnitLevel level);
  /// It hangs below another parent from now on, for everybody; its machines sync with that server.
  void move_unit(const std::string& name, const std::string& parent, const std::string& server);
  bool has_unit(const std::string& name) const { return units_.count(name) != 0; }
  UnitNo unit(const std::string& name) const { return units_.at(name); }
  const std::string& unit_name(UnitNo unit) const;
  const UnitTree& tree() const { return tree_; }

  /// A machine with a new device of the unit, certified by the parent's, and started with a program
  /// of the version.
  Status add_machine(const std::string& name, const std::string& unit, const std::string& parent,
                     int version = kThisVersion);
  Machine& machine(const std::string& name) { return *machines_.at(name); }
  bool has_machine(const std::string& name) const { return machines_.count(name) != 0; }
  /// In the order in which they were made.
  const std::vector<std::string>& machines() const { return order_; }

  /// One sync of a machine with its parent.
  Result<SyncSummary> sync(Machine& child, const LinkFaults& faults);
  /// Another machine from the disk of one that runs: the same device, a new epoch. `running`: a
  /// copy of the program's memory as well, in the same epoch.
  Status copy(const std::string& of, const std::string& as, bool running);
  /// The files of an old copy; the program starts anew.
  Status restore(Machine& machine, const DiskImage& image);

  /// Called with each exchange of each sync.
  std::function<void(Machine& child, Machine& parent, const Exchange&)> seen;

  TrueTime& time() { return time_; }
  Rng& rng() { return rng_; }

 private:
  Machine::Parts parts(const std::string& name, UnitNo unit, const std::string& parent) const;
  Status start(const std::string& name, std::unique_ptr<Machine> machine,
               const std::optional<OwnMemory>& memory);

  TrueTime time_;
  Rng rng_;
  KeyPair root_;
  UnitTree tree_;
  std::map<std::string, UnitNo> units_;
  std::map<std::string, std::unique_ptr<Machine>> machines_;
  std::vector<std::string> order_;
  std::uint32_t devices_ = 0;
  int unit_moves_ = 0;
};

}  // namespace lalanh::sim
