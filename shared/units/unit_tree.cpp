#include "shared/units/unit_tree.h"

#include <algorithm>
#include <tuple>

#include "shared/base/cbor.h"

namespace lalanh {
namespace {

// A true tree has four tiers and a few eras. These bound what hostile facts may cost: farther
// ancestors are not followed, the same at every node.
constexpr std::size_t kEverAboveMax = 256;

/// Facts compare by this: days as numbers, no day after every day.
auto key_of(const UnitFact& f) {
  return std::make_tuple(f.unit.value, days_of(f.valid_from),
                         f.valid_to.has_value() ? days_of(*f.valid_to) : INT64_MAX,
                         std::string_view(f.code), std::string_view(f.name),
                         static_cast<int>(f.level), std::string_view(f.kind), f.parent.value);
}

template <class T>
void sort_unique(std::vector<T>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

}  // namespace

bool operator<(const UnitFact& a, const UnitFact& b) { return key_of(a) < key_of(b); }

void UnitTree::add(std::span<const UnitFact> facts) {
  std::vector<UnitFact> all = std::move(facts_);
  all.insert(all.end(), facts.begin(), facts.end());
  reset(std::move(all));
}

void UnitTree::reset(std::vector<UnitFact> facts) {
  facts_ = std::move(facts);
  facts_.erase(std::remove_if(facts_.begin(), facts_.end(),
                              [](const UnitFact& f) { return f.unit == UnitNo(); }),
               facts_.end());
  sort_unique(facts_);
  rebuild();
}

void UnitTree::rebuild() {
  nodes_.clear();
  index_.clear();
  by_code_.clear();
  std::vector<UnitNo> units;
  for (const UnitFact& fact : facts_) {
    units.push_back(fact.unit);
    if (!(fact.parent == UnitNo())) units.push_back(fact.parent);
  }
  sort_unique(units);
  nodes_.resize(units.size());
  for (std::uint32_t i = 0; i < units.size(); ++i) {
    nodes_[i].unit = units[i];
    index_.emplace(units[i], i);
  }
  for (std::uint32_t i = 0; i < facts_.size(); ++i) {
    const UnitFact& fact = facts_[i];
    const std::uint32_t at = index_.at(fact.unit);
    Node& node = nodes_[at];
    if (node.first_fact == node.end_fact) node.first_fact = i;
    node.end_fact = i + 1;
    by_code_[fact.code].push_back(at);
    if (fact.parent == UnitNo()) continue;
    const std::uint32_t parent = index_.at(fact.parent);
    node.ever_parents.push_back(parent);
    nodes_[parent].ever_children.push_back(at);
  }
  for (Node& node : nodes_) {
    sort_unique(node.ever_parents);
    sort_unique(node.ever_children);
  }
  for (auto& [code, nodes] : by_code_) sort_unique(nodes);
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) close_upward(i);
}

void UnitTree::close_upward(std::uint32_t index) {
  // Breadth first, so that what the bound leaves out are the farthest.
  std::vector<std::uint32_t> found = nodes_[index].ever_parents;
  if (found.size() > kEverAboveMax) found.resize(kEverAboveMax);
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const std::uint32_t parent : nodes_[found[i]].ever_parents) {
      if (found.size() >= kEverAboveMax) break;
      if (std::find(found.begin(), found.end(), parent) == found.end()) found.push_back(parent);
    }
  }
  // In a cycle a unit is above itself; it says nothing.
  found.erase(std::remove(found.begin(), found.end(), index), found.end());
  std::sort(found.begin(), found.end());
  nodes_[index].ever_above = std::move(found);
}

const UnitTree::Node* UnitTree::node(UnitNo unit) const {
  const auto found = index_.find(unit);
  return found == index_.end() ? nullptr : &nodes_[found->second];
}

const UnitFact* UnitTree::in_force(const Node& node, std::int64_t day) const {
  // From the last to the first: the first that covers the day is the one in force.
  for (std::uint32_t i = node.end_fact; i > node.first_fact; --i) {
    const UnitFact& fact = facts_[i - 1];
    if (days_of(fact.valid_from) > day) continue;
    if (fact.valid_to.has_value() && days_of(*fact.valid_to) < day) continue;
    return &fact;
  }
  return nullptr;
}

std::vector<UnitNo> UnitTree::units() const {
  std::vector<UnitNo> out;
  for (const Node& held : nodes_) {
    if (held.first_fact != held.end_fact) out.push_back(held.unit);
  }
  return out;
}

bool UnitTree::knows(UnitNo unit) const { return !history(unit).empty(); }

std::span<const UnitFact> UnitTree::history(UnitNo unit) const {
  const Node* held = node(unit);
  if (held == nullptr) return {};
  return std::span<const UnitFact>(facts_).subspan(held->first_fact,
                                                   held->end_fact - held->first_fact);
}

const UnitFact* UnitTree::at(UnitNo unit, const Date& day) const {
  const Node* held = node(unit);
  return held == nullptr ? nullptr : in_force(*held, days_of(day));
}

const UnitFact* UnitTree::nearest(UnitNo unit, const Date& day) const {
  if (const UnitFact* fact = at(unit, day)) return fact;
  const std::span<const UnitFact> facts = history(unit);
  if (facts.empty()) return nullptr;
  const UnitFact* best = nullptr;
  for (const UnitFact& fact : facts) {
    if (days_of(fact.valid_from) <= days_of(day)) best = &fact;
  }
  return best == nullptr ? &facts.front() : best;
}

