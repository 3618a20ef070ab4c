#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/plain_merge.h"
#include "tests/sim/register_lines.h"

/// The second register: what the state of a scope comes to in households, classes, figures and
/// findings, counted one by one from the plain merge. Of the product it uses pure functions alone
/// (the class of an assessment's answers, the folding of a text), which have tests of their own.
namespace lalanh::sim {

struct PlainFigures {
  std::int64_t households = 0;
  std::int64_t persons = 0;
  void add(const PlainFigures& other) {
    households += other.households;
    persons += other.persons;
  }
};

/// What one scope comes to.
struct PlainBook {
  std::vector<std::string> lines;     ///< what the tables must hold, sorted
  std::vector<std::string> findings;  ///< of single households
  /// By period and class; period "": all of the register.
  std::map<std::pair<std::string, PovertyClass>, PlainFigures> figures;
  /// Number of a citizen to households that have it.
  std::map<std::string, std::set<std::string>> citizens;
};

/// As a program sees it that knows this catalogue. `moved`: households that one in the register
/// continues, here or in another scope (`plain_moves.h`).
PlainBook plain_book(Scope scope, const PlainState& state, const Catalogue& catalogue,
                     const std::set<Dot>& moved);

}  // namespace lalanh::sim
