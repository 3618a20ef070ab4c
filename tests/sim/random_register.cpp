#include "tests/sim/random_register.h"

#include <map>

namespace lalanh::sim {
namespace {

using Names = std::vector<std::string>;

/// Fields by type; those in front are always written when an entity is entered.
const Names& fields_of(const std::string& type) {
  static const std::map<std::string, Names> kFields = {
      {"household", {"head", "code", "citizen_id", "address", "head_birth", "a", "b"}},
      {"member", {"name", "relation", "citizen_id", "birth", "a"}},
      {"assessment",
       {"period", "area", "income", "employment", "dependents", "nutrition", "score_income",
        "score_deprivation", "farm_work", "class_entered", "a"}}};
  static const Names kFree = {"a", "b", "c", "d", "e"};
  const auto at = kFields.find(type);
  return at == kFields.end() ? kFree : at->second;
}

/// What a field is given as a rule. Incomes and points lie on both sides of the lines of the packs.
const std::vector<Json>& values_of(const std::string& field) {
  static const std::map<std::string, std::vector<Json>> kValues = {
      {"head", {"Nguyễn Văn An", "Trần Thị Bình", "Lê Đức"}},
      {"code", {"H1", "H2", "H3", "H4"}},
      {"citizen_id", {"001090000001", "001090000002", "001090000003"}},
      {"address", {"Xóm Đồi", "Bản Mới"}},
      {"head_birth", {1960, "1975-05-01"}},
      {"name", {"Nguyễn Thị Hoa", "Nguyễn Văn Bé", "Trần Ân"}},
      {"relation", {"Chủ hộ", "chu ho", "vợ", "con"}},
      {"birth", {1988, 2015}},
      {"period", {"2023", "2024", "2024-06", "2031"}},
      {"area", {"R", "U"}},
      {"income", {1'000'000, 1'500'000, 1'800'000, 2'400'000, 9'000'000}},
      {"employment", {true, false}},
      {"dependents", {true, false}},
      {"nutrition", {true, false}},
      {"score_income", {100, 140, 160, 200}},
      {"score_deprivation", {0, 20, 30, 55}},
      {"farm_work", {true, false}},
      {"class_entered", {"poor", "near_poor", "average_farm", "not_poor"}}};
  static const std::vector<Json> kNone;
  const auto at = kValues.find(field);
  return at == kValues.end() ? kNone : at->second;
}

}  // namespace

std::string RandomRegister::type() {
  const std::uint64_t kind = choices_.below(20);
  if (kind < 7) return "household";
  if (kind < 12) return "member";
  return kind < 19 ? "assessment" : "visit";
}

Json RandomRegister::any_value() {
  switch (choices_.below(6)) {
    case 0: return nullptr;
    case 1: return choices_.chance(0.5);
    case 2: return static_cast<std::int64_t>(choices_.below(10));
    case 3: return choices_.between(-5'000'000'000, 5'000'000'000);
    case 4: return std::string(choices_.below(40), 'x');
    default: {
      static const Names kTexts = {"An", "Bình", "Nguyễn Văn Ân", "đất", ""};
      return kTexts[choices_.below(kTexts.size())];
    }
  }
}

Json RandomRegister::value(const std::string& field) {
  const std::vector<Json>& known = values_of(field);
  if (known.empty() || choices_.chance(0.08)) return any_value();
  return known[choices_.below(known.size())];
}

Json RandomRegister::fields(const std::string& type, bool creating, const Catalogue* known) {
  const Names& names = fields_of(type);
  Json out = Json::object();
  if (creating) out[names.front()] = value(names.front());
  const std::uint64_t n = 1 + choices_.below(4);
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::string& name = names[choices_.below(names.size())];
    if (known != nullptr && known->field(type, name) == nullptr) continue;
    out[name] = value(name);
  }
  return out;
}

}  // namespace lalanh::sim
