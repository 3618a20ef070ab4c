// The second half of the projection: households that a batch has touched are written.

#include <algorithm>

#include "shared/catalogue/text.h"
#include "shared/register/register.h"
#include "shared/register/register_projection.h"

namespace lalanh {
namespace {

bool by_period(const PeriodFact& a, const PeriodFact& b) { return a.period < b.period; }

}  // namespace

Status RegisterProjection::write(Ref household, const Pending& pending) {
  if (pending.fresh) return write_whole(household, pending, {});
  TRY_ASSIGN(HouseholdRow row, read_household(household, pending.texts && !pending.whole));
  const HouseholdFacts facts{row.counted != 0, row.members, {}};
  bool whole = pending.whole || !row.there;
  if (!whole && pending.texts) {
    TRY_ASSIGN(const bool written, write_texts(household, pending, std::move(row)));
    whole = !written;
  }
  if (whole) return write_whole(household, pending, facts);
  return write_touched_assessments(household, pending, facts);
}

Status RegisterProjection::write_whole(Ref household, const Pending& pending,
                                       HouseholdFacts before) {
  Loaded loaded;
  loaded.scope = pending.scope;
  loaded.fresh = pending.fresh;
  AssessmentRows old;
  if (pending.fresh) {
    loaded.household = &pending.household->after();
    for (const auto& [child, assessment] : pending.children) {
      (assessment ? loaded.assessments : loaded.members).push_back(&child->after());
    }
  } else {
    TRY(load(household, loaded));
    if (loaded.household == nullptr) return {};
    TRY_ASSIGN(old, read_assessments(household));
  }
  HouseholdFacts after;
  const EntityId name{loaded.scope->scope(), loaded.scope->dot(household)};
  const bool moved = continuations_.continued(name);
  const bool there = counts(*loaded.household, *loaded.scope);
  after.counted = there && !moved;
  TRY(write_household(household, loaded, there, moved, after));
  TRY(write_assessments(household, old, loaded, before, after));
  TRY(write_citizens(household, loaded, after.counted));
  return tell(*loaded.scope, before, after);
}

/// The row stays; which assessments count may change.
Status RegisterProjection::write_touched_assessments(Ref household, const Pending& pending,
                                                     const HouseholdFacts& facts) {
  if (pending.assessments.empty()) return {};
  Loaded loaded;
  loaded.scope = pending.scope;
  TRY_ASSIGN(const AssessmentRows old, read_assessments(household));
  const auto load_into = [&](Ref ref, const EntityState* state) -> Status {
    if (state == nullptr) {
      TRY_ASSIGN(state, load_one(ref, loaded));
    }
    if (state != nullptr) loaded.assessments.push_back(state);
    return {};
  };
  std::vector<std::int64_t> touched;
  for (const auto& [ref, state] : pending.assessments) {
    touched.push_back(id_of(ref));
    TRY(load_into(ref, state));
  }
  std::sort(touched.begin(), touched.end());
  for (const AssessmentRow& row : old) {
    if (std::binary_search(touched.begin(), touched.end(), row.id)) continue;
    TRY(load_into(Ref(static_cast<std::uint64_t>(row.id)), nullptr));
  }
  HouseholdFacts before = facts;
  HouseholdFacts after = facts;
  TRY(write_assessments(household, old, loaded, before, after));
  return tell(*loaded.scope, before, after);
}

void RegisterProjection::add_counted(const AssessmentRows& rows, HouseholdFacts& facts) {
  for (const AssessmentRow& row : rows) {
    if (row.counted == 0) continue;
    facts.periods.push_back({row.period, static_cast<PovertyClass>(row.value)});
  }
}

Status RegisterProjection::write_assessments(Ref household, const AssessmentRows& old,
                                             const Loaded& loaded, HouseholdFacts& before,
                                             HouseholdFacts& after) {
  add_counted(old, before);
  // One counts for each period: the greatest, by the order of what is shown.
  const ScopeStreams& scope = *loaded.scope;
  std::vector<std::pair<std::string_view, const EntityState*>> greatest;
  for (const EntityState* state : loaded.assessments) {
    if (!after.counted || !counts(*state, scope)) continue;
    greatest.emplace_back(shown_text(*state, period_, scope), state);
  }
  std::sort(greatest.begin(), greatest.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return greater(a.second->create, a.second->create_order, b.second->create,
                   b.second->create_order, scope);
  });
  const auto is_greatest = [&](std::string_view period, const EntityState* state) {
    const auto at = std::lower_bound(
        greatest.begin(), greatest.end(), period,
        [](const auto& one, std::string_view wanted) { return one.first < wanted; });
    return at != greatest.end() && at->second == state;
  };
  const auto same_as_before = [&](const AssessmentRow& now) {
    const auto at = std::lower_bound(
        old.begin(), old.end(), now.id,
        [](const AssessmentRow& one, std::int64_t wanted) { return one.id < wanted; });
    return at != old.end() && *at == now;
  };
  AssessmentRow row;
  for (const EntityState* state : loaded.assessments) {
    const Classification found = rules_.classify(*state, scope);
    row.id = id_of(state->create);
    row.period = shown_text(*state, period_, scope);
    row.value = static_cast<std::int64_t>(found.value);
    row.findings = found.findings;
    row.there = counts(*state, scope) ? 1 : 0;
    row.counted = is_greatest(row.period, state) ? 1 : 0;
    if (row.counted != 0) after.periods.push_back({row.period, found.value});
    if (same_as_before(row)) continue;
    TRY(write_row(household, loaded.fresh, row));
  }
  std::sort(before.periods.begin(), before.periods.end(), by_period);
  std::sort(after.periods.begin(), after.periods.end(), by_period);
  return {};
}

