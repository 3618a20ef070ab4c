#include "shared/api/call.h"

#include <algorithm>
#include <charconv>

#include "shared/catalogue/text.h"
#include "shared/report/report.h"

namespace lalanh {
namespace {

bool to_integer(std::string_view text, std::int64_t& out) {
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, out);
  return !text.empty() && failure == std::errc() && stop == end;
}

/// register.ambiguous with the whole names of the first few that `text` fits.
template <class T, class Name>
Error ambiguous(const std::string& text, const std::vector<T>& found, Name name_of) {
  constexpr std::size_t kNamedMax = 5;
  std::string ids;
  for (std::size_t i = 0; i < found.size() && i < kNamedMax; ++i) {
    ids += (i == 0 ? "" : ", ") + name_of(found[i]);
  }
  if (found.size() > kNamedMax) ids += ", …";
  return {ErrorCode::register_ambiguous, {{"what", text}, {"ids", ids}}};
}

}  // namespace

Result<std::string> typed_line(std::string_view text, const char* field) {
  std::string out = tidy_line(text);
  if (has_control(out, false)) return Error{ErrorCode::input_bad_character, {{"field", field}}};
  return out;
}

Status Call::expect_query(std::initializer_list<std::string_view> known) const {
  for (const auto& [name, value] : request_.query) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Error{ErrorCode::input_unknown_key, {{"key", name}, {"where", "the request"}}};
    }
  }
  return {};
}

std::string Call::query(std::string_view name) const {
  for (const auto& [known, value] : request_.query) {
    if (known == name) return value;
  }
  return {};
}

Result<std::int64_t> Call::query_integer(std::string_view name, std::int64_t min, std::int64_t max,
                                         std::int64_t otherwise) const {
  const std::string text = query(name);
  if (text.empty()) return otherwise;
  std::int64_t out = 0;
  if (!to_integer(text, out)) {
    return Error{
        ErrorCode::input_wrong_kind,
        {{"field", std::string(name)}, {"expected", "a whole number"}, {"where", "the request"}}};
  }
  if (out < min || out > max) {
    return Error{ErrorCode::input_out_of_range,
                 {{"field", std::string(name)},
                  {"value", text},
                  {"min", std::to_string(min)},
                  {"max", std::to_string(max)}}};
  }
  return out;
}

Result<bool> Call::query_flag(std::string_view name) const {
  const std::string text = query(name);
  if (text.empty() || text == "0") return false;
  if (text == "1") return true;
  return Error{ErrorCode::input_not_yes_no,
               {{"field", std::string(name)}, {"value", text}, {"where", "the request"}}};
}

Result<std::string> Call::query_period() const {
  std::string text = query("period");
  if (text.empty() || is_period(text)) return text;
  return Error{ErrorCode::input_not_a_period,
               {{"field", "period"}, {"value", text}, {"where", "the request"}}};
}

Status Call::parse_body() {
  if (body_) return {};
  const std::string_view text = request_.body.empty() ? "{}" : std::string_view(request_.body);
  TRY_ASSIGN(body_, parse_json(text, "body"));
  return {};
}

Result<std::string> Call::text_in_body(std::string_view key) {
  TRY(parse_body());
  const JsonValue* found = body_->find(key);
  return found == nullptr || found->text() == nullptr ? std::string() : *found->text();
}

Result<JsonIn> Call::body(std::initializer_list<std::string_view> known) {
  TRY(expect_query({}));
  TRY(parse_body());
  const JsonIn in(*body_, "body");
  TRY(in.expect_keys(known));
  TRY(in.text_or("actor", "", limits::kActorBytesMax));
  return in;
}

UnitNo Call::own_unit() const {
  return principal_.unit == UnitNo() ? node_.settings().unit : principal_.unit;
}

bool Call::reaches(UnitNo unit) const {
  const UnitNo own = own_unit();
  if (principal_.is_machine() || unit == own) return true;
  return reach_ != Reach::kOwn && node_.tree().is_or_ever_was_below(unit, own);
}

Status Call::expect_reached(UnitNo unit) {
  if (reaches(unit)) return {};
  return Error{ErrorCode::accounts_not_yours, {{"unit", unit_name(unit)}}};
}

