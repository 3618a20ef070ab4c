#include "shared/api/print_events.h"

#include "shared/base/printable.h"
#include "shared/catalogue/check_value.h"

namespace lalanh {
namespace {

/// Before the further lines of a value, so that none looks like a line of ours.
constexpr const char* kFurtherLine = "        ";

}  // namespace

const JsonValue& at(const JsonValue& value, std::string_view key) {
  static const JsonValue kNone;
  const JsonValue* found = value.find(key);
  return found == nullptr ? kNone : *found;
}

std::string plain(const JsonValue& value) {
  if (const std::string* text = value.text()) return printable(*text, false);
  if (const std::int64_t* number = value.integer()) return std::to_string(*number);
  if (const bool* flag = value.boolean()) return *flag ? "✓" : "";
  if (const JsonValue::Array* items = value.array()) {
    std::string out;
    for (const JsonValue& item : *items) out += (out.empty() ? "" : "; ") + plain(item);
    return out;
  }
  return "";
}

std::string text_at(const JsonValue& value, std::string_view key) { return plain(at(value, key)); }

const JsonValue::Array& items_at(const JsonValue& value, std::string_view key) {
  static const JsonValue::Array kNone;
  const JsonValue::Array* found = at(value, key).array();
  return found == nullptr ? kNone : *found;
}

std::string EventWords::one(const Field& field, const JsonValue& value) const {
  const Result<FieldValue> checked = check_value(field, value, "");
  if (!checked.ok()) return plain(value);
  const std::string text = printable(shown(field, *checked, language()), true);
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += kFurtherLine;
  }
  return out;
}

std::string EventWords::type_word(const std::string& type) const {
  const EntityType* known = Catalogue::builtin().type(type);
  return known == nullptr ? "" : std::string(known->label.in(language()));
}

/// " · Nhân khẩu · Bùi Văn Quyết (ĐN-052)".
std::string EventWords::subject(const JsonValue& event) const {
  const std::string type = type_word(text_at(event, "type"));
  std::string out = type.empty() ? "" : " · " + type;
  const std::string head = text_at(event, "head");
  const std::string code = text_at(event, "code");
  if (!head.empty()) out += " · " + head;
  return code.empty() ? out : out + " (" + code + ")";
}

std::string EventWords::op_line(const JsonValue& op, const std::string& type_name) const {
  const std::string kind = text_at(op, "op");
  const JsonValue& value = at(op, "value");
  if (kind == "create") return "";
  if (kind == "remove") {
    const std::string why = reason_word(plain(value));
    return word("    đưa ra khỏi danh sách", "    removed from the register") +
           (why.empty() ? "" : ": " + why) + "\n";
  }
  if (kind == "keep") return word("    giữ lại trong danh sách\n", "    kept in the register\n");
  const EntityType* type = Catalogue::builtin().type(type_name);
  const std::string name = text_at(op, "name");
  const Field* field = type == nullptr ? nullptr : type->field(name);
  const std::string label = field == nullptr ? name : std::string(field->label.in(language()));
  std::string said = field == nullptr ? plain(value) : one(*field, value);
  if (value.is_null()) said = word("(để trống)", "(left empty)");
  if (kind == "drop") said = word("bỏ ", "without ") + said;
  return "    " + label + ": " + said + "\n";
}

std::string EventWords::event(const JsonValue& event) const {
  std::string out = time(text_at(event, "time")) + " · " + text_at(event, "actor") +
                    word(" · máy số ", " · device ") + text_at(event, "device") + " · " +
                    verb_word(text_at(event, "verb")) + subject(event);
  if (*at(event, "waiting").boolean()) out += word(" · ◷ còn chờ", " · ◷ waits");
  out += "\n";
  for (const JsonValue& op : items_at(event, "ops")) out += op_line(op, text_at(event, "type"));
  return out;
}

std::string EventWords::history(const JsonValue& reply) const {
  std::string out;
  for (const JsonValue& each : items_at(reply, "events")) out += event(each);
  return out.empty() ? word("Chưa có thay đổi nào.\n", "Nothing yet.\n") : out;
}

/// Who took it out, when and why.
std::string EventWords::removals(const JsonValue& entity, const std::string& indent) const {
  std::string out;
  for (const JsonValue& removal : items_at(entity, "removals")) {
    out += indent + word("đưa ra: ", "removed: ") + reason_word(text_at(removal, "reason")) +
           " · " + text_at(removal, "actor") + word(" · máy số ", " · device ") +
           text_at(removal, "device") + " · " + time(text_at(removal, "time")) + "\n";
  }
  return out;
}

}  // namespace lalanh
