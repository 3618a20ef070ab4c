#include "shared/api/call.h"
#include "shared/register/continuations.h"
#include "shared/register/register_projection.h"

/// Households with their members and assessments.
namespace lalanh {
namespace {

void write_class(JsonWriter& out, const char* key, std::optional<PovertyClass> value) {
  if (value) {
    out.text(key, to_text(*value));
  } else {
    out.key(key).null();
  }
}

std::string_view presence_text(Presence presence) {
  switch (presence) {
    case Presence::kThere: return "there";
    case Presence::kRemoved: return "removed";
    case Presence::kDisputed: return "disputed";
  }
  return "";
}

void write_conflicts(JsonWriter& out, Call& call, const EntityState& state) {
  out.key("conflicts").begin_array();
  for (const Word word : conflicting_fields(state)) {
    out.text(call.node().store().core().words.text(word));
  }
  out.end_array();
}

void write_class_of(JsonWriter& out, Call& call, const EntityState& state,
                    const ScopeStreams& streams) {
  const FieldWords& words = call.node().words();
  const Classification found = call.node().rules().classify(state, streams);
  out.text("class", to_text(found.value)).text("rule", to_text(found.rule));
  const std::string_view period = shown_text(state, words.field("period"), streams);
  const RulePack* pack = call.node().rules().packs().in_force(period);
  if (pack == nullptr) return;
  out.text("rule_pack", pack->name).boolean("unconfirmed", found.unconfirmed);
  out.key("reason").begin_object();
  out.text("vi", reason_text(*pack, found, Language::kVietnamese));
  out.text("en", reason_text(*pack, found, Language::kEnglish)).end_object();
  std::optional<PovertyClass> entered;
  PovertyClass value{};
  if (class_from_text(shown_text(state, words.field("class_entered"), streams), value)) {
    entered = value;
  }
  out.key("findings").begin_array();
  for (int bit = 1; bit <= kNoAverageLine; bit *= 2) {
    if ((found.findings & bit) == 0) continue;
    const auto finding = static_cast<Finding>(bit);
    out.begin_object().text("kind", to_text(finding));
    out.text("vi", finding_text(*pack, found, finding, entered, Language::kVietnamese));
    out.text("en", finding_text(*pack, found, finding, entered, Language::kEnglish)).end_object();
  }
  out.end_array();
}

Status write_children(JsonWriter& out, Call& call, const EntityId& household,
                      const EntityState& state, const char* type, const char* key) {
  const FieldWords& words = call.node().words();
  StoreCore& core = call.node().store().core();
  TRY_ASSIGN(const ScopeStreams* streams, call.streams(household.scope));
  TRY_ASSIGN(const std::vector<Ref> children, core.entities.children(state.create));
  out.key(key).begin_array();
  for (const Ref ref : children) {
    TRY_ASSIGN(const std::optional<EntityRow> row, core.entities.load(ref));
    if (!row || row->type != words.type(type)) continue;
    TRY_ASSIGN(const EntityState child, row->decode());
    out.begin_object().text("id", to_text(EntityId{household.scope, streams->dot(ref)}));
    out.text("presence", presence_text(presence(child, *streams)));
    write_fields(out.key("fields"), *words.catalogue().type(type), child, *streams, words);
    write_conflicts(out, call, child);
    write_seen(out, child, *streams);
    if (words.type("assessment") == row->type) {
      TRY_ASSIGN(const bool counted, call.queries().assessment_counts(ref));
      write_class_of(out.boolean("counted", counted), call, child, *streams);
    }
    out.end_object();
  }
  out.end_array();
  return {};
}

void write_moved(JsonWriter& out, Call& call, const EntityId& id) {
  out.begin_object().text("id", to_text(id));
  out.text("unit_name", call.unit_name(id.scope.unit)).end_object();
}

/// "moved_from", where it is here or not, and "moved_to": more than one were moved twice.
Status write_moves(JsonWriter& out, Call& call, const EntityId& id, const EntityState& state) {
  const Value* from = continued_link(state, call.node().words().field(kContinues));
  out.key("moved_from");
  if (from == nullptr) {
    out.null();
  } else {
    write_moved(out, call, {from->as_link().scope, from->as_link().dot});
  }
  TRY_ASSIGN(const std::vector<EntityId> to, call.queries().continued_by(id));
  out.key("moved_to").begin_array();
  for (const EntityId& each : to) write_moved(out, call, each);
  out.end_array();
  return {};
}

Result<std::string> created(const EntityId& id) {
  std::string text;
  JsonWriter(text).begin_object().text("id", to_text(id)).end_object();
  return text;
}

Result<std::string> create_child(Call& call, const char* type) {
  TRY_ASSIGN(const JsonIn in, call.body({"fields", "actor"}));
  TRY_ASSIGN(const EntityId household, call.entity(call.parameter(0)));
  TRY_ASSIGN(const JsonIn fields, in.member("fields"));
  TRY_ASSIGN(const FieldInputs inputs,
             read_fields(*call.node().words().catalogue().type(type), fields.value(), true));
  TRY_ASSIGN(const std::string actor, call.actor());
  TRY_ASSIGN(const EntityId id,
             call.node().registry().create(household.scope, type, household.create, inputs, actor));
  return created(id);
}

}  // namespace

Result<std::string> list_households(Call& call) {
  TRY(call.expect_query({"unit", "q", "class", "period", "offset", "limit", "removed"}));
  HouseholdQuery query;
  TRY_ASSIGN(query.units, call.units_below(call.query("unit")));
  query.text = call.query("q");
  TRY_ASSIGN(const std::string period, call.query_period());
  query.period = call.period(period);
  TRY_ASSIGN(query.removed_too, call.query_flag("removed"));
  if (const std::string text = call.query("class"); !text.empty()) {
    PovertyClass value{};
    if (!class_from_text(text, value)) {
      return Error{ErrorCode::input_not_a_choice,
                   {{"field", "class"},
                    {"value", text},
                    {"choices", "poor, near_poor, average_farm, not_poor, unknown"}}};
    }
    query.value = value;
  }
  TRY_ASSIGN(const std::int64_t offset, call.query_integer("offset", 0, INT32_MAX, 0));
  TRY_ASSIGN(const std::int64_t limit,
             call.query_integer("limit", 1, limits::kPageRowsMax, limits::kPageRowsDefault));
  query.offset = static_cast<std::size_t>(offset);
  query.limit = static_cast<std::size_t>(limit);
  TRY_ASSIGN(const HouseholdPage page, call.queries().households(query));
  std::string text;
  JsonWriter out(text);
  out.begin_object().integer("total", page.total).text("period", query.period);
  out.key("households").begin_array();
  const FieldWords& words = call.node().words();
  for (const HouseholdLine& line : page.lines) {
    TRY_ASSIGN(const ScopeStreams* streams, call.streams(line.id.scope));
    out.begin_object().text("id", to_text(line.id)).integer("unit", line.id.scope.unit.value);
    out.text("unit_name", call.unit_name(line.id.scope.unit)).boolean("counted", line.counted);
    out.boolean("moved", line.moved)
        .integer("members", line.members)
        .boolean("conflict", line.conflict);
    write_class(out, "class", line.value);
    write_fields(out.key("fields"), *words.catalogue().type("household"), line.state, *streams,
                 words);
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

Result<std::string> create_household(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"unit", "fields", "actor"}));
  TRY_ASSIGN(const std::string_view code, in.text_or("unit", ""));
  TRY_ASSIGN(const UnitNo unit, call.village(std::string(code)));
  TRY_ASSIGN(const std::string actor, call.actor());
  TRY_ASSIGN(const JsonIn fields, in.member("fields"));
  TRY_ASSIGN(const FieldInputs inputs,
             read_fields(*call.node().words().catalogue().type("household"), fields.value(), true));
  TRY_ASSIGN(const EntityId id, call.node().registry().create({unit, Channel::kRecords},
                                                              "household", {}, inputs, actor));
  return created(id);
}

