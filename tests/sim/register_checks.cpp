#include "tests/sim/register_checks.h"

#include <algorithm>

#include "shared/report/report.h"
#include "tests/sim/broken.h"

namespace lalanh::sim {
namespace {

using Lines = std::vector<std::string>;

/// The tree of the simulator has no other day.
constexpr Date kDay{2026, 1, 1};

template <class T>
T must(Result<T> result, int invariant, const std::string& what) {
  if (!result.ok()) throw Broken{invariant, what + ": " + result.error().name()};
  return std::move(result).value();
}

/// Both are sorted. The first difference decides which promise it is.
void compare(const Lines& got, const Lines& wanted, const std::string& whose) {
  const auto [at, other] = std::mismatch(got.begin(), got.end(), wanted.begin(), wanted.end());
  if (at == got.end() && other == wanted.end()) return;
  const bool more = at != got.end() && (other == wanted.end() || *at < *other);
  const std::string& line = more ? *at : *other;
  const bool inbox = line.rfind("conflict", 0) == 0 || line.rfind("finding", 0) == 0;
  throw Broken{inbox ? 6 : 5, whose + (more ? " has: " : " lacks: ") + line};
}

Lines of_unit(const Lines& all, UnitNo unit) {
  const std::string number = " " + std::to_string(unit.value);
  Lines out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out), [&](const std::string& line) {
    const std::size_t space = line.find(' ');
    return line.compare(space, number.size(), number) == 0;
  });
  return out;
}

bool same(const UnitCounts& got, const std::map<PovertyClass, PlainFigures>& by_class,
          const PlainFigures& all) {
  const auto equal = [](const Count& a, const PlainFigures& b) {
    return a.households == b.households && a.persons == b.persons;
  };
  bool out = equal(got.all, all);
  for (std::size_t i = 0; i < kPovertyClasses; ++i) {
    const auto at = by_class.find(static_cast<PovertyClass>(i));
    out = out && equal(got.by_class[i], at == by_class.end() ? PlainFigures() : at->second);
  }
  return out;
}

std::string row_text(const ReportRow& row) {
  std::string out = row.code + " " + std::to_string(row.counts.all.households) + " " +
                    std::to_string(row.counts.all.persons);
  for (const Count& count : row.counts.by_class) {
    out += "; " + std::to_string(count.households) + " " + std::to_string(count.persons);
  }
  return out + "\n";
}

/// Report 1 of a unit, as text.
std::string report_text(const ReportOrder& order, const Counters& counters, UnitNo unit) {
  const ClassReport report = must(order.class_report(counters, unit, ""), 5, "a report");
  std::string out = report.period + "\n" + row_text(report.total);
  for (const ReportRow& row : report.children) out += row_text(row);
  for (const ReportRow& row : report.unplaced) out += "unplaced " + row_text(row);
  return out;
}

}  // namespace

void RegisterChecks::keep(Scope scope, const Hash& heads, PlainState state) {
  if (scope.channel == Channel::kRecords) states_[{scope, heads}] = std::move(state);
}

const PlainBook& RegisterChecks::book(Machine& machine, Scope scope, const Hash& heads,
                                      const PlainMoves& moves) {
  const Catalogue& catalogue = machine.registered().words().catalogue();
  const std::set<Dot> moved = moves.moved(scope);
  const auto key = std::make_tuple(scope, heads, &catalogue, moved);
  const auto known = books_.find(key);
  if (known != books_.end()) return known->second;
  return books_[key] = plain_book(scope, states_.at({scope, heads}), catalogue, moved);
}

void RegisterChecks::check(Machine& machine) {
  std::vector<const PlainBook*> books;
  of_machine_.clear();
  Lines wanted;
  std::map<Scope, Hash> scopes;
  PlainMoves moves(world_.tree());
  for (const Scope scope : must(machine.store().core().all_scopes(), 5, "scopes")) {
    const Hash heads = must(machine.store().heads_digest(scope), 1, "heads");
    if (scope.channel != Channel::kRecords || heads == Hash{}) continue;
    scopes[scope] = heads;
    moves.add(scope, states_.at({scope, heads}));
  }
  for (const auto& [scope, heads] : scopes) {
    books.push_back(&book(machine, scope, heads, moves));
    of_machine_[scope.unit] = books.back();
    wanted.insert(wanted.end(), books.back()->lines.begin(), books.back()->lines.end());
  }
  std::sort(wanted.begin(), wanted.end());
  compare(must(register_lines(machine.store(), machine.registered()), 5, "tables"), wanted,
          machine.name());
  check_findings(machine, books, moves);
  check_reports(machine);
}

