#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "shared/register/class_rules.h"
#include "shared/register/continuations.h"
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
  Status forget_scope(const ScopeStreams& scope) override;
  bool waits_for_tree() const override { return continuations_.waits_for_tree(); }
  Status tree_grown() override { return continuations_.tree_grown(); }
  Status flush() override;
  void committed() override;
  void rolled_back() override;

  /// Statements and the set of conflicts; after the tables are there.
  Status open();

 private:
  /// What a batch has touched of a household.
  struct Pending {
    bool fresh = false;  ///< it and all its children came in this batch
    bool whole = false;  ///< its own row is made anew from it and its children
    bool texts = false;  ///< short of that: its own texts changed, and no member's
    const ScopeStreams* scope = nullptr;
    const EntityChange* household = nullptr;  ///< where it lasts
    /// Touched assessments, where it is not fresh; the state where it lasts.
    std::vector<std::pair<Ref, const EntityState*>> assessments;
    std::vector<std::pair<const EntityChange*, bool>>
        children;  ///< of a fresh one; bool: assessment
  };
  /// A household with its children as they are now.
  struct Loaded {
    const ScopeStreams* scope = nullptr;
    const EntityState* household = nullptr;
    bool fresh = false;  ///< none of them had a row before
    std::vector<const EntityState*> members;
    std::vector<const EntityState*> assessments;
    std::deque<EntityState> owned;
  };
  /// A row of table household; its texts only where they are wanted.
  struct HouseholdRow {
    bool there = false;
    std::int64_t counted = 0, members = 0;
    std::string code, sort, search;
  };
  /// A row of table assessment.
  struct AssessmentRow {
    std::int64_t id = 0;
    std::string period;
    std::int64_t value = 0, findings = 0, there = 0, counted = 0;
    friend bool operator==(const AssessmentRow&, const AssessmentRow&) = default;
  };
  using AssessmentRows = std::vector<AssessmentRow>;
  /// Of a household, member or assessment in the tables here.
  static std::int64_t id_of(Ref ref) { return static_cast<std::int64_t>(ref.packed); }

  Status read_conflicts();
  Status changed_household(const EntityChange& change);
  Status changed_child(const EntityChange& change, bool assessment);
  Status note_conflict(const EntityChange& change);
  bool concerns(std::span<const Word> changed, const std::unordered_set<Word>& fields) const;
  bool class_is_same(const EntityChange& change) const;
  Pending& pending_of(Ref household, const ScopeStreams& scope);
  Status recount_continued();

  // What follows is in register_projection_write.cpp.
  Status write(Ref household, const Pending& pending);
  Status write_whole(Ref household, const Pending& pending, HouseholdFacts before);
  Status write_touched_assessments(Ref household, const Pending& pending,
                                   const HouseholdFacts& facts);
  Status write_assessments(Ref household, const AssessmentRows& old, const Loaded& loaded,
                           HouseholdFacts& before, HouseholdFacts& after);
  static void add_counted(const AssessmentRows& rows, HouseholdFacts& facts);
  Status write_row(Ref household, bool fresh, const AssessmentRow& row);
  Result<bool> write_texts(Ref household, const Pending& pending, HouseholdRow row);
  Status write_citizens(Ref household, const Loaded& loaded, bool counted);
  Status write_household(Ref household, const Loaded& loaded, bool there, bool moved,
                         HouseholdFacts& after);
  Result<HouseholdRow> read_household(Ref household, bool texts);
  Result<AssessmentRows> read_assessments(Ref household);
  Status load(Ref household, Loaded& loaded);
  Result<const EntityState*> load_one(Ref ref, Loaded& loaded);
  void add_texts(const EntityState& state, const std::vector<Word>& fields, const Lines& lines,
                 std::string& out) const;
  std::string sort_key(const EntityState& household, const Lines& lines) const;
  Status tell(const ScopeStreams& scope, const HouseholdFacts& before, const HouseholdFacts& after);

  Store& store_;
  const FieldWords& words_;
  const ClassRules& rules_;
  Continuations continuations_;
  std::vector<HouseholdObserver*> observers_;
  Word household_, member_, assessment_, code_, head_, relation_, citizen_, period_;
  std::vector<Word> household_search_, member_search_;
  std::unordered_set<Word> household_fields_, member_fields_, assessment_fields_;
  std::unordered_map<Ref, Pending> pending_;
  std::vector<Ref> order_;
  std::unordered_set<std::int64_t> conflicts_;
  RowInsert new_households_, new_assessments_;  ///< of fresh ones
  Statement read_household_, write_household_, write_texts_, read_assessments_, write_assessment_,
      write_citizen_, drop_citizens_, add_conflict_, drop_conflict_;
};

}  // namespace lalanh
