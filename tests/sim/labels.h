#pragma once

#include <map>
#include <string>

#include "shared/catalogue/catalogue.h"
#include "shared/store/store.h"
#include "tests/sim/script.h"

namespace lalanh::sim {

/// An event as the simulator remembers it: a copied program gives one name to two.
struct EventName {
  Scope scope;
  Dot dot;
  Hash hash{};
  friend bool operator==(const EventName&, const EventName&) = default;
};

/// What a script calls its entities. A label whose create was refused by a fault is void.
class Labels {
 public:
  void add(const std::string& label, const EventName& create);
  void add_void(const std::string& label) { entities_[label] = EventName(); }
  bool has(const std::string& label) const { return entities_.count(label) != 0; }
  /// nullptr where it is void, or unknown.
  const EventName* find(const std::string& label) const;
  /// Do two labels share a dot? A store must be sealed before it is asked of() then.
  bool ambiguous() const;
  /// The label of an entity of a store; a dot in text where no script named it.
  std::string of(Store& store, const ScopeStreams& scope, Ref ref) const;
  const std::map<std::string, EventName>& all() const { return entities_; }

 private:
  std::map<std::string, EventName> entities_;
  std::map<std::pair<Scope, Dot>, std::vector<std::string>> by_dot_;
};

/// How fields merge: by a catalogue, or by the beginnings of their names (`free`).
class FieldClasses {
 public:
  /// nullptr: free. The catalogue outlives it.
  explicit FieldClasses(const Catalogue* catalogue) : catalogue_(catalogue) {}
  /// kSet, kAdd or kAppend; throws ScriptError with no line where the type has no such field.
  FieldOp of(const std::string& type, const std::string& field) const;
  void check_type(const std::string& type) const;

 private:
  const Catalogue* catalogue_;
};

Value value_of(const Json& json);
Json json_of(const Value& value);

/// The state of a machine's records as `dump` prints it, its own name aside: the scope's of one
/// unit, or of all. Throws std::runtime_error where the store fails.
Json dump_of(Store& store, const Labels& labels, std::optional<UnitNo> unit,
             const std::function<std::string(UnitNo)>& unit_name);

}  // namespace lalanh::sim
