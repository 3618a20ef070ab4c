#include "shared/register/register_projection.h"

#include <algorithm>
#include <deque>
#include <map>

#include "embedded/register_sql.h"
#include "shared/catalogue/check_value.h"
#include "shared/catalogue/text.h"
#include "shared/register/register.h"
#include "shared/trust/crypto.h"

namespace lalanh {
namespace {

/// Raised when this code would fill its tables otherwise.
constexpr int kCodeVersion = 1;

std::int64_t id_of(Ref ref) { return static_cast<std::int64_t>(ref.packed); }

/// Searched fields of a type (`search` in the catalogue), as words.
std::vector<Word> searched(const FieldWords& words, std::string_view type) {
  std::vector<Word> out;
  for (const Field& field : words.catalogue().type(type)->fields) {
    if (field.search) out.push_back(words.field(field.name));
  }
  return out;
}

}  // namespace

/// What a batch has touched of a household. `fresh`: it and all its children came in this batch.
/// `whole`: more than its assessments, so its own row is made anew.
struct RegisterProjection::Pending {
  bool fresh = false;
  bool whole = false;
  const ScopeStreams* scope = nullptr;
  std::vector<Ref> assessments;  ///< touched ones, where it is not fresh
  const EntityChange* household = nullptr;
  std::vector<std::pair<const EntityChange*, bool>> children;  ///< bool: assessment
};

/// A household with its children as they are now.
struct RegisterProjection::Loaded {
  const ScopeStreams* scope = nullptr;
  const EntityState* household = nullptr;
  std::vector<const EntityState*> members;
  std::vector<const EntityState*> assessments;
  std::deque<EntityState> owned;
  Bytes bytes;
};

RegisterProjection::RegisterProjection(Store& store, const FieldWords& words,
                                       const ClassRules& rules)
    : store_(store), words_(words), rules_(rules) {
  household_ = words.type("household");
  member_ = words.type("member");
  assessment_ = words.type("assessment");
  head_ = words.field("head");
  relation_ = words.field("relation");
  citizen_ = words.field("citizen_id");
  period_ = words.field("period");
  household_search_ = searched(words, "household");
  member_search_ = searched(words, "member");
  household_fields_.insert(household_search_.begin(), household_search_.end());
  household_fields_.insert({household_, head_, citizen_});
  member_fields_.insert(member_search_.begin(), member_search_.end());
  member_fields_.insert({member_, relation_, citizen_});
  assessment_fields_.insert({assessment_, period_});
  for (const Field& field : words.catalogue().type("assessment")->fields) {
    const Word word = words.field(field.name);
    if (rules.uses(word)) assessment_fields_.insert(word);
  }
}

RegisterProjection::~RegisterProjection() = default;

std::string RegisterProjection::version() const {
  Bytes all;
  append(all, words_.catalogue().canonical_bytes());
  for (const RulePack& pack : rules_.packs().all()) append(all, pack.canonical);
  return std::to_string(kCodeVersion) + "." + to_hex(blake2b({all})).substr(0, 32);
}

Status RegisterProjection::create() {
  TRY(store_.core().db->execute(std::string(embedded::register_sql()[0].bytes)));
  conflicts_.clear();
  for (HouseholdObserver* observer : observers_) TRY(observer->cleared());
  return open();
}

Status RegisterProjection::open() {
  Database& db = *store_.core().db;
  TRY_ASSIGN(read_household_, db.prepare("SELECT counted, members, heads, sort, search"
                                         " FROM household WHERE id=?"));
  TRY_ASSIGN(write_household_,
             db.prepare("INSERT INTO household (id, unit, counted, members, heads, sort, search)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET"
                        " counted=?3, members=?4, heads=?5, sort=?6, search=?7"));
  TRY_ASSIGN(read_assessments_, db.prepare("SELECT id, period, class, findings, there, counted"
                                           " FROM assessment WHERE household=? ORDER BY id"));
  TRY_ASSIGN(write_assessment_,
             db.prepare("INSERT INTO assessment (id, household, period, class, findings, there,"
                        " counted) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE"
                        " SET period=?3, class=?4, findings=?5, there=?6, counted=?7"));
  TRY_ASSIGN(write_citizen_,
             db.prepare("INSERT INTO citizen (id, household, number) VALUES (?, ?, ?)"));
  TRY_ASSIGN(drop_citizens_, db.prepare("DELETE FROM citizen WHERE household=?"));
  TRY_ASSIGN(add_conflict_, db.prepare("INSERT INTO conflict (id, unit, household) VALUES (?, ?, ?)"
                                       " ON CONFLICT (id) DO NOTHING"));
  TRY_ASSIGN(drop_conflict_, db.prepare("DELETE FROM conflict WHERE id=?"));
  conflicts_.clear();
  TRY_ASSIGN(Statement select, db.prepare("SELECT id FROM conflict"));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return {};
    conflicts_.insert(select.integer(0));
  }
}

