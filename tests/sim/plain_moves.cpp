#include "tests/sim/plain_moves.h"

#include "shared/register/register.h"
#include "tests/sim/register_lines.h"

namespace lalanh::sim {

void PlainMoves::add(Scope scope, const PlainState& state) {
  for (const auto& [dot, entity] : state.entities) {
    if (entity.type != "household") continue;
    const std::string name = to_text(EntityId{scope, dot});
    names_[scope][name] = dot;
    if (!entity.continues) continue;
    const Scope old = entity.continues->scope;
    const bool covered =
        old.unit == entity.author || tree_.is_or_ever_was_below(old.unit, entity.author);
    if (!covered || old.channel != Channel::kRecords) continue;
    edges_.push_back({name, to_text(*entity.continues), entity.counted});
  }
}

bool PlainMoves::continued(const std::string& name, std::set<std::string> passed) const {
  if (!passed.insert(name).second) return false;
  for (const Edge& edge : edges_) {
    if (edge.old != name || passed.count(edge.self) != 0) continue;
    if (edge.there || continued(edge.self, passed)) return true;
  }
  return false;
}

std::set<Dot> PlainMoves::moved(Scope scope) const {
  std::set<Dot> out;
  const auto names = names_.find(scope);
  if (names == names_.end()) return out;
  for (const auto& [name, dot] : names->second) {
    if (continued(name, {})) out.insert(dot);
  }
  return out;
}

std::string PlainMoves::first(const std::string& name, std::size_t steps) const {
  for (const Edge& edge : edges_) {
    if (edge.self == name && steps > 0) return first(edge.old, steps - 1);
  }
  return name;
}

std::vector<std::string> PlainMoves::twice() const {
  std::map<std::string, std::set<std::string>> by_first;
  for (const Edge& edge : edges_) {
    if (!edge.there || continued(edge.self, {})) continue;
    by_first[first(edge.self, edges_.size())].insert(edge.self);
  }
  std::vector<std::string> out;
  for (const auto& [name, living] : by_first) {
    if (living.size() < 2) continue;
    for (const std::string& one : living) out.push_back(finding_line("moved_twice", one, name));
  }
  return out;
}

}  // namespace lalanh::sim
