#include "shared/api/reference.h"

#include <algorithm>
#include <map>

namespace lalanh {
namespace {

void add_set(Event& event, const char* field, Value value) {
  Op op;
  op.kind = OpKind::kSet;
  op.name = field;
  op.value = std::move(value);
  event.ops.push_back(std::move(op));
}

Event create_event(const char* type, const Dot& parent, const std::string& actor) {
  Event event;
  event.actor = actor;
  event.verb = "record";
  Op create;
  create.kind = OpKind::kCreate;
  create.name = type;
  if (!parent.none()) create.value = Value::dot(parent);
  event.ops.push_back(std::move(create));
  return event;
}

Event fact_event(const UnitFact& fact, const Dot& unit, const std::string& actor) {
  Event event = create_event("unit_fact", unit, actor);
  add_set(event, "valid_from", Value::text(to_text(fact.valid_from)));
  if (fact.valid_to) add_set(event, "valid_to", Value::text(to_text(*fact.valid_to)));
  add_set(event, "code", Value::text(fact.code));
  add_set(event, "name", Value::text(fact.name));
  add_set(event, "level", Value::text(std::string(to_text(fact.level))));
  add_set(event, "kind", Value::text(fact.kind));
  if (fact.parent.value != 0) add_set(event, "parent_no", Value::integer(fact.parent.value));
  return event;
}

/// The number of a value that is a unit's; 0 otherwise.
std::uint32_t unit_number(const Value& value) {
  if (value.kind() != Value::Kind::kInt) return 0;
  const std::int64_t n = value.as_int();
  return n > 0 && n <= 0xffffffff ? static_cast<std::uint32_t>(n) : 0;
}

class FactReader {
 public:
  FactReader(Store& store, const FieldWords& words) : store_(store), words_(words) {}

  Status read(const ScopeStreams& scope) {
    TRY(store_.core().entities.for_each(scope, [&](const EntityRow& row) -> Status {
      if (row.type == words_.type("unit")) {
        TRY_ASSIGN(const EntityState state, row.decode());
        if (counts(state, scope)) {
          numbers_[row.ref] = unit_number(shown_value(state, words_.field("unit_no"), scope));
          units_[numbers_[row.ref]] = row.ref;
        }
      } else if (row.type == words_.type("unit_fact")) {
        TRY_ASSIGN(const EntityState state, row.decode());
        if (counts(state, scope)) read_fact(state, scope);
      }
      return {};
    }));
    return {};
  }

  std::vector<UnitFact> facts() {
    std::vector<UnitFact> out;
    for (auto& [parent, fact] : found_) {
      const auto at = numbers_.find(parent);
      if (at == numbers_.end() || at->second == 0) continue;
      fact.unit = UnitNo(at->second);
      out.push_back(std::move(fact));
    }
    return out;
  }
  const std::map<std::uint32_t, Ref>& units() const { return units_; }

 private:
  void read_fact(const EntityState& state, const ScopeStreams& scope) {
    const auto text = [&](const char* field) {
      return std::string(shown_text(state, words_.field(field), scope));
    };
    UnitFact fact;
    if (!date_from_text(text("valid_from"), fact.valid_from)) return;
    Date to;
    if (date_from_text(text("valid_to"), to)) fact.valid_to = to;
    fact.code = text("code");
    fact.name = text("name");
    fact.kind = text("kind");
    if (!level_from_text(text("level"), fact.level)) return;
    fact.parent = UnitNo(unit_number(shown_value(state, words_.field("parent_no"), scope)));
    found_.emplace_back(state.parent, std::move(fact));
  }

  Store& store_;
  const FieldWords& words_;
  std::map<Ref, std::uint32_t> numbers_;
  std::map<std::uint32_t, Ref> units_;
  std::vector<std::pair<Ref, UnitFact>> found_;
};

}  // namespace

Status write_unit_facts(Store& store, const FieldWords& words, UnitNo owner,
                        const std::vector<UnitFact>& facts, const std::string& actor) {
  const Scope scope{owner, Channel::kReference};
  TRY_ASSIGN(ScopeStreams * streams, store.core().scope(scope));
  FactReader reader(store, words);
  TRY(reader.read(*streams));
  std::map<std::uint32_t, Dot> dots;
  for (const auto& [number, ref] : reader.units()) dots[number] = streams->dot(ref);
  const std::vector<UnitFact> known = reader.facts();
  TRY_ASSIGN(WriteBatch batch, store.begin_write());
  bool written = false;
  for (const UnitFact& fact : facts) {
    if (std::find(known.begin(), known.end(), fact) != known.end()) continue;
    Dot& unit = dots[fact.unit.value];
    if (unit.none()) {
      Event event = create_event("unit", {}, actor);
      add_set(event, "unit_no", Value::integer(fact.unit.value));
      TRY_ASSIGN(unit, batch.add(scope, std::move(event)));
    }
    TRY(batch.add(scope, fact_event(fact, unit, actor)));
    written = true;
  }
  if (!written) return {};
  return batch.commit();
}

Result<std::vector<UnitFact>> read_unit_facts(Store& store, const FieldWords& words) {
  const UnitNo top = store.own_certificate().chain.front().unit;
  TRY_ASSIGN(const ScopeStreams* streams, store.core().known({top, Channel::kReference}));
  if (streams == nullptr) return std::vector<UnitFact>();
  FactReader reader(store, words);
  TRY(reader.read(*streams));
  return reader.facts();
}

}  // namespace lalanh
