#include "tests/sim/register_lines.h"

#include <algorithm>
#include <functional>

namespace lalanh::sim {
namespace {

std::string number(std::int64_t value) { return " " + std::to_string(value); }

/// Reads the tables row by row, and names what they number.
class Tables {
 public:
  Tables(Store& store, RegisterQueries queries) : store_(store), queries_(queries) {}

  Result<std::vector<std::string>> read() {
    TRY(each("SELECT id, there, counted, moved, members, heads, sort, search FROM household",
             [&](Statement& row) -> Status {
               TRY_ASSIGN(const std::string id, name(row, 0));
               lines_.push_back(household_line(id, {row.integer(1), row.integer(2), row.integer(3),
                                                    row.integer(4), row.integer(5)}));
               lines_.push_back(texts_line(id, row.blob(6), row.text(7)));
               return {};
             }));
    TRY(each("SELECT id, household, period, class, findings, there, counted FROM assessment",
             [&](Statement& row) -> Status {
               AssessmentLine line;
               TRY_ASSIGN(line.id, name(row, 0));
               TRY_ASSIGN(line.household, household(row));
               line.period = row.text(2);
               line.value = row.integer(3);
               line.findings = row.integer(4);
               line.there = row.integer(5) != 0;
               line.counted = row.integer(6) != 0;
               lines_.push_back(to_text(line));
               return {};
             }));
    TRY(each("SELECT id, household, number FROM citizen", [&](Statement& row) -> Status {
      TRY_ASSIGN(const std::string id, name(row, 0));
      TRY_ASSIGN(const std::string of, household(row));
      lines_.push_back(citizen_line(id, of, row.text(2)));
      return {};
    }));
    TRY(each("SELECT id, household FROM conflict", [&](Statement& row) -> Status {
      TRY_ASSIGN(const std::string id, name(row, 0));
      TRY_ASSIGN(const std::string of, household(row));
      lines_.push_back(conflict_line(id, of));
      return {};
    }));
    TRY(
        each("SELECT unit, period, kind, households, persons FROM counter WHERE households<>0"
             " OR persons<>0",
             [&](Statement& row) -> Status {
               const UnitNo unit(static_cast<std::uint32_t>(row.integer(0)));
               lines_.push_back(
                   figures_line(unit, row.text(1), row.integer(2), row.integer(3), row.integer(4)));
               return {};
             }));
    std::sort(lines_.begin(), lines_.end());
    return std::move(lines_);
  }

 private:
  Status each(const char* sql, const std::function<Status(Statement&)>& use) {
    TRY_ASSIGN(Statement select, store_.core().db->prepare(sql));
    for (;;) {
      TRY_ASSIGN(const bool row, select.step());
      if (!row) return {};
      TRY(use(select));
    }
  }
  Result<std::string> name(Statement& row, int column) {
    const Ref ref(static_cast<std::uint64_t>(row.integer(column)));
    TRY_ASSIGN(const EntityId id, queries_.entity_id(ref));
    return to_text(id);
  }

  /// What column 1 numbers, which may be set aside and then has no state: by the scope of column 0.
  Result<std::string> household(Statement& row) {
    TRY_ASSIGN(const EntityId id,
               queries_.entity_id(Ref(static_cast<std::uint64_t>(row.integer(0)))));
    TRY_ASSIGN(const ScopeStreams* scope, store_.core().scope(id.scope));
    const Ref ref(static_cast<std::uint64_t>(row.integer(1)));
    return to_text(EntityId{id.scope, scope->dot(ref)});
  }

  Store& store_;
  RegisterQueries queries_;
  std::vector<std::string> lines_;
};

}  // namespace

std::string household_line(const std::string& id, const HouseholdCounts& counts) {
  return "household " + id + (counts.there != 0 ? " there" : "") +
         (counts.counted != 0 ? " counted" : "") + (counts.moved != 0 ? " moved" : "") +
         number(counts.members) + number(counts.heads);
}

std::string texts_line(const std::string& id, ByteView sort, std::string_view search) {
  std::vector<std::string> texts;
  while (!search.empty()) {
    const std::size_t end = (std::min)(search.find('\n'), search.size());
    texts.emplace_back(search.substr(0, end));
    search.remove_prefix((std::min)(end + 1, search.size()));
  }
  std::sort(texts.begin(), texts.end());
  std::string out = "texts " + id + " " + to_hex(sort);
  for (const std::string& text : texts) out += "|" + text;
  return out;
}

std::string to_text(const AssessmentLine& line) {
  return "assessment " + line.id + " of " + line.household + " '" + line.period + "'" +
         number(line.value) + number(line.findings) + (line.there ? " there" : " gone") +
         (line.counted ? " counted" : "");
}

std::string citizen_line(const std::string& id, const std::string& household,
                         std::string_view number) {
  return "citizen " + id + " of " + household + " " + std::string(number);
}

std::string conflict_line(const std::string& id, const std::string& household) {
  return "conflict " + id + " of " + household;
}

std::string figures_line(UnitNo unit, std::string_view period, std::int64_t kind,
                         std::int64_t households, std::int64_t persons) {
  return "figures " + std::to_string(unit.value) + " '" + std::string(period) + "'" + number(kind) +
         ":" + number(households) + number(persons);
}

std::string finding_line(std::string_view kind, const std::string& household,
                         std::string_view detail) {
  return "finding " + std::string(kind) + " " + household + " '" + std::string(detail) + "'";
}

Result<std::vector<std::string>> register_lines(Store& store, MachineRegister& registered) {
  return Tables(store, registered.queries()).read();
}

Result<std::vector<std::string>> finding_lines(MachineRegister& registered) {
  TRY_ASSIGN(const auto findings, registered.queries().findings({}));
  std::vector<std::string> out;
  for (const RegisterQueries::Line& line : findings) {
    out.push_back(finding_line(line.kind, to_text(line.household), line.detail));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace lalanh::sim
