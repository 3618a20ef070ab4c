#include <algorithm>

#include "shared/api/call.h"

/// Correcting, removing, settling; who did what.
namespace lalanh {
namespace {

Result<const EntityType*> type_of(Call& call, const EntityId& id) {
  TRY_ASSIGN(const EntityState state, call.state(id));
  const std::string& name = call.node().store().core().words.text(state.type);
  const EntityType* type = call.node().words().catalogue().type(name);
  if (type == nullptr) {
    return Error{ErrorCode::format_newer, {{"found", name}, {"known", "catalogue"}}};
  }
  return type;
}

std::string done() { return "{\"ok\":true}"; }

std::string_view op_text(OpKind kind) {
  constexpr std::string_view kNames[] = {"create", "set",  "add",    "drop",  "append",
                                         "remove", "keep", "decide", "revoke"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view grade_text(ClockGrade grade) {
  constexpr std::string_view kNames[] = {"good", "drifting", "bad"};
  return kNames[static_cast<std::size_t>(grade)];
}

/// What an event is about, for people: type, and code and head of the household it belongs to;
/// empty where the entity is not here (the event waits) or of a type without a household.
struct Subject {
  std::string type, code, head;
};

Subject subject_of(Call& call, const EntityId& id) {
  const FieldWords& words = call.node().words();
  Subject out;
  const Result<EntityState> state = call.state(id);
  const Result<EntityId> household = call.queries().household_of(id);
  if (state.ok()) out.type = call.node().store().core().words.text(state->type);
  if (state.ok() && household.ok()) {
    const Result<EntityState> above = call.state(*household);
    const Result<const ScopeStreams*> streams = call.streams(id.scope);
    if (above.ok() && streams.ok()) {
      out.code = shown_text(*above, words.field("code"), **streams);
      out.head = shown_text(*above, words.field("head"), **streams);
    }
  }
  return out;
}

EntityId entity_of(const LoggedEvent& logged) {
  const Dot& named = logged.event.entity;
  return {logged.scope, named.none() ? logged.dot : named};
}

void write_event(JsonWriter& out, Call& call, const LoggedEvent& logged, const Subject& subject,
                 const std::string& field) {
  const Event& event = logged.event;
  out.text("dot", to_text(logged.dot));
  out.text("entity", to_text(entity_of(logged)));
  out.text("time", vietnam_time_text(event.time)).text("clock", grade_text(event.grade));
  out.text("actor", event.actor).text("verb", event.verb);
  out.text("type", subject.type).text("code", subject.code).text("head", subject.head);
  out.integer("device", logged.device.value)
      .text("device_unit", call.unit_name(logged.device_unit));
  out.boolean("waiting", !logged.folded);
  out.key("ops").begin_array();
  for (const Op& op : event.ops) {
    if (!field.empty() && op.name != field) continue;
    out.begin_object().text("op", op_text(op.kind)).text("name", op.name);
    write_value(out.key("value"), op.value);
    out.key("replaces").begin_array();
    for (const Dot& dot : op.base) out.text(to_text(dot));
    out.end_array().end_object();
  }
  out.end_array();
}

bool concerns(const LoggedEvent& logged, const std::string& field) {
  return field.empty() || std::any_of(logged.event.ops.begin(), logged.event.ops.end(),
                                      [&](const Op& op) { return op.name == field; });
}

/// The catalogue or an event knows the field (a newer program may have written one); "" is none.
Status expect_field(Call& call, const EntityId& id, const std::string& field,
                    const std::vector<LoggedEvent>& events) {
  if (std::any_of(events.begin(), events.end(),
                  [&](const LoggedEvent& logged) { return concerns(logged, field); })) {
    return {};
  }
  TRY_ASSIGN(const EntityType* type, type_of(call, id));
  if (type->field(field) != nullptr) return {};
  return Error{ErrorCode::input_unknown_field, {{"field", field}, {"where", type->name}}};
}

/// Author, device and time of live writes, from the log.
class Writers {
 public:
  static Result<Writers> of(Call& call, const EntityId& id) {
    Writers out;
    TRY_ASSIGN(const std::vector<LoggedEvent> events,
               call.node().store().history(id.scope, id.create, 0));
    for (const LoggedEvent& event : events) out.by_dot_[to_text(event.dot)] = event;
    return out;
  }
  void write(JsonWriter& out, Call& call, const Dot& dot) const {
    const auto at = by_dot_.find(to_text(dot));
    if (at == by_dot_.end()) return;
    const LoggedEvent& logged = at->second;
    out.text("actor", logged.event.actor).integer("device", logged.device.value);
    out.text("time", vietnam_time_text(logged.event.time));
    out.text("clock", grade_text(logged.event.grade));
    out.text("unit", call.unit_name(logged.device_unit));
  }

 private:
  std::map<std::string, LoggedEvent> by_dot_;
};

/// "removals": who took the entity out, when and why, of each removal that nobody has undone.
void write_removals(JsonWriter& out, Call& call, const EntityState& state,
                    const ScopeStreams& streams, const Writers& writers) {
  out.key("removals").begin_array();
  for (const Removal& removal : state.removals) {
    write_value(out.begin_object().key("reason"), removal.reason);
    writers.write(out, call, streams.dot(removal.ref));
    out.end_object();
  }
  out.end_array();
}

void write_conflict_field(JsonWriter& out, Call& call, Word word, const EntityType* type,
                          const EntityState& state, const ScopeStreams& streams,
                          const Writers& writers) {
  const std::string& name = call.node().store().core().words.text(word);
  const Field* field = type == nullptr ? nullptr : type->field(name);
  out.begin_object().text("name", name).key("label").begin_object();
  out.text("vi", field == nullptr ? name : field->label.vi);
  out.text("en", field == nullptr ? name : field->label.en).end_object();
  write_value(out.key("shown"), shown_value(state, word, streams));
  out.key("values").begin_array();
  for (const Write& live : writes_of(state, word)) {
    out.begin_object();
    write_value(out.key("value"), live.value);
    writers.write(out, call, streams.dot(live.ref));
    out.end_object();
  }
  out.end_array().end_object();
}

}  // namespace

Status write_removals(JsonWriter& out, Call& call, const EntityId& id, const EntityState& state) {
  TRY_ASSIGN(const ScopeStreams* streams, call.streams(id.scope));
  Writers writers;
  // Reading the log is dear, and most entities were never removed.
  if (!state.removals.empty()) {
    TRY_ASSIGN(writers, Writers::of(call, id));
  }
  write_removals(out, call, state, *streams, writers);
  return {};
}

void write_seen(JsonWriter& out, const EntityState& state, const ScopeStreams& streams) {
  out.key("seen").begin_array();
  for (const Dot& dot : seen_of(state, streams)) out.text(to_text(dot));
  out.end_array();
}

Result<std::string> correct_entity(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"fields", "seen", "actor"}));
  TRY_ASSIGN(const EntityId id, call.entity(call.parameter(0)));
  TRY_ASSIGN(const EntityType* type, type_of(call, id));
  TRY_ASSIGN(const JsonIn fields, in.member("fields"));
  TRY_ASSIGN(const FieldInputs inputs, read_fields(*type, fields.value(), false));
  TRY_ASSIGN(const std::string actor, call.actor());
  TRY_ASSIGN(const Seen seen, Call::seen(in));
  TRY_ASSIGN(const bool changed, call.node().registry().correct(id, inputs, actor, seen));
  std::string text;
  JsonWriter(text).begin_object().text("id", to_text(id)).boolean("changed", changed).end_object();
  return text;
}

