#include "tests/sim/labels.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace lalanh::sim {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message(Language::kEnglish));
  return std::move(result).value();
}

void sort_by_text(std::vector<Json>& list) {
  std::sort(list.begin(), list.end(),
            [](const Json& a, const Json& b) { return a.dump() < b.dump(); });
}

/// Values of a field, distinct and by their text.
Json distinct(std::vector<Json> values) {
  sort_by_text(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

Json fields_of(Store& store, const ScopeStreams& scope, const EntityState& state,
               std::vector<AppendedItem> items) {
  StoreCore& core = store.core();
  std::map<std::string, std::vector<Json>> values;
  for (const Write& write : state.writes) {
    values[core.words.text(write.name)].push_back(json_of(write.value));
  }
  Json out = Json::object();
  for (auto& [name, list] : values) out[name] = distinct(std::move(list));
  std::sort(items.begin(), items.end(), [&](const AppendedItem& a, const AppendedItem& b) {
    if (a.order != b.order) return a.order < b.order;
    if (!(a.ref == b.ref)) return dot_less(a.ref, b.ref, scope);
    return a.index < b.index;
  });
  for (const AppendedItem& item : items) {
    out[core.words.text(item.name)].push_back(json_of(item.value));
  }
  return out;
}

}  // namespace

const EventName* Labels::find(const std::string& label) const {
  const auto at = entities_.find(label);
  return at == entities_.end() || at->second.dot.none() ? nullptr : &at->second;
}

std::string Labels::of(Store& store, const ScopeStreams& scope, Ref ref) const {
  const Dot dot = scope.dot(ref);
  const auto found = by_dot_.find({scope.scope(), dot});
  if (found == by_dot_.end()) return to_text(dot);
  if (found->second.size() == 1) return found->second.front();
  const Hash hash = must(store.core().log.hash_at(scope, scope.at(ref.stream()), ref.counter()));
  for (const std::string& label : found->second) {
    if (entities_.at(label).hash == hash) return label;
  }
  return to_text(dot);
}

void Labels::add(const std::string& label, const EventName& create) {
  entities_[label] = create;
  by_dot_[{create.scope, create.dot}].push_back(label);
}

bool Labels::ambiguous() const {
  return std::any_of(by_dot_.begin(), by_dot_.end(),
                     [](const auto& one) { return one.second.size() > 1; });
}

FieldOp FieldClasses::of(const std::string& type, const std::string& field) const {
  if (catalogue_ == nullptr) {
    if (field.rfind("s_", 0) == 0) return FieldOp::kAdd;
    if (field.rfind("a_", 0) == 0) return FieldOp::kAppend;
    return FieldOp::kSet;
  }
  const Field* known = catalogue_->field(type, field);
  if (known == nullptr) throw ScriptError{0, "type " + type + " has no field " + field};
  return known->op;
}

void FieldClasses::check_type(const std::string& type) const {
  if (catalogue_ != nullptr && catalogue_->type(type) == nullptr) {
    throw ScriptError{0, "unknown type " + type};
  }
}

Value value_of(const Json& json) {
  if (json.is_boolean()) return Value::boolean(json.get<bool>());
  if (json.is_number_integer()) return Value::integer(json.get<std::int64_t>());
  if (json.is_string()) return Value::text(json.get<std::string>());
  return Value::null();
}

Json json_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kBool: return value.as_bool();
    case Value::Kind::kInt: return value.as_int();
    case Value::Kind::kText: return value.as_text();
    default: return nullptr;
  }
}

Json dump_of(Store& store, const Labels& labels, std::optional<UnitNo> unit,
             const std::function<std::string(UnitNo)>& unit_name) {
  if (labels.ambiguous()) {
    const Status sealed = store.seal();
    if (!sealed.ok()) throw std::runtime_error(sealed.error().message(Language::kEnglish));
  }
  Json entities = Json::object();
  std::uint64_t pending = 0;
  std::set<std::pair<std::string, std::string>> conflicts;
  StoreCore& core = store.core();
  for (const Scope scope : must(core.all_scopes())) {
    if (unit && !(scope.unit == *unit)) continue;
    const ScopeStreams& streams = *must(core.known(scope));
    for (const auto& row : streams.rows()) {
      const std::uint32_t waits =
          row->aside == 0 ? row->held : (std::min)(row->held, row->aside - 1);
      pending += waits > row->folded ? waits - row->folded : 0;
    }
    const Status read = core.entities.for_each(streams, [&](const EntityRow& row) -> Status {
      if (row.ref.none()) return {};  // the scope's own: decisions and revokes
      TRY_ASSIGN(const EntityState state, row.decode());
      TRY_ASSIGN(std::vector<AppendedItem> items, core.entities.items(row.ref));
      const std::string label = labels.of(store, streams, row.ref);
      const Presence here = presence(state, streams);
      entities[label] = {{"fields", fields_of(store, streams, state, std::move(items))},
                         {"removed", here == Presence::kRemoved},
                         {"type", core.words.text(state.type)},
                         {"unit", unit_name(scope.unit)}};
      for (const Word word : conflicting_fields(state)) {
        conflicts.insert({label, core.words.text(word)});
      }
      if (here == Presence::kDisputed) conflicts.insert({label, "removed"});
      return {};
    });
    if (!read.ok()) throw std::runtime_error(read.error().message(Language::kEnglish));
  }
  const Hash digest =
      unit ? must(store.state_digest(Scope{*unit, Channel::kRecords})) : must(store.state_digest());
  Json list = Json::array();
  for (const auto& [label, field] : conflicts) list.push_back({label, field});
  return {{"conflicts", std::move(list)},
          {"digest", to_hex(digest)},
          {"entities", std::move(entities)},
          {"pending", pending}};
}

}  // namespace lalanh::sim