bool RegisterProjection::concerns(std::span<const Word> changed,
                                  const std::unordered_set<Word>& fields) const {
  return std::any_of(changed.begin(), changed.end(),
                     [&](Word word) { return fields.count(word) != 0; });
}

Status RegisterProjection::change(const EntityChange& change) {
  if (change.scope().scope().channel != Channel::kRecords || change.ref().none()) return {};
  TRY(note_conflict(change));
  const Word type = change.after().type;
  if (type == household_) return changed_household(change);
  if (type == member_ || type == assessment_) return changed_child(change, type == assessment_);
  return {};
}

Status RegisterProjection::note_conflict(const EntityChange& change) {
  const std::int64_t id = id_of(change.ref());
  const bool now = in_conflict(change.after(), change.scope());
  const bool before = conflicts_.count(id) != 0;
  if (now == before) return {};
  if (now) {
    const Ref parent = change.after().parent;
    add_conflict_.reset().bind(1, id).bind(2, change.scope().scope().unit.value);
    add_conflict_.bind(3, parent.none() ? id : id_of(parent));
    conflicts_.insert(id);
    return add_conflict_.run();
  }
  conflicts_.erase(id);
  drop_conflict_.reset().bind(1, id);
  return drop_conflict_.run();
}

Status RegisterProjection::changed_household(const EntityChange& change) {
  const bool fresh = change.is_new();
  if (!fresh && !change.presence_touched() && !concerns(change.changed(), household_fields_)) {
    return {};
  }
  Pending& pending = pending_of(change.ref(), change);
  pending.household = &change;
  pending.fresh = fresh && change.lasts();
  pending.whole = true;
  return {};
}

Status RegisterProjection::changed_child(const EntityChange& change, bool assessment) {
  if (change.after().parent.none()) return {};
  if (!change.is_new() && !change.presence_touched()) {
    if (!concerns(change.changed(), assessment ? assessment_fields_ : member_fields_)) return {};
    if (assessment) {
      TRY_ASSIGN(const bool same, class_is_same(change));
      if (same) return {};
    }
  }
  Pending& pending = pending_of(change.after().parent, change);
  pending.whole = pending.whole || !assessment;
  if (pending.fresh) {
    pending.children.emplace_back(&change, assessment);
  } else if (assessment) {
    pending.assessments.push_back(change.ref());
  }
  return {};
}

RegisterProjection::Pending& RegisterProjection::pending_of(Ref household,
                                                            const EntityChange& change) {
  const auto [at, added] = pending_.try_emplace(household);
  if (added) order_.push_back(household);
  at->second.scope = &change.scope();
  return at->second;
}

/// The columns of the assessment's row come out as before: most corrections change an answer, not
/// the class.
Result<bool> RegisterProjection::class_is_same(const EntityChange& change) const {
  TRY_ASSIGN(const EntityState* before, change.before());
  if (before == nullptr) return false;
  const ScopeStreams& lines = change.scope();
  if (shown_text(*before, period_, lines) != shown_text(change.after(), period_, lines)) {
    return false;
  }
  const Classification old = rules_.classify(*before, lines);
  const Classification now = rules_.classify(change.after(), lines);
  return old.value == now.value && old.findings == now.findings;
}

