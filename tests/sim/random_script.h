#pragma once

#include <vector>

#include "tests/sim/choices.h"
#include "tests/sim/random_register.h"
#include "tests/sim/seeds.h"

namespace lalanh::sim {

/// Makes up a script, line by line, looking at what the player has come to. The same choices and
/// the same player give the same lines.
class RandomScript {
 public:
  /// `faults` choose which faults there are, and how many lines; `lines` choose the lines, and
  /// where these end, the script settles. Both outlive it, and may be the same.
  RandomScript(Choices& faults, Choices& lines);
  const std::vector<Fault>& faults() const { return faults_; }
  /// Units and nodes.
  std::vector<ScriptLine> beginning();
  /// The next line; `settle` is the last, and after it nothing.
  std::optional<ScriptLine> next(Player& player);

 private:
  bool on(Fault fault) const;
  ScriptLine line(const std::string& op, Json keys);
  std::string machine(Player& player);
  struct Entity {
    std::string label, type, unit;
  };
  struct Known {
    std::string machine;
    Entity entity;
  };
  /// A machine that sees some entity of the type (any, where it is empty), and the entity; nothing
  /// where a few tries find none.
  std::optional<Known> known(Player& player, const std::string& type);
  std::string unit_below(Player& player, const std::string& machine);

  /// What the machine's program knows; nullptr where versions are not played with.
  const Catalogue* catalogue(Player& player, const std::string& machine) const;

  std::optional<ScriptLine> fault(Player& player);
  std::optional<ScriptLine> write(Player& player);
  std::optional<ScriptLine> set(const Catalogue* program, const Known& known, Json keys);
  std::optional<ScriptLine> create(Player& player);
  void move(Player& player, const std::string& at, Json& keys);
  ScriptLine sync(Player& player);
  std::optional<ScriptLine> link_fault(Player& player, ScriptLine sync);
  std::optional<ScriptLine> stick(Player& player);

  Choices& choices_;
  RandomRegister writes_;
  std::vector<Fault> faults_;
  std::vector<std::pair<std::string, std::string>> units_;  ///< name, parent
  std::vector<Entity> entities_;
  std::vector<std::string> snapshots_;
  std::vector<std::pair<std::string, std::string>> bundles_;  ///< label, reader
  int steps_ = 0;
  int made_ = 0;  ///< labels, copies, snapshots: all names end with a number of their own
  std::optional<ScriptLine> next_;  ///< what belongs to the line before
  bool ended_ = false;
};

}  // namespace lalanh::sim