Result<std::string> move_household(Call& call) {
  TRY_ASSIGN(const JsonIn in, call.body({"unit", "seen", "actor"}));
  TRY_ASSIGN(const EntityId household, call.entity(call.parameter(0)));
  TRY_ASSIGN(const std::string_view code, in.text_or("unit", ""));
  if (code.empty()) return Error{ErrorCode::input_missing, {{"field", "unit"}, {"where", "move"}}};
  TRY_ASSIGN(const UnitNo unit, call.village(std::string(code)));
  TRY(call.expect_reached(unit));
  TRY_ASSIGN(const std::string actor, call.actor());
  TRY_ASSIGN(const Seen seen, Call::seen(in));
  TRY_ASSIGN(const EntityId id, call.node().registry().move(household, unit, actor, seen));
  return created(id);
}

Result<std::string> create_member(Call& call) { return create_child(call, "member"); }
Result<std::string> create_assessment(Call& call) { return create_child(call, "assessment"); }

Result<std::string> show_household(Call& call) {
  TRY(call.expect_query({}));
  TRY_ASSIGN(const EntityId asked, call.entity(call.parameter(0)));
  TRY_ASSIGN(const EntityId id, call.queries().household_of(asked));
  TRY_ASSIGN(const EntityState state, call.state(id));
  TRY_ASSIGN(const ScopeStreams* streams, call.streams(id.scope));
  const FieldWords& words = call.node().words();
  std::string text;
  JsonWriter out(text);
  out.begin_object().text("id", to_text(id)).integer("unit", id.scope.unit.value);
  out.text("unit_name", call.unit_name(id.scope.unit));
  out.text("presence", presence_text(presence(state, *streams)));
  TRY_ASSIGN(const bool moved, call.queries().moved(state.create));
  out.boolean("counted", !moved && counts(state, *streams));
  write_fields(out.key("fields"), *words.catalogue().type("household"), state, *streams, words);
  write_conflicts(out, call, state);
  write_seen(out, state, *streams);
  TRY(write_removals(out, call, id, state));
  TRY(write_moves(out, call, id, state));
  TRY(write_children(out, call, id, state, "member", "members"));
  TRY(write_children(out, call, id, state, "assessment", "assessments"));
  out.end_object();
  return text;
}

}  // namespace lalanh
