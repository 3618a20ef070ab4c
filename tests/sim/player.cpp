#include "tests/sim/player.h"

#include <algorithm>

#include "shared/base/cbor.h"

namespace lalanh::sim {
namespace {

/// Between two lines of a script.
constexpr std::int64_t kStepMs = 60'000;

[[noreturn]] void fail(const ScriptLine& line, const std::string& why) {
  throw ScriptError{line.number, line.op + ": " + why};
}

/// As the register words it.
std::string verb_of(const std::string& op) {
  if (op == "create") return "record";
  return op == "remove" || op == "keep" || op == "revoke" ? op : "correct";
}

/// A key of an event or an op that no reader of today knows.
Bytes key_to_come() {
  Bytes out;
  cbor::Writer pair(out);
  pair.unsigned_integer(9);
  pair.text("2031");
  return out;
}

std::uint64_t events_in(Machine& machine, Scope scope) {
  const Result<std::uint64_t> events = machine.store().events_in(scope);
  return events.ok() ? *events : 0;
}

Op op_of(OpKind kind, const std::string& name, Value value) {
  Op out;
  out.kind = kind;
  out.name = name;
  out.value = std::move(value);
  return out;
}

}  // namespace

Player::Player(const PlayerOptions& options, std::function<void(const std::string&)> print)
    : options_(options),
      print_(std::move(print)),
      world_(options.seed),
      classes_(options.catalogue) {
  world_.seen = [this](Machine& child, Machine& parent, const Exchange& exchange) {
    watcher_->exchanged(child, parent, exchange);
  };
}

const std::map<std::string, Player::Handler>& Player::handlers() {
  static const std::map<std::string, Handler> kHandlers = {
      {"unit", &Player::add_unit},        {"node", &Player::add_node},
      {"create", &Player::create},        {"set", &Player::set},
      {"add", &Player::change_item},      {"drop", &Player::change_item},
      {"append", &Player::change_item},   {"remove", &Player::change_presence},
      {"keep", &Player::change_presence}, {"sync", &Player::sync},
      {"clock", &Player::move_clock},     {"crash", &Player::crash},
      {"snapshot", &Player::snapshot},    {"restore", &Player::restore},
      {"clone", &Player::copy},           {"fork", &Player::copy},
      {"revoke", &Player::revoke},        {"disk", &Player::change_disk},
      {"upgrade", &Player::upgrade},      {"bundle", &Player::write_bundle},
      {"move", &Player::move_unit},       {"import", &Player::import_bundle},
      {"settle", &Player::settle},        {"dump", &Player::print_dump},
      {"expect", &Player::expect}};
  return kHandlers;
}

void Player::play(const ScriptLine& line) {
  world_.time().advance(kStepMs);
  try {
    (this->*handlers().at(line.op))(line);
  } catch (ScriptError& error) {
    if (error.line == 0) error.line = line.number;
    if (!options_.lenient) throw;
  }
  restart_dead();
  watcher_->after(line);
}

// --- who and what ------------------------------------------------------------------------

Machine& Player::machine(const ScriptLine& line, const char* key) {
  const std::string name = line.text(key);
  if (!world_.has_machine(name)) fail(line, "unknown node " + name);
  return world_.machine(name);
}

UnitNo Player::unit(const ScriptLine& line) {
  const std::string name = line.text("unit");
  if (!world_.has_unit(name)) fail(line, "unknown unit " + name);
  return world_.unit(name);
}

const EventName* Player::entity(const ScriptLine& line, const char* key) {
  const std::string label = line.text(key);
  if (!labels_.has(label)) fail(line, "unknown entity " + label);
  return labels_.find(label);
}

bool Player::sees(Machine& machine, const std::string& label) {
  const EventName* name = labels_.find(label);
  if (name == nullptr) return false;
  const Result<std::optional<EntityState>> state = machine.store().entity(name->scope, name->dot);
  return state.ok() && state->has_value();
}

std::optional<Player::Seen> Player::look(const ScriptLine& line, Machine& machine,
                                         const char* key) {
  Seen out;
  out.name = entity(line, key);
  if (out.name == nullptr) return std::nullopt;
  Result<std::optional<EntityState>> state = machine.store().entity(out.name->scope, out.name->dot);
  if (!state.ok()) {
    if (faulty_[machine.name()]) return std::nullopt;
    throw Broken{0, "an entity cannot be read: " + state.error().name()};
  }
  if (!state->has_value()) fail(line, "the node has not seen " + line.text(key));
  out.state = std::move(**state);
  out.streams = *machine.store().core().known(out.name->scope);
  return out;
}

void Player::add_unit(const ScriptLine& line) {
  const std::string name = line.text("unit");
  const std::string parent = line.text_or("parent", "");
  if (world_.has_unit(name)) fail(line, "unit " + name + " is there");
  if (!parent.empty() && !world_.has_unit(parent)) fail(line, "unknown unit " + parent);
  static const std::map<std::string, UnitLevel> kLevels = {{"village", UnitLevel::kVillage},
                                                           {"commune", UnitLevel::kCommune},
                                                           {"district", UnitLevel::kDistrict},
                                                           {"province", UnitLevel::kProvince}};
  const auto level = kLevels.find(line.text("kind"));
  if (level == kLevels.end()) fail(line, "unknown kind " + line.text("kind"));
  world_.add_unit(name, parent, level->second);
}

void Player::move_unit(const ScriptLine& line) {
  const UnitNo moved = unit(line);
  const std::string parent = line.text("parent");
  if (!world_.has_unit(parent)) fail(line, "unknown unit " + parent);
  if (world_.tree().is_or_ever_was_below(world_.unit(parent), moved)) fail(line, "a ring");
  const std::string server = machine(line).name();
  world_.move_unit(line.text("unit"), parent, server);
  for (const std::string& name : world_.machines()) {
    Machine& each = world_.machine(name);
    const Status told = each.store().tree_changed();
    if (told.ok()) continue;
    if (each.disk().powered() && !faulty_[name]) {
      throw Broken{0, "the tree cannot grow: " + told.error().name()};
    }
    restart(each);
  }
}

void Player::add_node(const ScriptLine& line) {
  const std::string name = line.text("node");
  const std::string parent = line.text_or("parent", "");
  if (world_.has_machine(name)) fail(line, "node " + name + " is there");
  if (!parent.empty() && !world_.has_machine(parent)) fail(line, "unknown node " + parent);
  unit(line);
  const Status made = world_.add_machine(name, line.text("unit"), parent, version_of(line));
  if (!made.ok()) throw Broken{0, "a new node does not start: " + made.error().name()};
}

// --- writing -----------------------------------------------------------------------------

Event Player::event_on(const ScriptLine& line, const Machine& machine, const Dot& entity) const {
  Event out;
  out.actor = "Người viết " + machine.name();
  out.verb = verb_of(line.op);
  out.entity = entity;
  if (machine.version() == kNewestVersion) {
    out.extras = key_to_come();
    if (line.op == "set") out.verb = "advise";
  }
  return out;
}

Result<Dot> Player::write_once(Machine& machine, Scope scope, const Event& event) {
  TRY_ASSIGN(WriteBatch batch, machine.store().begin_write());
  TRY_ASSIGN(const Dot dot, batch.add(scope, event));
  TRY(batch.commit());
  return dot;
}

/// The newest event that the machine wrote itself in the scope.
EventName Player::name_of_last(Machine& machine, Scope scope) {
  EventName out;
  out.scope = scope;
  for (const OwnMemory::Open& open : machine.store().memory().open) {
    if (!(open.scope == scope)) continue;
    out.dot = {open.writer, open.last};
    out.hash = open.hash;
  }
  return out;
}

std::optional<EventName> Player::write(Machine& machine, Scope scope, const Event& event) {
  for (;;) {
    const std::uint64_t before = events_in(machine, scope);
    const Result<Dot> dot = write_once(machine, scope, event);
    if (dot.ok()) {
      const EventName name = name_of_last(machine, scope);
      if (!(name.dot == *dot)) throw Broken{3, "an event has another name than was told"};
      watcher_->confirmed(machine, name);
      return name;
    }
    if (machine.disk().powered()) {
      if (faulty_[machine.name()]) return std::nullopt;
      throw Broken{0, "a write is refused: " + dot.error().message(Language::kEnglish)};
    }
    // The power went: whether it is durable is not known before the machine is back.
    restart(machine);
    if (events_in(machine, scope) > before) {
      const std::vector<LoggedEvent> log = *machine.store().history(scope, Dot(), 0);
      for (const LoggedEvent& logged : log) {
        if (logged.event.actor != event.actor || logged.event.ops != event.ops) continue;
        EventName name{scope, logged.dot, {}};
        const ScopeStreams& streams = **machine.store().core().known(scope);
        const StreamRow& row = *streams.find(name.dot.writer);
        name.hash = *machine.store().core().log.hash_at(streams, row, name.dot.counter);
        watcher_->confirmed(machine, name);
        return name;
      }
    }
  }
}

void Player::create(const ScriptLine& line) {
  Machine& at = machine(line);
  const Scope scope{unit(line), Channel::kRecords};
  const std::string label = line.text("as");
  const std::string type = line.text("type");
  if (labels_.has(label)) fail(line, "label " + label + " is there");
  classes_.check_type(type);
  Value parent;
  if (line.keys.contains("parent")) {
    const std::optional<Seen> seen = look(line, at, "parent");
    if (!seen) return labels_.add_void(label);
    if (!(seen->name->scope == scope)) fail(line, "the parent is of another unit");
    parent = Value::dot(seen->name->dot);
  }
  Event event = event_on(line, at, Dot());
  event.ops.push_back(op_of(OpKind::kCreate, type, std::move(parent)));
  if (line.keys.contains("continues")) {
    const std::optional<Seen> seen = look(line, at, "continues");
    if (!seen) return labels_.add_void(label);
    const Link link{seen->name->scope, seen->name->dot, hash_front<8>(seen->name->hash)};
    event.ops.push_back(op_of(OpKind::kSet, "continues", Value::link(link)));
  }
  for (const auto& [name, value] : line.keys.at("fields").items()) {
    const bool single = classes_.of(type, name) == FieldOp::kSet;
    if (single == value.is_array()) fail(line, "field " + name + " wants another kind of value");
    if (single) event.ops.push_back(op_of(OpKind::kSet, name, value_of(value)));
  }
  const std::optional<EventName> made = write(at, scope, event);
  if (!made) return labels_.add_void(label);
  labels_.add(label, *made);
  types_[label] = type;
  for (const auto& [name, items] : line.keys.at("fields").items()) {
    const FieldOp op = classes_.of(type, name);
    if (op == FieldOp::kSet) continue;
    for (const Json& item : items) {
      if (!sees(at, label)) return;  // what a revoked device creates is set aside
      Event more = event_on(line, at, made->dot);
      more.ops.push_back(
          op_of(op == FieldOp::kAdd ? OpKind::kAdd : OpKind::kAppend, name, value_of(item)));
      write(at, scope, more);
    }
  }
}

void Player::set(const ScriptLine& line) {
  Machine& at = machine(line);
  const std::optional<Seen> seen = look(line, at);
  if (!seen) return;
  Event event = event_on(line, at, seen->name->dot);
  for (const auto& [name, value] : line.keys.at("fields").items()) {
    if (classes_.of(types_[line.text("entity")], name) != FieldOp::kSet || value.is_array()) {
      fail(line, "field " + name + " is not of the class single");
    }
    Op& op = event.ops.emplace_back(op_of(OpKind::kSet, name, value_of(value)));
    const Word word = at.store().core().words.hint(name);
    for (const Write& write : writes_of(seen->state, word)) {
      op.base.push_back(seen->streams->dot(write.ref));
    }
  }
  if (event.ops.empty()) fail(line, "no fields");
  write(at, seen->name->scope, event);
}

void Player::change_item(const ScriptLine& line) {
  Machine& at = machine(line);
  const std::string field = line.text("field");
  const std::optional<Seen> seen = look(line, at);
  if (!seen) return;
  const FieldOp wanted = line.op == "append" ? FieldOp::kAppend : FieldOp::kAdd;
  if (classes_.of(types_[line.text("entity")], field) != wanted) {
    fail(line, "field " + field + " is of another class");
  }
  const OpKind kind = line.op == "append" ? OpKind::kAppend
                      : line.op == "add"  ? OpKind::kAdd
                                          : OpKind::kDrop;
  Event event = event_on(line, at, seen->name->dot);
  Op& op = event.ops.emplace_back(op_of(kind, field, value_of(line.keys.at("item"))));
  if (kind == OpKind::kDrop) {
    const Word word = at.store().core().words.hint(field);
    for (const Write& write : writes_of(seen->state, word, WriteClass::kItem)) {
      if (write.value == op.value) op.base.push_back(seen->streams->dot(write.ref));
    }
  }
  write(at, seen->name->scope, event);
}

void Player::change_presence(const ScriptLine& line) {
  Machine& at = machine(line);
  const std::optional<Seen> seen = look(line, at);
  if (!seen) return;
  const bool removes = line.op == "remove";
  Event event = event_on(line, at, seen->name->dot);
  Op& op = event.ops.emplace_back(op_of(removes ? OpKind::kRemove : OpKind::kKeep, "", {}));
  for (const Removal& removal : seen->state.removals) {
    op.base.push_back(seen->streams->dot(removal.ref));
  }
  if (removes) {
    for (const Tip& tip : seen->state.tips) op.tips.push_back(seen->streams->dot(tip.ref));
  }
  write(at, seen->name->scope, event);
}

void Player::revoke(const ScriptLine& line) {
  Machine& at = machine(line);
  Machine& of = machine(line, "of");
  const Scope scope{unit(line), Channel::kRecords};
  Revocation says;
  says.key = of.identity()->key.public_key();
  // Tips name what is sealed.
  if (!at.store().seal().ok()) {
    if (!at.disk().powered()) {
      restart(at);
    } else if (!faulty_[at.name()]) {
      throw Broken{0, "a tail is not sealed"};
    }
  }
  const Result<std::vector<Point>> tips = at.store().tips(scope);
  Event event = event_on(line, at, Dot());
  std::vector<Dot> earlier;
  if (tips.ok()) {
    const ScopeStreams* streams = *at.store().core().known(scope);
    for (const Point& tip : *tips) {
      // A fork has one certificate for all its branches.
      if (streams->find(tip.writer)->key != says.key) continue;
      says.tips.push_back({Dot{tip.writer, tip.counter}, tip.hash});
    }
    if (streams != nullptr) {
      for (const ScopeStreams::Revoke& revoke : streams->revokes) {
        if (revoke.says.key == says.key) earlier.push_back(streams->dot(revoke.ref));
      }
    }
  }
  event.ops.push_back(revoke_op(says));
  event.ops.back().base = std::move(earlier);
  write(at, scope, event);
}

// --- looking -----------------------------------------------------------------------------

Json Player::dump(Machine& machine, std::optional<UnitNo> unit) {
  Json out =
      dump_of(machine.store(), labels_, unit, [this](UnitNo u) { return world_.unit_name(u); });
  out["node"] = machine.name();
  return out;
}

void Player::print_dump(const ScriptLine& line) {
  Machine& at = machine(line);
  std::optional<UnitNo> of;
  if (line.keys.contains("unit")) of = unit(line);
  print_(dump(at, of).dump());
}

void Player::expect(const ScriptLine& line) {
  Machine& at = machine(line);
  const Json all = dump(at, std::nullopt);
  const std::string label = line.text("entity");
  Json values = Json::array();
  const Json& entities = all.at("entities");
  if (entities.contains(label)) {
    const Json& fields = entities.at(label).at("fields");
    if (fields.contains(line.text("field"))) values = fields.at(line.text("field"));
  }
  // Sets and conflicts are printed by their text; append fields in their order.
  Json wanted = line.keys.at("values");
  if (classes_.of(types_[label], line.text("field")) != FieldOp::kAppend) {
    std::vector<Json> sorted(wanted.begin(), wanted.end());
    std::sort(sorted.begin(), sorted.end(),
              [](const Json& a, const Json& b) { return a.dump() < b.dump(); });
    wanted = sorted;
  }
  if (values == wanted) return;
  throw Unexpected{line.number, at.name() + ": " + label + "." + line.text("field") + " is " +
                                    values.dump() + ", not " + wanted.dump()};
}

}  // namespace lalanh::sim
