#include "tests/sim/plain_register.h"

#include <algorithm>

#include "shared/catalogue/check_value.h"
#include "shared/catalogue/text.h"

namespace lalanh::sim {
namespace {

using Entry = std::pair<const Dot, PlainEntity>;

class Counting {
 public:
  Counting(Scope scope, const PlainState& state, const Catalogue& catalogue,
           const std::set<Dot>& moved)
      : scope_(scope), state_(state), catalogue_(catalogue), moved_(moved) {}

  PlainBook run() {
    for (const Entry& entry : state_.entities) {
      if (entry.second.type == "household" && catalogue_.type("household") != nullptr) {
        add_household(entry);
      }
    }
    for (const auto& [code, names] : codes_) {
      for (const std::string& name : names) {
        if (names.size() > 1) book_.findings.push_back(finding_line("code_twice", name, code));
      }
    }
    std::set<Dot> inbox;
    for (const auto& [dot, field] : state_.conflicts) inbox.insert(dot);
    for (const Dot& dot : inbox) {
      const Dot& parent = state_.entities.at(dot).parent;
      book_.lines.push_back(conflict_line(id(dot), id(parent.none() ? dot : parent)));
    }
    for (const auto& [key, figures] : book_.figures) {
      book_.lines.push_back(figures_line(scope_.unit, key.first,
                                         static_cast<std::int64_t>(key.second), figures.households,
                                         figures.persons));
    }
    std::sort(book_.lines.begin(), book_.lines.end());
    return std::move(book_);
  }

 private:
  std::string id(const Dot& dot) const { return to_text(EntityId{scope_, dot}); }

  /// The value shown; null where there is none, or the program does not know the field.
  Value shown(const Entry& of, const std::string& field) const {
    if (catalogue_.field(of.second.type, field) == nullptr) return Value();
    const auto at = state_.shown.find({of.first, field});
    return at == state_.shown.end() ? Value() : at->second;
  }
  std::string text(const Entry& of, const std::string& field) const {
    const Value value = shown(of, field);
    return value.kind() == Value::Kind::kText ? value.as_text() : std::string();
  }
  std::string search_of(const Entry& of) const {
    std::string out;
    for (const Field& field : catalogue_.type(of.second.type)->fields) {
      const std::string said = text(of, field.name);
      if (field.search && !said.empty()) out += fold_for_search(said) + "\n";
    }
    return out;
  }
  std::vector<const Entry*> children(const Dot& household, const std::string& type) const {
    std::vector<const Entry*> out;
    for (const Entry& entry : state_.entities) {
      if (entry.second.parent == household && entry.second.type == type) out.push_back(&entry);
    }
    return out;
  }

  std::int64_t there_of(const Dot& household, const std::string& type) const {
    const std::vector<const Entry*> all = children(household, type);
    return std::count_if(all.begin(), all.end(),
                         [](const Entry* one) { return one->second.counted; });
  }
  bool counts(const Entry& household) const {
    return household.second.counted && moved_.count(household.first) == 0;
  }

  void add_household(const Entry& household) {
    const std::string name = id(household.first);
    const bool counted = counts(household);
    std::int64_t members = 0;
    std::int64_t heads = 0;
    std::string search = search_of(household);
    const std::string code = text(household, "code");
    if (counted && !code.empty()) codes_[code].push_back(name);
    if (counted) note_citizen(household, name);
    for (const Entry* member : children(household.first, "member")) {
      if (!member->second.counted) continue;
      ++members;
      if (relation_is_head(text(*member, "relation"))) ++heads;
      search += search_of(*member);
      if (counted) note_citizen(*member, name);
    }
    const bool moved = moved_.count(household.first) != 0;
    const bool there = household.second.counted;
    book_.lines.push_back(
        household_line(name, {there ? 1 : 0, counted ? 1 : 0, moved ? 1 : 0, members, heads}));
    const std::int64_t late = members + there_of(household.first, "assessment");
    if (moved && !there && late > 0) {
      book_.findings.push_back(finding_line("moved_late", name, std::to_string(late)));
    }
    const std::string sort = sort_key_of_person(text(household, "head"));
    book_.lines.push_back(texts_line(name, as_bytes(sort), search));
    if (counted) book_.figures[{"", PovertyClass::kUnknown}].add({1, members});
    if (counted && heads > 1) {
      book_.findings.push_back(finding_line("two_heads", name, std::to_string(heads)));
    }
    add_assessments(household, members);
  }

  void note_citizen(const Entry& of, const std::string& household) {
    const std::string number = text(of, "citizen_id");
    if (number.empty()) return;
    book_.citizens[number].insert(household);
    book_.lines.push_back(citizen_line(id(of.first), household, number));
  }

  void add_assessments(const Entry& household, std::int64_t members) {
    const bool counted = counts(household);
    const std::vector<const Entry*> all = children(household.first, "assessment");
    for (const Entry* one : all) {
      AssessmentLine line;
      line.id = id(one->first);
      line.household = id(household.first);
      line.period = text(*one, "period");
      const Classification found = classify(*one, line.period);
      line.value = static_cast<std::int64_t>(found.value);
      line.findings = found.findings;
      line.there = one->second.counted;
      // Of several of one period, the greatest counts.
      line.counted =
          counted && line.there && std::none_of(all.begin(), all.end(), [&](const Entry* other) {
            return other->second.counted && other->second.rank > one->second.rank &&
                   text(*other, "period") == line.period;
          });
      book_.lines.push_back(to_text(line));
      if (line.counted && !line.period.empty()) {
        book_.figures[{line.period, found.value}].add({1, members});
      }
      if (counted && line.there && !line.counted) {
        book_.findings.push_back(finding_line("assessed_twice", line.household, line.period));
      }
      for (int bit = 1; line.counted && bit <= kNoAverageLine; bit *= 2) {
        if ((found.findings & bit) == 0) continue;
        book_.findings.push_back(
            finding_line(lalanh::to_text(static_cast<Finding>(bit)), line.household, line.period));
      }
    }
  }

  Classification classify(const Entry& assessment, const std::string& period) const {
    const RulePack* pack = RulePacks::builtin().in_force(period);
    if (pack == nullptr) return {};
    Answers answers;
    for (const Field& field : catalogue_.type("assessment")->fields) {
      (void)set_answer(*pack, field.name, to_field_value(shown(assessment, field.name)), answers);
    }
    return lalanh::classify(*pack, answers);
  }

  Scope scope_;
  const PlainState& state_;
  const Catalogue& catalogue_;
  const std::set<Dot>& moved_;
  std::map<std::string, std::vector<std::string>> codes_;  ///< of households that count
  PlainBook book_;
};

}  // namespace

PlainBook plain_book(Scope scope, const PlainState& state, const Catalogue& catalogue,
                     const std::set<Dot>& moved) {
  return Counting(scope, state, catalogue, moved).run();
}

}  // namespace lalanh::sim
