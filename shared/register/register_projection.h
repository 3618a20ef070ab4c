#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "shared/register/class_rules.h"
#include "shared/register/facts.h"
#include "shared/store/projection.h"

namespace lalanh {

/// Keeps the tables of `sql/register.sql`: lists, search, classes, citizens' numbers, the inbox of
/// conflicts; and tells observers what households add to the figures. Which fields matter comes
/// from the catalogue and the rule packs, so neither needs code here.
class RegisterProjection : public Projection {
 public:
  RegisterProjection(Store& store, const FieldWords& words, const ClassRules& rules);
  ~RegisterProjection() override;
  /// Not owned; before the store's prepare_projections.
  void observe(HouseholdObserver* observer) { observers_.push_back(observer); }

  std::string_view name() const override { return "register"; }
  std::string version() const override;
  Status create() override;
  Status change(const EntityChange& change) override;
  Status flush() override;
  void committed() override;
  void rolled_back() override;

  /// Statements and the set of conflicts; after the tables are there.
  Status open();

 private:
  struct Pending;
  struct Loaded;
  Status changed_household(const EntityChange& change);
  Status changed_child(const EntityChange& change, bool assessment);
  Status note_conflict(const EntityChange& change);
  bool concerns(std::span<const Word> changed, const std::unordered_set<Word>& fields) const;
  Result<bool> class_is_same(const EntityChange& change) const;
  Pending& pending_of(Ref household, const EntityChange& change);
  Status load(Ref household, Loaded& loaded);
  Status load_assessments(Ref household, std::vector<Ref> refs, Loaded& loaded);
  Result<const EntityState*> load_one(Ref ref, Loaded& loaded);
  Status write(Ref household, const Pending& pending);
  Status write_assessments(Ref household, bool fresh, const Loaded& loaded, HouseholdFacts& before,
                           HouseholdFacts& after);
  Status tell(const ScopeStreams& scope, const HouseholdFacts& before, const HouseholdFacts& after);
  Status write_citizens(Ref household, bool fresh, const Loaded& loaded);
  Status insert_or_update_household(Ref household, const Loaded& loaded,
                                    const HouseholdFacts& after, std::int64_t heads);
  std::string search_text(const Loaded& loaded) const;

  Store& store_;
  const FieldWords& words_;
  const ClassRules& rules_;
  std::vector<HouseholdObserver*> observers_;
  Word household_, member_, assessment_, head_, relation_, citizen_, period_;
  std::vector<Word> household_search_, member_search_;
  std::unordered_set<Word> household_fields_, member_fields_, assessment_fields_;
  std::unordered_map<Ref, Pending> pending_;
  std::vector<Ref> order_;
  std::unordered_set<std::int64_t> conflicts_;
  Statement read_household_, write_household_, read_assessments_, write_assessment_, write_citizen_,
      drop_citizens_, add_conflict_, drop_conflict_;
};

}  // namespace lalanh
