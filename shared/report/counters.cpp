#include "shared/report/counters.h"

#include <set>

#include "embedded/report_sql.h"

namespace lalanh {

Status Counters::open() {
  Database& db = *store_.core().db;
  TRY_ASSIGN(upsert_,
             db.prepare("INSERT INTO counter (unit, period, kind, households, persons)"
                        " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (unit, period, kind) DO UPDATE"
                        " SET households=households+?4, persons=persons+?5"));
  table_.clear();
  TRY_ASSIGN(Statement select,
             db.prepare("SELECT unit, period, kind, households, persons FROM counter"));
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return {};
    const UnitNo unit(static_cast<std::uint32_t>(select.integer(0)));
    place(table_, unit, std::string(select.text(1)), select.integer(2)) =
        Count{select.integer(3), select.integer(4)};
  }
}

Status Counters::cleared() {
  changes_.clear();
  TRY(store_.core().db->execute(std::string(embedded::report_sql()[0].bytes)));
  return open();
}

Count& Counters::place(Table& table, UnitNo unit, const std::string& period, std::int64_t kind) {
  Row& row = table[unit];
  if (period.empty()) return row.all;
  CHECK(kind >= 0 && kind < static_cast<std::int64_t>(kPovertyClasses));
  return row.periods[period][static_cast<std::size_t>(kind)];
}

void Counters::note(UnitNo unit, const HouseholdFacts& facts, std::int64_t sign) {
  if (!facts.counted) return;
  const Count one{sign, sign * facts.members};
  place(changes_, unit, "", 0).add(one);
  for (const PeriodFact& fact : facts.periods) {
    if (fact.period.empty()) continue;
    place(changes_, unit, fact.period, static_cast<std::int64_t>(fact.value)).add(one);
  }
}

Status Counters::household_changed(UnitNo unit, const HouseholdFacts& before,
                                   const HouseholdFacts& after) {
  note(unit, before, -1);
  note(unit, after, 1);
  return {};
}

Status Counters::add_to_row(UnitNo unit, const std::string& period, std::int64_t kind,
                            const Count& count) {
  if (count == Count{}) return {};
  upsert_.reset().bind(1, unit.value).bind_text(2, period).bind(3, kind);
  upsert_.bind(4, count.households).bind(5, count.persons);
  return upsert_.run();
}

Status Counters::flush() {
  for (const auto& [unit, row] : changes_) {
    TRY(add_to_row(unit, "", 0, row.all));
    for (const auto& [period, kinds] : row.periods) {
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        TRY(add_to_row(unit, period, static_cast<std::int64_t>(i), kinds[i]));
      }
    }
  }
  return {};
}

void Counters::committed() {
  for (const auto& [unit, changed] : changes_) {
    Row& row = table_[unit];
    row.all.add(changed.all);
    for (const auto& [period, kinds] : changed.periods) {
      auto& to = row.periods[period];
      for (std::size_t i = 0; i < kinds.size(); ++i) to[i].add(kinds[i]);
    }
  }
  changes_.clear();
}

void Counters::rolled_back() { changes_.clear(); }

UnitCounts Counters::own(UnitNo unit, const std::string& period) const {
  UnitCounts out;
  const auto at = table_.find(unit);
  if (at == table_.end()) return out;
  out.all = at->second.all;
  const auto row = at->second.periods.find(period);
  if (row != at->second.periods.end()) out.by_class = row->second;
  return out;
}

std::vector<UnitNo> Counters::units() const {
  std::vector<UnitNo> out;
  for (const auto& [unit, row] : table_) out.push_back(unit);
  return out;
}

std::vector<std::string> Counters::periods() const {
  std::set<std::string> out;
  for (const auto& [unit, row] : table_) {
    for (const auto& [period, kinds] : row.periods) {
      for (const Count& count : kinds) {
        if (count.households != 0) out.insert(period);
      }
    }
  }
  return {out.begin(), out.end()};
}

Result<std::vector<std::string>> Counters::check() {
  Table anew;
  TRY_ASSIGN(Statement all, store_.core().db->prepare(
                                "SELECT unit, count(*), sum(members) FROM household WHERE counted=1"
                                " GROUP BY unit"));
  for (;;) {
    TRY_ASSIGN(const bool row, all.step());
    if (!row) break;
    place(anew, UnitNo(static_cast<std::uint32_t>(all.integer(0))), "", 0) =
        Count{all.integer(1), all.integer(2)};
  }
  TRY_ASSIGN(Statement classes,
             store_.core().db->prepare(
                 "SELECT h.unit, a.period, a.class, count(*), sum(h.members) FROM assessment a"
                 " JOIN household h ON h.id=a.household WHERE a.counted=1 AND h.counted=1"
                 " AND a.period<>''"
                 " GROUP BY h.unit, a.period, a.class"));
  for (;;) {
    TRY_ASSIGN(const bool row, classes.step());
    if (!row) break;
    place(anew, UnitNo(static_cast<std::uint32_t>(classes.integer(0))),
          std::string(classes.text(1)), classes.integer(2)) =
        Count{classes.integer(3), classes.integer(4)};
  }
  return differences(anew, table_);
}

std::vector<std::string> Counters::differences(Table& a, Table& b) {
  std::vector<std::string> out;
  std::set<std::pair<std::uint32_t, std::string>> places;
  for (Table* side : {&a, &b}) {
    for (const auto& [unit, row] : *side) {
      places.insert({unit.value, ""});
      for (const auto& [period, kinds] : row.periods) places.insert({unit.value, period});
    }
  }
  for (const auto& [number, period] : places) {
    const UnitNo unit(number);
    const std::int64_t kinds = period.empty() ? 1 : static_cast<std::int64_t>(kPovertyClasses);
    for (std::int64_t kind = 0; kind < kinds; ++kind) {
      if (place(a, unit, period, kind) == place(b, unit, period, kind)) continue;
      out.push_back("counter of unit " + std::to_string(number) + ", period '" + period +
                    "', class " + std::to_string(kind));
    }
  }
  return out;
}

}  // namespace lalanh
