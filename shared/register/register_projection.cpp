#include "shared/register/register_projection.h"

#include <algorithm>

#include "embedded/register_sql.h"
#include "shared/catalogue/check_value.h"
#include "shared/catalogue/text.h"
#include "shared/register/register.h"
#include "shared/trust/crypto.h"

namespace lalanh {
namespace {

/// Raised when this code would fill its tables otherwise.
constexpr int kCodeVersion = 4;

/// Searched fields of a type (`search` in the catalogue), as words.
std::vector<Word> searched(const FieldWords& words, std::string_view type) {
  std::vector<Word> out;
  for (const Field& field : words.catalogue().type(type)->fields) {
    if (field.search) out.push_back(words.field(field.name));
  }
  return out;
}

}  // namespace

RegisterProjection::RegisterProjection(Store& store, const FieldWords& words,
                                       const ClassRules& rules)
    : store_(store), words_(words), rules_(rules), continuations_(store, words.field(kContinues)) {
  household_ = words.type("household");
  member_ = words.type("member");
  assessment_ = words.type("assessment");
  code_ = words.field("code");
  head_ = words.field("head");
  relation_ = words.field("relation");
  citizen_ = words.field("citizen_id");
  period_ = words.field("period");
  household_search_ = searched(words, "household");
  member_search_ = searched(words, "member");
  household_fields_.insert(household_search_.begin(), household_search_.end());
  household_fields_.insert({household_, code_, head_, citizen_});
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
  TRY_ASSIGN(read_household_, db.prepare("SELECT counted, members, sort, search, code"
                                         " FROM household WHERE id=?"));
  const std::string household =
      "household (id, unit, there, counted, moved, members, heads, code, sort, search)";
  TRY_ASSIGN(new_households_,
             RowInsert::open(db, "INSERT OR FAIL INTO " + household + " VALUES", 10));
  TRY_ASSIGN(write_household_,
             db.prepare("INSERT INTO " + household +
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO"
                        " UPDATE SET there=?3, counted=?4, moved=?5, members=?6, heads=?7, code=?8,"
                        " sort=?9, search=?10"));
  TRY_ASSIGN(write_texts_, db.prepare("UPDATE household SET code=?, sort=?, search=? WHERE id=?"));
  TRY_ASSIGN(read_assessments_, db.prepare("SELECT id, period, class, findings, there, counted"
                                           " FROM assessment WHERE household=? ORDER BY id"));
  const std::string assessment =
      "assessment (id, household, period, class, findings, there, counted)";
  TRY_ASSIGN(new_assessments_,
             RowInsert::open(db, "INSERT OR FAIL INTO " + assessment + " VALUES", 7));
  TRY_ASSIGN(write_assessment_,
             db.prepare("INSERT INTO " + assessment +
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE"
                        " SET period=?3, class=?4, findings=?5, there=?6, counted=?7"));
  TRY_ASSIGN(write_citizen_,
             db.prepare("INSERT INTO citizen (id, household, number) VALUES (?, ?, ?)"));
  TRY_ASSIGN(drop_citizens_, db.prepare("DELETE FROM citizen WHERE household=?"));
  TRY_ASSIGN(add_conflict_, db.prepare("INSERT INTO conflict (id, unit, household) VALUES (?, ?, ?)"
                                       " ON CONFLICT (id) DO NOTHING"));
  TRY_ASSIGN(drop_conflict_, db.prepare("DELETE FROM conflict WHERE id=?"));
  TRY(continuations_.open());
  return read_conflicts();
}

Status RegisterProjection::read_conflicts() {
  conflicts_.clear();
  TRY_ASSIGN(Statement select, store_.core().db->prepare("SELECT id FROM conflict"));
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
  TRY(continuations_.change(change));
  if (!fresh && !change.presence_touched() && !concerns(change.changed(), household_fields_)) {
    return {};
  }
  Pending& pending = pending_of(change.ref(), change.scope());
  pending.fresh = fresh && change.lasts();
  if (change.lasts()) pending.household = &change;
  const std::span<const Word> changed = change.changed();
  const bool number = std::binary_search(changed.begin(), changed.end(), citizen_);
  if (fresh || change.presence_touched() || number || !change.lasts()) {
    pending.whole = true;
  } else {
    pending.texts = true;
  }
  return {};
}

Status RegisterProjection::changed_child(const EntityChange& change, bool assessment) {
  if (change.after().parent.none()) return {};
  if (!change.is_new() && !change.presence_touched()) {
    if (!concerns(change.changed(), assessment ? assessment_fields_ : member_fields_)) return {};
    if (assessment && class_is_same(change)) return {};
  }
  Pending& pending = pending_of(change.after().parent, change.scope());
  pending.whole = pending.whole || !assessment;
  if (pending.fresh) {
    pending.children.emplace_back(&change, assessment);
  } else if (assessment) {
    pending.assessments.emplace_back(change.ref(), change.lasts() ? &change.after() : nullptr);
  }
  return {};
}

Status RegisterProjection::forget_scope(const ScopeStreams& scope) {
  if (scope.scope().channel != Channel::kRecords) return {};
  Database& db = *store_.core().db;
  TRY(continuations_.forget(scope.scope().unit));
  TRY_ASSIGN(Statement select, db.prepare("SELECT id, counted, members FROM household"
                                          " WHERE unit=?"));
  select.bind(1, scope.scope().unit.value);
  for (;;) {
    TRY_ASSIGN(const bool found, select.step());
    if (!found) break;
    HouseholdFacts before{select.integer(1) != 0, select.integer(2), {}};
    TRY_ASSIGN(const AssessmentRows rows,
               read_assessments(Ref(static_cast<std::uint64_t>(select.integer(0)))));
    add_counted(rows, before);
    TRY(tell(scope, before, {}));
  }
  const std::string of_unit = " WHERE household IN (SELECT id FROM household WHERE unit=?)";
  for (const std::string& sql :
       {"DELETE FROM assessment" + of_unit, "DELETE FROM citizen" + of_unit,
        std::string("DELETE FROM household WHERE unit=?"),
        std::string("DELETE FROM conflict WHERE unit=?")}) {
    TRY_ASSIGN(Statement erase, db.prepare(sql));
    erase.bind(1, scope.scope().unit.value);
    TRY(erase.run());
  }
  return read_conflicts();
}

RegisterProjection::Pending& RegisterProjection::pending_of(Ref household,
                                                            const ScopeStreams& scope) {
  const auto [at, added] = pending_.try_emplace(household);
  if (added) order_.push_back(household);
  at->second.scope = &scope;
  return at->second;
}

/// The columns of the assessment's row come out as before: most corrections change an answer, not
/// the class.
bool RegisterProjection::class_is_same(const EntityChange& change) const {
  const EntityState* before = change.before();
  if (before == nullptr) return false;
  const ScopeStreams& lines = change.scope();
  if (shown_text(*before, period_, lines) != shown_text(change.after(), period_, lines)) {
    return false;
  }
  const Classification old = rules_.classify(*before, lines);
  const Classification now = rules_.classify(change.after(), lines);
  return old.value == now.value && old.findings == now.findings;
}

/// Households of any unit that one of this batch continues, or does not any more. One that has no
/// row yet is asked about when it comes.
Status RegisterProjection::recount_continued() {
  for (const EntityId& id : continuations_.take_touched()) {
    TRY_ASSIGN(const ScopeStreams* scope, store_.core().known(id.scope));
    const Ref household = scope == nullptr ? Ref() : scope->ref(id.create);
    if (household.none()) continue;
    TRY_ASSIGN(const HouseholdRow row, read_household(household, false));
    if (row.there || pending_.count(household) != 0) pending_of(household, *scope).whole = true;
  }
  return {};
}

Status RegisterProjection::flush() {
  TRY(recount_continued());
  for (const Ref household : order_) TRY(write(household, pending_.at(household)));
  pending_.clear();
  order_.clear();
  TRY(new_households_.flush());
  TRY(new_assessments_.flush());
  for (HouseholdObserver* observer : observers_) TRY(observer->flush());
  return {};
}

void RegisterProjection::committed() {
  for (HouseholdObserver* observer : observers_) observer->committed();
}

void RegisterProjection::rolled_back() {
  pending_.clear();
  order_.clear();
  new_households_.clear();
  new_assessments_.clear();
  (void)open().ok();  // the set of conflicts follows the file; a failure shows at the next call
  for (HouseholdObserver* observer : observers_) observer->rolled_back();
}

}  // namespace lalanh
