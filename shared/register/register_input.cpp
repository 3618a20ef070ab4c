#include <algorithm>

#include "shared/register/register.h"

/// What people type and name, as the register takes it: values, fields, ids of entities.
namespace lalanh {

Value to_value(const FieldValue& value) {
  if (const bool* b = std::get_if<bool>(&value)) return Value::boolean(*b);
  if (const std::int64_t* i = std::get_if<std::int64_t>(&value)) return Value::integer(*i);
  if (const std::string* s = std::get_if<std::string>(&value)) return Value::text(*s);
  return Value::null();
}

FieldValue to_field_value(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kBool: return value.as_bool();
    case Value::Kind::kInt: return value.as_int();
    case Value::Kind::kText: return value.as_text();
    default: return std::monostate();
  }
}

std::string to_text(const EntityId& entity) {
  return to_text(entity.scope) + "-" + to_text(entity.create);
}

bool entity_from_text(std::string_view text, EntityId& out) {
  const std::size_t dash = text.find('-');
  return dash != std::string_view::npos && scope_from_text(text.substr(0, dash), out.scope) &&
         dot_from_text(text.substr(dash + 1), out.create);
}

Result<FieldInputs> read_fields(const EntityType& type, const JsonValue& object, bool creating) {
  if (object.object() == nullptr) {
    return Error{ErrorCode::input_wrong_kind,
                 {{"field", "fields"}, {"expected", "an object"}, {"where", type.name}}};
  }
  FieldInputs out;
  for (const JsonValue::Member& member : *object.object()) {
    const Field* field = type.field(member.key);
    if (field == nullptr) {
      return Error{ErrorCode::input_unknown_field, {{"field", member.key}, {"where", type.name}}};
    }
    FieldInput input;
    input.name = member.key;
    if (field->op == FieldOp::kSet) {
      TRY_ASSIGN(input.value, check_value(*field, member.value, type.name));
    } else {
      if (member.value.array() == nullptr) {
        return Error{ErrorCode::input_wrong_kind,
                     {{"field", member.key}, {"expected", "a list"}, {"where", type.name}}};
      }
      for (const JsonValue& item : *member.value.array()) {
        TRY_ASSIGN(FieldValue value, check_value(*field, item, type.name));
        input.items.push_back(std::move(value));
      }
    }
    out.push_back(std::move(input));
  }
  if (!creating) return out;
  for (const Field& field : type.fields) {
    const bool there = std::any_of(
        out.begin(), out.end(), [&](const FieldInput& input) { return input.name == field.name; });
    if (field.required && !there) {
      return Error{ErrorCode::input_missing, {{"field", field.name}, {"where", type.name}}};
    }
  }
  return out;
}

}  // namespace lalanh