Result<std::string> Call::actor() {
  std::string out;
  if (body_) {
    const JsonValue* named = body_->find("actor");
    if (named != nullptr && named->text() != nullptr) out = tidy_line(*named->text());
  }
  if (out.empty()) out = tidy_line(request_.actor);
  if (!principal_.is_machine()) {
    if (!out.empty() && out != principal_.actor) return Error{ErrorCode::accounts_own_name};
    return principal_.actor;
  }
  if (out.empty()) out = tidy_line(node_.settings().actor);
  if (out.empty()) return Error{ErrorCode::input_no_actor};
  return typed_line(out, "actor");
}

Status Call::expect_here(UnitNo unit) {
  const UnitNo own = node_.settings().unit;
  if (unit == own || node_.is_top() || node_.tree().is_or_ever_was_below(unit, own)) return {};
  return Error{ErrorCode::register_not_here, {{"unit", unit_name(own)}}};
}

Result<UnitNo> Call::village(const std::string& text) {
  TRY_ASSIGN(const UnitNo out, unit(text));
  const UnitFact* fact = node_.tree().nearest(out, node_.today());
  if (fact == nullptr || fact->level == UnitLevel::kVillage) return out;
  return Error{ErrorCode::register_not_a_village, {{"unit", fact->name}}};
}

Result<UnitNo> Call::unit(const std::string& text) {
  if (text.empty()) return own_unit();
  const std::vector<UnitNo> found = node_.tree().find_by_code(text, node_.today());
  if (found.size() == 1) return found.front();
  if (text[0] == '#') return unit_by_number(text);
  // Before the first sync a laptop knows no tree, but its own unit.
  if (text == node_.settings().unit_code) return node_.settings().unit;
  if (found.empty()) return Error{ErrorCode::register_unknown_unit, {{"unit", text}}};
  return ambiguous(text, found, [](UnitNo unit) { return "#" + std::to_string(unit.value); });
}

/// Units that the tree does not know are named too where they have records: those of report 1's
/// unplaced lines.
Result<UnitNo> Call::unit_by_number(const std::string& text) {
  std::int64_t number = 0;
  if (to_integer(text.substr(1), number) && number > 0 && number <= 0xffffffff) {
    const UnitNo unit(static_cast<std::uint32_t>(number));
    if (unit == node_.settings().unit || node_.tree().knows(unit)) return unit;
    TRY_ASSIGN(const ScopeStreams* streams, node_.store().core().known({unit, Channel::kRecords}));
    if (streams != nullptr) return unit;
  }
  return Error{ErrorCode::register_unknown_unit, {{"unit", text}}};
}

Result<std::vector<UnitNo>> Call::units_below(const std::string& text) {
  TRY_ASSIGN(const UnitNo top, unit(text));
  if (top == node_.settings().unit) return std::vector<UnitNo>{};
  std::vector<UnitNo> out = node_.order(node_.today()).with_below(top);
  if (out.empty()) out.push_back(top);
  return out;
}

Result<EntityId> Call::entity(const std::string& text) {
  if (text.rfind("code:", 0) == 0) {
    const std::string code = text.substr(5);
    if (code.empty()) return Error{ErrorCode::input_missing, {{"field", "code"}}};
    TRY_ASSIGN(std::vector<EntityId> found, queries().households_by_code(code, {}));
    // One that was removed has its code still: it is shown, and can be kept, by it.
    if (found.empty()) {
      TRY_ASSIGN(found, queries().households_by_code(code, {}, false));
    }
    if (found.size() == 1) return found.front();
    if (found.empty()) return Error{ErrorCode::register_not_found, {{"what", code}}};
    return ambiguous(code, found, [](const EntityId& id) { return to_text(id); });
  }
  EntityId out;
  if (entity_from_text(text, out)) return out;
  return shortened(text);
}