Result<std::string> remove_entity(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"reason", "seen", "actor"}));
  TRY_ASSIGN(const EntityId id, call.entity(call.parameter(0)));
  TRY_ASSIGN(const std::string_view given, in.text_or("reason", "", 512));
  TRY_ASSIGN(const std::string reason, typed_line(given, "reason"));
  if (reason.empty()) return Error{ErrorCode::input_missing, {{"field", "reason"}}};
  TRY_ASSIGN(const std::string actor, call.actor());
  TRY_ASSIGN(const Seen seen, Call::seen(in));
  TRY(call.node().registry().remove(id, reason, actor, seen));
  return done();
}

Result<std::string> keep_entity(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"seen", "actor"}));
  TRY_ASSIGN(const EntityId id, call.entity(call.parameter(0)));
  TRY_ASSIGN(const std::string actor, call.actor());
  TRY_ASSIGN(const Seen seen, Call::seen(in));
  TRY(call.node().registry().keep(id, actor, seen));
  return done();
}

Result<std::string> settle_entity(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"values", "take", "removal", "seen", "actor"}));
  TRY_ASSIGN(const EntityId id, call.entity(call.parameter(0)));
  Settlement settlement;
  if (in.has("values")) {
    TRY_ASSIGN(const EntityType* type, type_of(call, id));
    TRY_ASSIGN(const JsonIn values, in.member("values"));
    TRY_ASSIGN(settlement.values, read_fields(*type, values.value(), false));
  }
  TRY_ASSIGN(const std::int64_t take, in.integer_or("take", 0, 0xffffffff, 0));
  settlement.take = static_cast<std::uint32_t>(take);
  TRY_ASSIGN(settlement.removal, in.text_or("removal", ""));
  if (settlement.removal != "" && settlement.removal != "remove" && settlement.removal != "keep") {
    return Error{
        ErrorCode::input_not_a_choice,
        {{"field", "removal"}, {"value", settlement.removal}, {"choices", "remove, keep"}}};
  }
  TRY_ASSIGN(const std::string actor, call.actor());
  TRY_ASSIGN(const Seen seen, Call::seen(in));
  TRY(call.node().registry().settle(id, settlement, actor, seen));
  return done();
}