Status RegisterProjection::load(Ref household, Loaded& loaded) {
  TRY_ASSIGN(loaded.household, load_one(household, loaded));
  // A child may come before its household only where that one was set aside: nothing to show.
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

/// The assessments alone: those in the table, and those that the batch touched.
Status RegisterProjection::load_assessments(Ref household, std::vector<Ref> refs, Loaded& loaded) {
  const ResetAtEnd reset(read_assessments_);
  read_assessments_.reset().bind(1, id_of(household));
  for (;;) {
    TRY_ASSIGN(const bool row, read_assessments_.step());
    if (!row) break;
    refs.emplace_back(static_cast<std::uint64_t>(read_assessments_.integer(0)));
  }
  std::sort(refs.begin(), refs.end());
  refs.erase(std::unique(refs.begin(), refs.end()), refs.end());
  for (const Ref ref : refs) {
    TRY_ASSIGN(const EntityState* state, load_one(ref, loaded));
    if (state != nullptr) loaded.assessments.push_back(state);
  }
  return {};
}

Result<const EntityState*> RegisterProjection::load_one(Ref ref, Loaded& loaded) {
  EntityState& state = loaded.owned.emplace_back();
  TRY_ASSIGN(const bool found,
             store_.core().entities.load(*loaded.scope, ref, state, loaded.bytes));
  return static_cast<const EntityState*>(found ? &state : nullptr);
}

std::string RegisterProjection::search_text(const Loaded& loaded) const {
  std::string out;
  const auto add = [&](const EntityState& state, const std::vector<Word>& fields) {
    for (const Word field : fields) {
      const std::string_view text = shown_text(state, field, *loaded.scope);
      if (text.empty()) continue;
      append_fold(text, out);
      out.push_back('\n');
    }
  };
  add(*loaded.household, household_search_);
  for (const EntityState* member : loaded.members) {
    if (counts(*member, *loaded.scope)) add(*member, member_search_);
  }
  return out;
}

Status RegisterProjection::flush() {
  for (const Ref household : order_) TRY(write(household, pending_.at(household)));
  pending_.clear();
  order_.clear();
  for (HouseholdObserver* observer : observers_) TRY(observer->flush());
  return {};
}

Status RegisterProjection::write(Ref household, const Pending& pending) {
  Loaded loaded;
  loaded.scope = pending.scope;
  HouseholdFacts before;
  bool row = false;
  if (!pending.fresh) {
    const ResetAtEnd reset(read_household_);
    read_household_.reset().bind(1, id_of(household));
    TRY_ASSIGN(row, read_household_.step());
    before.counted = row && read_household_.integer(0) != 0;
    before.members = row ? read_household_.integer(1) : 0;
  }
  if (row && !pending.whole) {
    HouseholdFacts after{before.counted, before.members, {}};
    TRY(load_assessments(household, pending.assessments, loaded));
    TRY(write_assessments(household, false, loaded, before, after));
    return tell(*loaded.scope, before, after);
  }
  if (pending.fresh) {
    loaded.household = &pending.household->after();
    for (const auto& [child, assessment] : pending.children) {
      (assessment ? loaded.assessments : loaded.members).push_back(&child->after());
    }
  } else {
    TRY(load(household, loaded));
    if (loaded.household == nullptr) return {};
  }
  HouseholdFacts after;
  after.counted = counts(*loaded.household, *loaded.scope);
  std::int64_t heads = 0;
  for (const EntityState* member : loaded.members) {
    if (!counts(*member, *loaded.scope)) continue;
    ++after.members;
    heads += relation_is_head(shown_text(*member, relation_, *loaded.scope)) ? 1 : 0;
  }
  TRY(write_assessments(household, pending.fresh, loaded, before, after));
  TRY(insert_or_update_household(household, loaded, after, heads));
  TRY(write_citizens(household, pending.fresh, loaded));
  return tell(*loaded.scope, before, after);
}

Status RegisterProjection::tell(const ScopeStreams& scope, const HouseholdFacts& before,
                                const HouseholdFacts& after) {
  if (before == after) return {};
  for (HouseholdObserver* observer : observers_) {
    TRY(observer->household_changed(scope.scope().unit, before, after));
  }
  return {};
}

Status RegisterProjection::insert_or_update_household(Ref household, const Loaded& loaded,
                                                      const HouseholdFacts& after,
                                                      std::int64_t heads) {
  const std::string sort = sort_key_of_person(shown_text(*loaded.household, head_, *loaded.scope));
  const std::string search = search_text(loaded);
  write_household_.reset().bind(1, id_of(household)).bind(2, loaded.scope->scope().unit.value);
  write_household_.bind(3, after.counted ? 1 : 0).bind(4, after.members).bind(5, heads);
  write_household_.bind(6, as_bytes(sort)).bind_text(7, search);
  return write_household_.run();
}

Status RegisterProjection::write_assessments(Ref household, bool fresh, const Loaded& loaded,
                                             HouseholdFacts& before, HouseholdFacts& after) {
  struct Row {
    std::string period;
    std::int64_t value = 0, findings = 0, there = 0, counted = 0;
    bool operator==(const Row&) const = default;
  };
  std::map<std::int64_t, Row> old;
  const ResetAtEnd reset(read_assessments_);
  if (!fresh) read_assessments_.reset().bind(1, id_of(household));
  while (!fresh) {
    TRY_ASSIGN(const bool row, read_assessments_.step());
    if (!row) break;
    Row& to = old[read_assessments_.integer(0)];
    to = {std::string(read_assessments_.text(1)), read_assessments_.integer(2),
          read_assessments_.integer(3), read_assessments_.integer(4), read_assessments_.integer(5)};
    if (to.counted != 0) before.periods.push_back({to.period, static_cast<PovertyClass>(to.value)});
  }
  // One counts for each period: the greatest, by the order of what is shown.
  std::vector<std::pair<std::string_view, const EntityState*>> greatest;
  for (const EntityState* state : loaded.assessments) {
    if (!after.counted || !counts(*state, *loaded.scope)) continue;
    greatest.emplace_back(shown_text(*state, period_, *loaded.scope), state);
  }
  std::sort(greatest.begin(), greatest.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return greater(a.second->create, a.second->create_order, b.second->create,
                   b.second->create_order, *loaded.scope);
  });
  const auto counts_most = [&](std::string_view period, const EntityState* state) {
    const auto at = std::lower_bound(
        greatest.begin(), greatest.end(), period,
        [](const auto& one, std::string_view wanted) { return one.first < wanted; });
    return at != greatest.end() && at->second == state;
  };
  for (const EntityState* state : loaded.assessments) {
    const Classification found = rules_.classify(*state, *loaded.scope);
    Row row;
    row.period = std::string(shown_text(*state, period_, *loaded.scope));
    row.value = static_cast<std::int64_t>(found.value);
    row.findings = found.findings;
    row.there = counts(*state, *loaded.scope) ? 1 : 0;
    row.counted = counts_most(row.period, state) ? 1 : 0;
    if (row.counted != 0) after.periods.push_back({row.period, found.value});
    const auto at = old.find(id_of(state->create));
    if (at != old.end() && at->second == row) continue;
    write_assessment_.reset().bind(1, id_of(state->create)).bind(2, id_of(household));
    write_assessment_.bind_text(3, row.period).bind(4, row.value).bind(5, row.findings);
    write_assessment_.bind(6, row.there).bind(7, row.counted);
    TRY(write_assessment_.run());
  }
  const auto by_period = [](const PeriodFact& a, const PeriodFact& b) {
    return a.period < b.period;
  };
  std::sort(before.periods.begin(), before.periods.end(), by_period);
  std::sort(after.periods.begin(), after.periods.end(), by_period);
  return {};
}

Status RegisterProjection::write_citizens(Ref household, bool fresh, const Loaded& loaded) {
  if (!fresh) {
    drop_citizens_.reset().bind(1, id_of(household));
    TRY(drop_citizens_.run());
  }
  if (!counts(*loaded.household, *loaded.scope)) return {};
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

void RegisterProjection::committed() {
  for (HouseholdObserver* observer : observers_) observer->committed();
}

void RegisterProjection::rolled_back() {
  pending_.clear();
  order_.clear();
  (void)open().ok();  // the set of conflicts follows the file; a failure shows at the next call
  for (HouseholdObserver* observer : observers_) observer->rolled_back();
}

}  // namespace lalanh