void UnitTree::sort_by_code(std::vector<UnitNo>& units, const Date& day) const {
  const auto code_of = [&](UnitNo unit) -> std::string_view {
    const UnitFact* fact = at(unit, day);
    return fact == nullptr ? std::string_view() : std::string_view(fact->code);
  };
  std::sort(units.begin(), units.end(), [&](UnitNo a, UnitNo b) {
    const int order = code_of(a).compare(code_of(b));
    return order != 0 ? order < 0 : a < b;
  });
}

std::vector<UnitNo> UnitTree::children(UnitNo unit, const Date& day) const {
  std::vector<UnitNo> out;
  const Node* held = node(unit);
  if (held == nullptr) return out;
  for (const std::uint32_t child : held->ever_children) {
    const UnitFact* fact = in_force(nodes_[child], days_of(day));
    if (fact != nullptr && fact->parent == unit) out.push_back(fact->unit);
  }
  sort_by_code(out, day);
  return out;
}

std::vector<UnitNo> UnitTree::ancestors(UnitNo unit, const Date& day) const {
  std::vector<UnitNo> out;
  const UnitFact* fact = at(unit, day);
  while (fact != nullptr && !(fact->parent == UnitNo()) && !(fact->parent == unit) &&
         std::find(out.begin(), out.end(), fact->parent) == out.end()) {
    out.push_back(fact->parent);
    fact = at(fact->parent, day);
  }
  return out;
}

bool UnitTree::is_or_is_below(UnitNo unit, UnitNo ancestor, const Date& day) const {
  if (unit == ancestor) return true;
  const std::vector<UnitNo> above = ancestors(unit, day);
  return std::find(above.begin(), above.end(), ancestor) != above.end();
}

std::vector<UnitNo> UnitTree::below(UnitNo unit, const Date& day) const {
  std::vector<UnitNo> out = children(unit, day);
  std::unordered_map<UnitNo, bool> seen{{unit, true}};
  for (const UnitNo child : out) seen.emplace(child, true);
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (const UnitNo child : children(out[i], day)) {
      if (seen.emplace(child, true).second) out.push_back(child);
    }
  }
  return out;
}

std::vector<UnitNo> UnitTree::roots(const Date& day) const {
  std::vector<UnitNo> out;
  for (const Node& held : nodes_) {
    const UnitFact* fact = in_force(held, days_of(day));
    if (fact != nullptr && fact->parent == UnitNo()) out.push_back(held.unit);
  }
  sort_by_code(out, day);
  return out;
}

std::vector<UnitNo> UnitTree::find_by_code(std::string_view code, const Date& day) const {
  std::vector<UnitNo> out;
  const auto found = by_code_.find(std::string(code));
  if (found == by_code_.end()) return out;
  for (const std::uint32_t index : found->second) {
    const UnitFact* fact = in_force(nodes_[index], days_of(day));
    if (fact != nullptr && fact->code == code) out.push_back(fact->unit);
  }
  return out;
}

bool UnitTree::is_or_ever_was_below(UnitNo unit, UnitNo ancestor) const {
  if (unit == ancestor) return true;
  const Node* held = node(unit);
  const auto above = index_.find(ancestor);
  if (held == nullptr || above == index_.end()) return false;
  return std::binary_search(held->ever_above.begin(), held->ever_above.end(), above->second);
}

std::vector<UnitNo> UnitTree::ever_below(UnitNo unit) const {
  std::vector<UnitNo> out;
  for (const Node& held : nodes_) {
    if (!(held.unit == unit) && is_or_ever_was_below(held.unit, unit)) out.push_back(held.unit);
  }
  return out;
}

std::vector<UnitNo> UnitTree::ever_above(UnitNo unit) const {
  std::vector<UnitNo> out;
  const Node* held = node(unit);
  if (held == nullptr) return out;
  for (const std::uint32_t index : held->ever_above) out.push_back(nodes_[index].unit);
  return out;
}

Rank UnitTree::rank(UnitNo unit, const Date& day) const {
  const UnitFact* fact = nearest(unit, day);
  return fact == nullptr ? Rank() : Rank(static_cast<std::uint8_t>(fact->level));
}

Bytes UnitTree::canonical_bytes() const {
  Bytes out;
  cbor::Writer writer(out);
  writer.array(facts_.size());
  for (const UnitFact& fact : facts_) {
    writer.array(8);
    writer.unsigned_integer(fact.unit.value);
    writer.text(to_text(fact.valid_from));
    writer.text(fact.valid_to.has_value() ? to_text(*fact.valid_to) : "");
    writer.text(fact.code);
    writer.text(fact.name);
    writer.unsigned_integer(static_cast<std::uint64_t>(fact.level));
    writer.text(fact.kind);
    writer.unsigned_integer(fact.parent.value);
  }
  return out;
}

bool level_from_text(std::string_view word, UnitLevel& out) {
  for (const UnitLevel level :
       {UnitLevel::kVillage, UnitLevel::kCommune, UnitLevel::kDistrict, UnitLevel::kProvince}) {
    if (to_text(level) == word) {
      out = level;
      return true;
    }
  }
  return false;
}

std::string_view to_text(UnitLevel level) {
  switch (level) {
    case UnitLevel::kVillage: return "village";
    case UnitLevel::kCommune: return "commune";
    case UnitLevel::kDistrict: return "district";
    case UnitLevel::kProvince: return "province";
  }
  return "";
}

bool is_urban_kind(std::string_view kind) { return kind == "ward" || kind == "town"; }

}  // namespace lalanh