Status RegisterProjection::write_row(Ref household, bool fresh, const AssessmentRow& row) {
  if (fresh) {
    new_assessments_.add(row.id).add(id_of(household)).add_text(row.period).add(row.value);
    return new_assessments_.add(row.findings).add(row.there).add(row.counted).end_row();
  }
  write_assessment_.reset().bind(1, row.id).bind(2, id_of(household)).bind_text(3, row.period);
  write_assessment_.bind(4, row.value).bind(5, row.findings);
  write_assessment_.bind(6, row.there).bind(7, row.counted);
  return write_assessment_.run();
}

/// Only the household's own texts are new: they stand before its members', which are kept as they
/// are, so that no member is read. False where the row is not as it would have to be for that.
Result<bool> RegisterProjection::write_texts(Ref household, const Pending& pending,
                                             HouseholdRow row) {
  const EntityState* before = pending.household->before();
  if (before == nullptr) return false;
  const ScopeStreams& scope = *pending.scope;
  const EntityState& now = pending.household->after();
  std::string old_own;
  add_texts(*before, household_search_, scope, old_own);
  if (row.search.compare(0, old_own.size(), old_own) != 0) return false;
  std::string search;
  add_texts(now, household_search_, scope, search);
  search.append(row.search, old_own.size());
  const std::string sort = sort_key(now, scope);
  const std::string_view code = shown_text(now, code_, scope);
  if (search == row.search && sort == row.sort && code == row.code) return true;
  write_texts_.reset().bind_text(1, code).bind(2, as_bytes(sort)).bind_text(3, search);
  write_texts_.bind(4, id_of(household));
  TRY(write_texts_.run());
  return true;
}

/// Makes the household's own row anew, counting its members.
Status RegisterProjection::write_household(Ref household, const Loaded& loaded, bool there,
                                           bool moved, HouseholdFacts& after) {
  const ScopeStreams& scope = *loaded.scope;
  std::int64_t heads = 0;
  std::string search;
  add_texts(*loaded.household, household_search_, scope, search);
  for (const EntityState* member : loaded.members) {
    if (!counts(*member, scope)) continue;
    ++after.members;
    heads += relation_is_head(shown_text(*member, relation_, scope)) ? 1 : 0;
    add_texts(*member, member_search_, scope, search);
  }
  const std::string_view code = shown_text(*loaded.household, code_, scope);
  const std::string sort = sort_key(*loaded.household, scope);
  const std::int64_t unit = scope.scope().unit.value;
  const std::int64_t counted = after.counted ? 1 : 0;
  if (loaded.fresh) {
    new_households_.add(id_of(household)).add(unit).add(there ? 1 : 0).add(counted);
    new_households_.add(moved ? 1 : 0);
    new_households_.add(after.members).add(heads);
    return new_households_.add_text(code).add(as_bytes(sort)).add_text(search).end_row();
  }
  write_household_.reset().bind(1, id_of(household)).bind(2, unit).bind(3, there ? 1 : 0);
  write_household_.bind(4, counted).bind(5, moved ? 1 : 0).bind(6, after.members).bind(7, heads);
  write_household_.bind_text(8, code).bind(9, as_bytes(sort)).bind_text(10, search);
  return write_household_.run();
}

