#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/register/field_words.h"
#include "shared/rules/rule_pack.h"

namespace lalanh {

/// What a list of households is asked for.
struct HouseholdQuery {
  std::vector<UnitNo> units;          ///< empty: all here
  std::string text;                   ///< every word must be found; case and diacritics aside
  std::string period;                 ///< for the class shown and `value`
  std::optional<PovertyClass> value;  ///< only households of this class in the period
  bool removed_too = false;
  std::size_t offset = 0;
  std::size_t limit = 100;
};

struct HouseholdLine {
  EntityId id;
  EntityState state;
  bool counted = false;
  bool moved = false;     ///< one that is in the register continues it, here or elsewhere
  bool conflict = false;  ///< it, a member or an assessment has something to settle
  std::int64_t members = 0;
  std::optional<PovertyClass> value;  ///< of the period; nothing: not assessed
};

struct HouseholdPage {
  std::int64_t total = 0;
  std::vector<HouseholdLine> lines;  ///< by the head's name as Vietnamese sort, then id
};

/// Reads the projections of the register. Not thread-safe.
class RegisterQueries {
 public:
  explicit RegisterQueries(Store& store) : store_(store) {}

  Result<HouseholdPage> households(const HouseholdQuery& query);
  /// Households whose code is exactly this, in the units (empty: all): those that are there, or
  /// (`counted` false) those that are not.
  Result<std::vector<EntityId>> households_by_code(const std::string& code,
                                                   const std::vector<UnitNo>& units,
                                                   bool counted = true);
  /// Entities with something to settle.
  Result<std::vector<EntityId>> conflicts(const std::vector<UnitNo>& units);
  /// Of two assessments of a household and period one counts: is it this one?
  Result<bool> assessment_counts(Ref assessment);
  /// Does a household that is in the register continue this one?
  Result<bool> moved(Ref household);
  /// Is any household known, in the register or not any more, that says that it continues this one?
  Result<bool> named_as_old(const EntityId& household);
  /// The households in the register that continue this one, at once or over others, as far as they
  /// are here.
  Result<std::vector<EntityId>> continued_by(const EntityId& household);
  /// The household that an entity is, or belongs to.
  Result<EntityId> household_of(const EntityId& entity);

  /// A finding of the register, in stable words; see `docs/OPERATING.md`.
  struct Line {
    std::string kind;  ///< "class_differs", …, "two_heads", "no_head", "assessed_twice",
                       ///< "citizen_twice", "code_twice", "moved_late", "moved_twice"
    EntityId household;
    std::string detail;  ///< period, a count, a number or code, or the old household's id
  };
  Result<std::vector<Line>> findings(const std::vector<UnitNo>& units);

  Result<EntityId> entity_id(Ref ref);

 private:
  std::string unit_filter(const std::vector<UnitNo>& units, const char* column) const;
  Status add_moved_twice(const std::vector<UnitNo>& units, std::vector<Line>& out);
  Result<bool> flag(const char* sql, Ref ref);
  Result<std::vector<EntityId>> named(Statement& select);
  Status add_findings(const std::string& sql, const std::string& kind, std::vector<Line>& out);
  Store& store_;
};

}  // namespace lalanh