/// "3700004-1a2b3c.5": the writer's first digits, as lists show it.
Result<EntityId> Call::shortened(const std::string& text) {
  const Error missing{ErrorCode::register_not_found, {{"what", text}}};
  const std::size_t dash = text.find('-');
  const std::size_t point = text.find('.', dash == std::string::npos ? 0 : dash);
  EntityId out;
  std::int64_t counter = 0;
  if (dash == std::string::npos || point == std::string::npos || point < dash + 5 ||
      !scope_from_text(text.substr(0, dash), out.scope) ||
      !to_integer(text.substr(point + 1), counter) || counter < 1 ||
      counter > std::int64_t{limits::kStreamEventsMax}) {
    return missing;
  }
  const std::string prefix = text.substr(dash + 1, point - dash - 1);
  TRY_ASSIGN(ScopeStreams * streams, node_.store().core().known(out.scope));
  if (streams == nullptr) return missing;
  std::vector<EntityId> matches;
  for (const auto& row : streams->rows()) {
    if (to_hex(row->writer.bytes).rfind(prefix, 0) != 0) continue;
    out.create = {row->writer, static_cast<std::uint32_t>(counter)};
    matches.push_back(out);
  }
  if (matches.empty()) return missing;
  if (matches.size() == 1) return out;
  return ambiguous(text, matches, [](const EntityId& id) { return to_text(id); });
}

Result<Seen> Call::seen(const JsonIn& in) {
  if (!in.has("seen")) return Seen();
  TRY_ASSIGN(const std::vector<JsonIn> dots, in.array("seen", limits::kTipsMax));
  Seen out(std::in_place);
  for (const JsonIn& each : dots) {
    Dot dot;
    const std::string* text = each.value().text();
    if (text == nullptr || !dot_from_text(*text, dot)) {
      return Error{ErrorCode::input_wrong_kind,
                   {{"field", "seen"},
                    {"expected", "what 'seen' was when it was shown"},
                    {"where", each.where()}}};
    }
    out->push_back(dot);
  }
  return out;
}

Result<EntityState> Call::state(const EntityId& id) {
  TRY_ASSIGN(std::optional<EntityState> found, node_.store().entity(id.scope, id.create));
  if (!found) return Error{ErrorCode::register_not_found, {{"what", to_text(id)}}};
  return std::move(*found);
}

Result<const ScopeStreams*> Call::streams(Scope scope) {
  TRY_ASSIGN(ScopeStreams * found, node_.store().core().scope(scope));
  return static_cast<const ScopeStreams*>(found);
}

std::string Call::unit_name(UnitNo unit) {
  const UnitFact* fact = node_.tree().nearest(unit, node_.today());
  if (fact != nullptr) return fact->name;
  return unit == node_.settings().unit ? node_.settings().unit_name : std::to_string(unit.value);
}

std::string Call::period(const std::string& text) {
  if (!text.empty()) return text;
  return default_period(node_.counters().periods(), node_.today());
}

void write_value(JsonWriter& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull: out.null(); break;
    case Value::Kind::kBool: out.boolean(value.as_bool()); break;
    case Value::Kind::kInt: out.integer(value.as_int()); break;
    case Value::Kind::kText: out.text(value.as_text()); break;
    case Value::Kind::kDot: out.text(to_text(value.as_dot())); break;
    case Value::Kind::kLink: {
      const Link link = value.as_link();
      out.text(to_text(EntityId{link.scope, link.dot}));
      break;
    }
  }
}

void write_fields(JsonWriter& out, const EntityType& type, const EntityState& state,
                  const ScopeStreams& streams, const FieldWords& words) {
  out.begin_object();
  for (const Field& field : type.fields) {
    const Word word = words.field(field.name);
    if (field.op == FieldOp::kSet) {
      const Value& value = shown_value(state, word, streams);
      if (value.is_null()) continue;
      write_value(out.key(field.name), value);
      continue;
    }
    std::vector<Value> items;
    for (const Write& write : writes_of(state, word, WriteClass::kItem)) {
      items.push_back(write.value);
    }
    if (items.empty()) continue;
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    out.key(field.name).begin_array();
    for (const Value& item : items) write_value(out, item);
    out.end_array();
  }
  out.end_object();
}

void write_message(JsonWriter& out, const Error& error) {
  out.begin_object();
  out.text("vi", error.message(Language::kVietnamese));
  out.text("en", error.message(Language::kEnglish));
  out.end_object();
}

void write_reason(JsonWriter& out, const Error& error) {
  out.key("reason").begin_object().text("vi", error.reason(Language::kVietnamese));
  out.text("en", error.reason(Language::kEnglish)).end_object();
}

}  // namespace lalanh
