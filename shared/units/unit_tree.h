#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/calendar.h"
#include "shared/base/ids.h"

namespace lalanh {

/// The tier of a unit; its number is the rank of certificates of that tier (`identity.md`).
enum class UnitLevel : std::uint8_t { kVillage = 1, kCommune = 2, kDistrict = 3, kProvince = 4 };

/// What was so of a unit from a day on. A unit keeps its number for ever; its code, name, kind and
/// parent are such facts, so that a merge, a renaming or a tier's end loses no history.
struct UnitFact {
  UnitNo unit;
  Date valid_from;               ///< first day
  std::optional<Date> valid_to;  ///< last day, included; none: until another fact begins
  std::string code;              ///< official code; reused by law, so never a key
  std::string name;              ///< "Xã Lạc Vân"
  UnitLevel level = UnitLevel::kVillage;
  std::string kind;  ///< province, city, district, ward, town, commune, village, …
  UnitNo parent;     ///< 0: none
  friend bool operator==(const UnitFact&, const UnitFact&) = default;
};
bool operator<(const UnitFact& a, const UnitFact& b);

/// The dated tree of units: a function of the *set* of its facts, in whatever order and however
/// often they were added. Facts come from other nodes too, so nothing is refused: a cycle or an
/// unknown parent is borne, and searches end. Reads are safe from several threads while none adds.
///
/// Of several facts of a unit that cover a day, the one in force is the one that begins last; of
/// those the greatest in the order of all their fields.
class UnitTree {
 public:
  UnitTree() = default;

  /// Adds facts; those of unit 0 and those held already change nothing. Rebuilds the indexes once
  /// a call: add many together.
  void add(std::span<const UnitFact> facts);
  /// Replaces all facts.
  void reset(std::vector<UnitFact> facts);

  /// All facts, sorted by unit and day.
  const std::vector<UnitFact>& facts() const { return facts_; }
  /// Every unit that has a fact, by number.
  std::vector<UnitNo> units() const;
  /// Has the unit a fact?
  bool knows(UnitNo unit) const;
  /// The fact in force on a day; nullptr where none is. Owned by the tree until the next add.
  const UnitFact* at(UnitNo unit, const Date& day) const;
  /// The fact in force that day or, where none is, the last that was before it, or else the first
  /// that will be: for names of units that are no more. nullptr for unknown units.
  const UnitFact* nearest(UnitNo unit, const Date& day) const;
  /// The facts of a unit, by day. Owned by the tree until the next add.
  std::span<const UnitFact> history(UnitNo unit) const;

  /// Units whose parent that day is this one, by code, then number.
  std::vector<UnitNo> children(UnitNo unit, const Date& day) const;
  /// The parent that day, its parent, …, nearest first. Ends at a unit without parent or fact that
  /// day, or before a unit would come twice.
  std::vector<UnitNo> ancestors(UnitNo unit, const Date& day) const;
  /// Is `unit` the other, or among those below it that day?
  bool is_or_is_below(UnitNo unit, UnitNo ancestor, const Date& day) const;
  /// All units below this one that day, itself not among them: parents first, by code.
  std::vector<UnitNo> below(UnitNo unit, const Date& day) const;
  /// Units that have no parent that day, by code, then number.
  std::vector<UnitNo> roots(const Date& day) const;
  /// The units that carry an official code that day: one at most in a well-kept tree.
  std::vector<UnitNo> find_by_code(std::string_view code, const Date& day) const;

  /// Is `unit` the other, or was it ever below it: by any chain of parents of any days, not
  /// necessarily of one and the same day? So facts that are added, and days that are corrected,
  /// only ever add such pairs, as the check of rights needs (`identity.md`, Rights).
  bool is_or_ever_was_below(UnitNo unit, UnitNo ancestor) const;
  /// Every unit that is or ever was below this one, by number, itself not among them.
  std::vector<UnitNo> ever_below(UnitNo unit) const;
  /// Every unit that is or ever was above this one, by number, itself not among them.
  std::vector<UnitNo> ever_above(UnitNo unit) const;

  /// The rank of certificates of a unit, by its level that day or the nearest; 0 for unknown ones.
  Rank rank(UnitNo unit, const Date& day) const;
  /// Deterministic bytes of all facts: their digest names the tree that a report was made with.
  Bytes canonical_bytes() const;

 private:
  struct Node {
    UnitNo unit;
    std::uint32_t first_fact = 0;  ///< facts_[first_fact, end_fact)
    std::uint32_t end_fact = 0;
    std::vector<std::uint32_t> ever_children;  ///< indexes of nodes
    std::vector<std::uint32_t> ever_parents;
    std::vector<std::uint32_t> ever_above;  ///< sorted indexes, closed
  };
  void rebuild();
  void close_upward(std::uint32_t index);
  const Node* node(UnitNo unit) const;
  const UnitFact* in_force(const Node& node, std::int64_t day) const;
  void sort_by_code(std::vector<UnitNo>& units, const Date& day) const;

  std::vector<UnitFact> facts_;
  std::vector<Node> nodes_;  ///< by unit number; parents that have no fact of their own as well
  std::unordered_map<UnitNo, std::uint32_t> index_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_code_;  ///< code to nodes
};

/// "village", "commune", "district", "province"; false where the word is none of them.
bool level_from_text(std::string_view word, UnitLevel& out);
std::string_view to_text(UnitLevel level);
/// Is a commune-level unit of this kind urban in the sense of the income lines? Wards and towns
/// (phường, thị trấn) are; communes (xã) are not (public practice under TT 07/2021, I).
bool is_urban_kind(std::string_view kind);

}  // namespace lalanh
