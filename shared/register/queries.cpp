#include "shared/register/queries.h"

#include <map>

#include "shared/catalogue/text.h"
#include "shared/register/register.h"
#include "shared/rules/classify.h"

namespace lalanh {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  const std::string folded = fold_for_search(text);
  std::size_t at = 0;
  while (at < folded.size()) {
    const std::size_t end = (std::min)(folded.find(' ', at), folded.size());
    if (end > at) out.push_back(folded.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

Ref ref_of(std::int64_t id) { return Ref(static_cast<std::uint64_t>(id)); }

}  // namespace

/// Numbers alone go into the text: no value of a person's does.
std::string RegisterQueries::unit_filter(const std::vector<UnitNo>& units,
                                         const char* column) const {
  if (units.empty()) return "1";
  std::string out = std::string(column) + " IN (";
  for (std::size_t i = 0; i < units.size(); ++i) {
    out += (i == 0 ? "" : ",") + std::to_string(units[i].value);
  }
  return out + ")";
}

Result<EntityId> RegisterQueries::entity_id(Ref ref) {
  TRY_ASSIGN(const std::optional<EntityRow> row, store_.core().entities.load(ref));
  if (!row) return Error{ErrorCode::register_not_found, {{"what", std::to_string(ref.packed)}}};
  TRY_ASSIGN(ScopeStreams * scope, store_.core().scope_by_no(row->scope_no));
  return EntityId{scope->scope(), scope->dot(ref)};
}

Result<HouseholdPage> RegisterQueries::households(const HouseholdQuery& query) {
  const std::vector<std::string> words = words_of(query.text);
  std::string from =
      " FROM household h LEFT JOIN assessment a ON a.household=h.id AND a.counted=1"
      " AND a.period=?1 WHERE " +
      unit_filter(query.units, "h.unit");
  if (!query.removed_too) from += " AND h.counted=1";
  if (query.value) from += " AND a.class=" + std::to_string(static_cast<int>(*query.value));
  for (std::size_t i = 0; i < words.size(); ++i) {
    from += " AND instr(h.search, ?" + std::to_string(i + 2) + ")>0";
  }
  const auto bind = [&](Statement& statement) {
    statement.bind_text(1, query.period);
    for (std::size_t i = 0; i < words.size(); ++i) {
      statement.bind_text(static_cast<int>(i) + 2, words[i]);
    }
  };
  HouseholdPage out;
  Database& db = *store_.core().db;
  TRY_ASSIGN(Statement count, db.prepare("SELECT count(*)" + from));
  bind(count);
  TRY_ASSIGN(const bool counted, count.step());
  out.total = counted ? count.integer(0) : 0;
  TRY_ASSIGN(
      Statement select,
      db.prepare(
          "SELECT h.id, h.counted, h.moved, h.members, a.class, EXISTS (SELECT 1 FROM conflict"
          " c WHERE c.household=h.id)" +
          from + " ORDER BY h.sort, h.id LIMIT " + std::to_string(query.limit) + " OFFSET " +
          std::to_string(query.offset)));
  bind(select);
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    HouseholdLine line;
    TRY_ASSIGN(const std::optional<EntityRow> entity,
               store_.core().entities.load(ref_of(select.integer(0))));
    if (!entity) continue;
    TRY_ASSIGN(ScopeStreams * scope, store_.core().scope_by_no(entity->scope_no));
    TRY_ASSIGN(line.state, entity->decode());
    line.id = {scope->scope(), scope->dot(entity->ref)};
    line.counted = select.integer(1) != 0;
    line.moved = select.integer(2) != 0;
    line.members = select.integer(3);
    if (!select.is_null(4)) line.value = static_cast<PovertyClass>(select.integer(4));
    line.conflict = select.integer(5) != 0;
    out.lines.push_back(std::move(line));
  }
}

Result<std::vector<EntityId>> RegisterQueries::households_by_code(const std::string& code,
                                                                  const std::vector<UnitNo>& units,
                                                                  bool counted) {
  TRY_ASSIGN(Statement select,
             store_.core().db->prepare("SELECT id FROM household WHERE code=? AND counted=? AND " +
                                       unit_filter(units, "unit") + " ORDER BY id"));
  select.bind_text(1, code).bind(2, counted ? 1 : 0);
  return named(select);
}

/// The entities whose row ids a statement gives.
Result<std::vector<EntityId>> RegisterQueries::named(Statement& select) {
  std::vector<EntityId> out;
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    TRY_ASSIGN(EntityId id, entity_id(ref_of(select.integer(0))));
    out.push_back(std::move(id));
  }
}

/// A column of the row with the entity's id; false where there is none.
Result<bool> RegisterQueries::flag(const char* sql, Ref ref) {
  TRY_ASSIGN(Statement select, store_.core().db->prepare(sql));
  select.bind(1, static_cast<std::int64_t>(ref.packed));
  TRY_ASSIGN(const bool found, select.step());
  return found && select.integer(0) != 0;
}

Result<std::vector<EntityId>> RegisterQueries::conflicts(const std::vector<UnitNo>& units) {
  TRY_ASSIGN(Statement select, store_.core().db->prepare("SELECT id FROM conflict WHERE " +
                                                         unit_filter(units, "unit") +
                                                         " ORDER BY unit, household, id"));
  return named(select);
}

Result<bool> RegisterQueries::assessment_counts(Ref assessment) {
  return flag("SELECT counted FROM assessment WHERE id=?", assessment);
}

Result<bool> RegisterQueries::moved(Ref household) {
  return flag("SELECT moved FROM household WHERE id=?", household);
}