Result<std::string> entity_history(Call& call) {
  TRY(call.expect_query({"field"}));
  TRY_ASSIGN(const EntityId id, call.entity(call.parameter(0)));
  TRY(call.state(id));
  TRY_ASSIGN(const std::vector<LoggedEvent> events,
             call.node().store().history(id.scope, id.create, 0));
  const std::string field = call.query("field");
  TRY(expect_field(call, id, field, events));
  std::string text;
  JsonWriter out(text);
  out.begin_object().text("id", to_text(id)).key("events").begin_array();
  const Subject subject = subject_of(call, id);
  for (const LoggedEvent& event : events) {
    if (!concerns(event, field)) continue;
    out.begin_object();
    write_event(out, call, event, subject, field);
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<std::string> list_conflicts(Call& call) {
  TRY(call.expect_query({"unit"}));
  TRY_ASSIGN(const std::vector<UnitNo> units, call.units_below(call.query("unit")));
  TRY_ASSIGN(const std::vector<EntityId> ids, call.queries().conflicts(units));
  const FieldWords& words = call.node().words();
  std::string text;
  JsonWriter out(text);
  out.begin_object().integer("total", static_cast<std::int64_t>(ids.size()));
  out.key("conflicts").begin_array();
  for (const EntityId& id : ids) {
    TRY_ASSIGN(const EntityState state, call.state(id));
    TRY_ASSIGN(const ScopeStreams* streams, call.streams(id.scope));
    TRY_ASSIGN(const EntityId household, call.queries().household_of(id));
    const Subject subject = subject_of(call, id);  // its household may not be here
    TRY_ASSIGN(const Writers writers, Writers::of(call, id));
    const std::string& name = call.node().store().core().words.text(state.type);
    out.begin_object().text("id", to_text(id)).text("household", to_text(household));
    out.text("head", subject.head).text("code", subject.code);
    out.text("unit_name", call.unit_name(id.scope.unit)).text("type", name);
    out.boolean("disputed", presence(state, *streams) == Presence::kDisputed);
    write_seen(out, state, *streams);
    write_removals(out, call, state, *streams, writers);
    out.key("fields").begin_array();
    for (const Word word : conflicting_fields(state)) {
      write_conflict_field(out, call, word, words.catalogue().type(name), state, *streams, writers);
    }
    out.end_array().end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<std::string> list_findings(Call& call) {
  TRY(call.expect_query({"unit"}));
  TRY_ASSIGN(const std::vector<UnitNo> units, call.units_below(call.query("unit")));
  TRY_ASSIGN(const std::vector<RegisterQueries::Line> lines, call.queries().findings(units));
  const FieldWords& words = call.node().words();
  std::string text;
  JsonWriter out(text);
  out.begin_object().integer("total", static_cast<std::int64_t>(lines.size()));
  out.key("findings").begin_array();
  for (const RegisterQueries::Line& line : lines) {
    TRY_ASSIGN(const EntityState state, call.state(line.household));
    TRY_ASSIGN(const ScopeStreams* streams, call.streams(line.household.scope));
    out.begin_object().text("kind", line.kind).text("household", to_text(line.household));
    out.text("head", shown_text(state, words.field("head"), *streams));
    out.text("code", shown_text(state, words.field("code"), *streams));
    out.text("unit_name", call.unit_name(line.household.scope.unit));
    out.text("detail", line.detail).end_object();
  }
  out.end_array();
  TRY(write_copied_machines(out, call));
  out.end_object();
  return text;
}

void write_logged_event(JsonWriter& out, Call& call, const LoggedEvent& logged) {
  write_event(out, call, logged, subject_of(call, entity_of(logged)), "");
}

void write_set_aside_event(JsonWriter& out, Call& call, const LoggedEvent& logged,
                           const CreateEvents& creates) {
  EntityId id = entity_of(logged);
  Subject subject = subject_of(call, id);
  // Of a member its household follows, whose own create may be set aside as well.
  for (auto at = creates.find(to_text(id)); at != creates.end(); at = creates.find(to_text(id))) {
    const std::vector<Op>& ops = at->second->ops;
    if (subject.type.empty()) subject.type = ops.front().name;
    for (const Op& op : ops) {
      if (op.value.kind() != Value::Kind::kText) continue;
      if (op.name == "head") subject.head = op.value.as_text();
      if (op.name == "code") subject.code = op.value.as_text();
    }
    if (ops.front().value.kind() != Value::Kind::kDot || ops.front().value.as_dot() == id.create) {
      break;
    }
    id.create = ops.front().value.as_dot();
    const Subject above = subject_of(call, id);
    if (above.type.empty()) continue;
    subject.head = above.head;
    subject.code = above.code;
    break;
  }
  write_event(out, call, logged, subject, "");
}

Result<std::string> show_log(Call& call) {
  TRY(call.expect_query({"unit", "limit"}));
  TRY_ASSIGN(const UnitNo unit, call.unit(call.query("unit")));
  TRY_ASSIGN(const std::int64_t limit,
             call.query_integer("limit", 1, limits::kPageRowsMax, limits::kPageRowsDefault));
  TRY_ASSIGN(
      const std::vector<LoggedEvent> events,
      call.node().store().history({unit, Channel::kRecords}, {}, static_cast<std::size_t>(limit)));
  std::string text;
  JsonWriter out(text);
  out.begin_object().text("unit_name", call.unit_name(unit)).key("events").begin_array();
  for (const LoggedEvent& event : events) {
    out.begin_object();
    write_logged_event(out, call, event);
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

}  // namespace lalanh