void RegisterChecks::check(Machine& machine, const std::map<Scope, PlainState>& states,
                           std::optional<Scope> of) {
  const Lines all = must(register_lines(machine.store(), machine.registered()), 5, "tables");
  PlainMoves moves(world_.tree());
  for (const auto& [scope, state] : states) moves.add(scope, state);
  for (const auto& [scope, state] : states) {
    if (of && !(*of == scope)) continue;
    const PlainBook wanted =
        plain_book(scope, state, machine.registered().words().catalogue(), moves.moved(scope));
    compare(of_unit(all, scope.unit), wanted.lines, machine.name());
  }
}

void RegisterChecks::check_findings(Machine& machine, const std::vector<const PlainBook*>& books,
                                    const PlainMoves& moves) {
  Lines wanted = moves.twice();
  std::map<std::string, std::set<std::string>> citizens;
  for (const PlainBook* one : books) {
    wanted.insert(wanted.end(), one->findings.begin(), one->findings.end());
    for (const auto& [number, households] : one->citizens) {
      citizens[number].insert(households.begin(), households.end());
    }
  }
  for (const auto& [number, households] : citizens) {
    if (households.size() < 2) continue;
    for (const std::string& household : households) {
      wanted.push_back(finding_line("citizen_twice", household, number));
    }
  }
  std::sort(wanted.begin(), wanted.end());
  compare(must(finding_lines(machine.registered()), 6, "findings"), wanted, machine.name());
}

RegisterChecks::Figures RegisterChecks::sum(UnitNo unit,
                                            const std::map<UnitNo, const PlainBook*>& books) const {
  Figures out;
  const auto own = books.find(unit);
  if (own != books.end()) out = own->second->figures;
  for (const UnitNo below : world_.tree().units()) {
    if (!(world_.tree().at(below, kDay)->parent == unit)) continue;
    for (const auto& [key, figures] : sum(below, books)) out[key].add(figures);
  }
  return out;
}

/// Of a unit that hung below the machine's once, and hangs elsewhere now.
bool RegisterChecks::has_left(Machine& machine, const ReportRow& row) const {
  return world_.tree().is_or_ever_was_below(row.unit, machine.unit()) &&
         !world_.tree().is_or_is_below(row.unit, machine.unit(), kDay);
}

void RegisterChecks::check_reports(Machine& machine) {
  const ReportOrder order(world_.tree(), kDay);
  const Counters& counters = machine.registered().counters();
  std::set<std::string> periods = {"2024"};  // of which nothing may be assessed
  for (const auto& [unit, one] : of_machine_) {
    for (const auto& [key, figures] : one->figures) periods.insert(key.first);
  }
  periods.erase("");
  for (const UnitNo unit : order.with_below(machine.unit())) {
    const Figures wanted = sum(unit, of_machine_);
    const auto all = wanted.find({"", PovertyClass::kUnknown});
    for (const std::string& period : periods) {
      std::map<PovertyClass, PlainFigures> by_class;
      for (const auto& [key, figures] : wanted) {
        if (key.first == period) by_class[key.second] = figures;
      }
      const ClassReport report = must(order.class_report(counters, unit, period), 9, "a report");
      const PlainFigures total = all == wanted.end() ? PlainFigures() : all->second;
      if (!same(report.total.counts, by_class, total)) {
        throw Broken{9, machine.name() + " reports for " + period + ": " + row_text(report.total)};
      }
      UnitCounts parts = report.own;
      for (const ReportRow& child : report.children) parts.add(child.counts);
      if (!(parts == report.total.counts)) {
        throw Broken{9, machine.name() + ": a report's lines are not its total"};
      }
      for (const ReportRow& row : report.unplaced) {
        if (!has_left(machine, row)) throw Broken{9, machine.name() + ": figures of no unit"};
      }
    }
  }
}

void RegisterChecks::check_rebuilt(Machine& machine, Store& fresh, MachineRegister& registered) {
  const ReportOrder order(world_.tree(), kDay);
  const Lines kept = must(register_lines(machine.store(), machine.registered()), 5, "tables");
  const std::string report = report_text(order, machine.registered().counters(), machine.unit());
  const auto same_as_kept = [&](const std::string& whose) {
    compare(must(register_lines(fresh, registered), 5, "tables"), kept, whose);
    if (report_text(order, registered.counters(), machine.unit()) != report) {
      throw Broken{5, whose + " gives another report"};
    }
  };
  same_as_kept("in another order, " + machine.name());
  const Status rebuilt = registered.rebuild();
  if (!rebuilt.ok()) throw Broken{5, "tables are not made anew: " + rebuilt.error().name()};
  same_as_kept("made anew, " + machine.name());
}

}  // namespace lalanh::sim