Result<bool> RegisterQueries::named_as_old(const EntityId& household) {
  TRY_ASSIGN(Statement select, store_.core().db->prepare("SELECT 1 FROM continuation WHERE old=?"
                                                         " AND covered=1"));
  const std::string old = to_text(household);
  select.bind_text(1, old);
  return select.step();
}

Result<std::vector<EntityId>> RegisterQueries::continued_by(const EntityId& household) {
  TRY_ASSIGN(Statement select,
             store_.core().db->prepare(
                 "WITH RECURSIVE later (id, self, there) AS ("
                 "SELECT id, self, there FROM continuation WHERE old=? AND covered=1 UNION"
                 " SELECT c.id, c.self, c.there FROM continuation c JOIN later l ON c.old=l.self"
                 " WHERE c.covered=1) SELECT id FROM later WHERE there=1 ORDER BY self"));
  const std::string old = to_text(household);
  select.bind_text(1, old);
  return named(select);
}

Result<EntityId> RegisterQueries::household_of(const EntityId& entity) {
  TRY_ASSIGN(const std::optional<EntityState> state, store_.entity(entity.scope, entity.create));
  if (!state || state->parent.none()) return entity;
  TRY_ASSIGN(ScopeStreams * scope, store_.core().scope(entity.scope));
  return EntityId{entity.scope, scope->dot(state->parent)};
}

Status RegisterQueries::add_findings(const std::string& sql, const std::string& kind,
                                     std::vector<Line>& out) {
  TRY_ASSIGN(Statement select, store_.core().db->prepare(sql));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return {};
    Line line;
    line.kind = kind;
    TRY_ASSIGN(line.household, entity_id(ref_of(select.integer(0))));
    line.detail = std::string(select.text(1));
    out.push_back(std::move(line));
  }
}

Result<std::vector<RegisterQueries::Line>> RegisterQueries::findings(
    const std::vector<UnitNo>& units) {
  std::vector<Line> out;
  const std::string here = "h.counted=1 AND " + unit_filter(units, "h.unit");
  for (int bit = 1; bit <= kNoAverageLine; bit *= 2) {
    TRY(
        add_findings("SELECT h.id, a.period FROM assessment a JOIN household h ON h.id=a.household"
                     " WHERE a.counted=1 AND (a.findings & " +
                         std::to_string(bit) + ")<>0 AND " + here + " ORDER BY h.unit, h.id",
                     std::string(to_text(static_cast<Finding>(bit))), out));
  }
  TRY(add_findings("SELECT h.id, h.heads FROM household h WHERE h.heads>1 AND " + here +
                       " ORDER BY h.unit, h.id",
                   "two_heads", out));
  TRY(
      add_findings("SELECT h.id, a.period FROM assessment a JOIN household h ON h.id=a.household"
                   " WHERE a.there=1 AND a.counted=0 AND " +
                       here + " ORDER BY h.unit, h.id",
                   "assessed_twice", out));
  TRY(
      add_findings("SELECT DISTINCT h.id, c.number FROM citizen c JOIN household h ON"
                   " h.id=c.household WHERE c.number IN (SELECT number FROM citizen GROUP BY number"
                   " HAVING count(DISTINCT household)>1) AND " +
                       here + " ORDER BY c.number, h.id",
                   "citizen_twice", out));
  TRY(
      add_findings("SELECT h.id, h.code FROM household h JOIN (SELECT unit, code FROM household"
                   " WHERE counted=1 AND code<>'' AND " +
                       unit_filter(units, "unit") +
                       " GROUP BY unit, code HAVING count(*)>1) twice ON twice.unit=h.unit AND"
                       " twice.code=h.code WHERE " +
                       here + " ORDER BY h.unit, h.code, h.id",
                   "code_twice", out));
  // A move removes what hung on the household: what is there still was entered without knowing it.
  TRY(add_findings(
      "SELECT h.id, h.members + (SELECT count(*) FROM assessment a WHERE a.household=h.id AND"
      " a.there=1) AS late FROM household h WHERE h.moved=1 AND h.there=0 AND late>0 AND " +
          unit_filter(units, "h.unit") + " ORDER BY h.unit, h.id",
      "moved_late", out));
  TRY(add_moved_twice(units, out));
  return out;
}

/// Households that count and continue the same one, at once or over others that are not there any
/// more.
Status RegisterQueries::add_moved_twice(const std::vector<UnitNo>& units, std::vector<Line>& out) {
  TRY_ASSIGN(Statement select,
             store_.core().db->prepare(
                 "SELECT c.self, c.old, h.counted, " + unit_filter(units, "c.unit") +
                 " FROM continuation c JOIN household h ON h.id=c.id WHERE c.covered=1"));
  std::map<std::string, std::string> old_of;
  std::vector<std::pair<std::string, bool>> counted;  // with: asked for?
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) break;
    const std::string self(select.text(0));
    old_of[self] = select.text(1);
    if (select.integer(2) != 0) counted.emplace_back(self, select.integer(3) != 0);
  }
  std::map<std::string, std::vector<std::pair<std::string, bool>>> by_first;
  for (const auto& [self, asked] : counted) {
    std::string first = self;
    // Names can be given in a ring by who may write them all: no more steps than there are names.
    for (std::size_t steps = 0; steps < old_of.size() && old_of.count(first) != 0; ++steps) {
      first = old_of[first];
    }
    by_first[first].emplace_back(self, asked);
  }
  for (const auto& [first, living] : by_first) {
    for (const auto& [self, asked] : living) {
      if (living.size() < 2 || !asked) continue;
      Line line{"moved_twice", {}, first};
      if (entity_from_text(self, line.household)) out.push_back(std::move(line));
    }
  }
  return {};
}

}  // namespace lalanh