Status RegisterProjection::write_citizens(Ref household, const Loaded& loaded, bool counted) {
  if (!loaded.fresh) {
    drop_citizens_.reset().bind(1, id_of(household));
    TRY(drop_citizens_.run());
  }
  if (!counted) return {};
  const auto add = [&](const EntityState& state) -> Status {
    const std::string_view number = shown_text(state, citizen_, *loaded.scope);
    if (number.empty()) return {};
    write_citizen_.reset().bind(1, id_of(state.create)).bind(2, id_of(household));
    write_citizen_.bind_text(3, number);
    return write_citizen_.run();
  };
  TRY(add(*loaded.household));
  for (const EntityState* member : loaded.members) {
    if (counts(*member, *loaded.scope)) TRY(add(*member));
  }
  return {};
}

Result<RegisterProjection::HouseholdRow> RegisterProjection::read_household(Ref household,
                                                                            bool texts) {
  HouseholdRow row;
  const ResetAtEnd reset(read_household_);
  read_household_.reset().bind(1, id_of(household));
  TRY_ASSIGN(row.there, read_household_.step());
  if (!row.there) return row;
  row.counted = read_household_.integer(0);
  row.members = read_household_.integer(1);
  if (!texts) return row;
  row.sort = as_text(read_household_.blob(2));
  row.search = read_household_.text(3);
  row.code = read_household_.text(4);
  return row;
}

Result<RegisterProjection::AssessmentRows> RegisterProjection::read_assessments(Ref household) {
  AssessmentRows out;
  const ResetAtEnd reset(read_assessments_);
  read_assessments_.reset().bind(1, id_of(household));
  for (;;) {
    TRY_ASSIGN(const bool row, read_assessments_.step());
    if (!row) return out;
    AssessmentRow& to = out.emplace_back();
    to.id = read_assessments_.integer(0);
    to.period = read_assessments_.text(1);
    to.value = read_assessments_.integer(2);
    to.findings = read_assessments_.integer(3);
    to.there = read_assessments_.integer(4);
    to.counted = read_assessments_.integer(5);
  }
}

Status RegisterProjection::load(Ref household, Loaded& loaded) {
  TRY_ASSIGN(loaded.household, load_one(household, loaded));
  // A child may come before its household only where that one was set aside: nothing to show.
  // Another program may have hung it on something else: that is no household for it.
  if (loaded.household != nullptr && loaded.household->type != household_) {
    loaded.household = nullptr;
  }
  if (loaded.household == nullptr) return {};
  TRY_ASSIGN(const std::vector<Ref> children, store_.core().entities.children(household));
  for (const Ref child : children) {
    TRY_ASSIGN(const EntityState* state, load_one(child, loaded));
    if (state == nullptr) continue;
    if (state->type == member_) loaded.members.push_back(state);
    if (state->type == assessment_) loaded.assessments.push_back(state);
  }
  return {};
}

Result<const EntityState*> RegisterProjection::load_one(Ref ref, Loaded& loaded) {
  EntityState& state = loaded.owned.emplace_back();
  TRY_ASSIGN(const bool found, store_.core().entities.load(*loaded.scope, ref, state));
  return static_cast<const EntityState*>(found ? &state : nullptr);
}

/// A line for each field that has a text, folded for the search.
void RegisterProjection::add_texts(const EntityState& state, const std::vector<Word>& fields,
                                   const Lines& lines, std::string& out) const {
  for (const Word field : fields) {
    const std::string_view text = shown_text(state, field, lines);
    if (text.empty()) continue;
    append_fold(text, out);
    out.push_back('\n');
  }
}

std::string RegisterProjection::sort_key(const EntityState& household, const Lines& lines) const {
  return sort_key_of_person(shown_text(household, head_, lines));
}

Status RegisterProjection::tell(const ScopeStreams& scope, const HouseholdFacts& before,
                                const HouseholdFacts& after) {
  if (before == after) return {};
  for (HouseholdObserver* observer : observers_) {
    TRY(observer->household_changed(scope.scope().unit, before, after));
  }
  return {};
}

}  // namespace lalanh
