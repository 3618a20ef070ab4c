#pragma once

#include <set>

#include "tests/unit/shared/api/world.h"

namespace lalanh::testing {

/// One operation as openapi.json has it.
struct Described {
  std::set<std::string> query;
  std::set<std::string> body;
  const JsonValue* reply = nullptr;
};

/// A text of the API's description with its references followed, and what replies are held to.
class Description {
 public:
  explicit Description(Node& node) : got_(get(node, "/api/openapi.json")) {
    for (const JsonValue::Member& path : *got_.json().find("paths")->object()) {
      for (const JsonValue::Member& method : *path.value.object()) {
        std::string name = method.key;
        for (char& c : name) c = static_cast<char>(c - 'a' + 'A');
        operations_[name + " " + path.key] = read(method.value);
      }
    }
  }
  const std::map<std::string, Described>& operations() const { return operations_; }

  /// What in `value` is not as `schema` says; "" where all is.
  std::string difference(const JsonValue& schema, const JsonValue& value,
                         const std::string& where) const {
    if (const JsonValue* name = schema.find("$ref"); name != nullptr) {
      return difference(referred(*name->text()), value, where);
    }
    if (!is_of_type(schema.find("type"), value)) return where + ": wrong type";
    if (const JsonValue* choices = schema.find("enum"); choices != nullptr) {
      if (!is_among(*choices->array(), value)) return where + ": not in enum";
    }
    if (value.array() != nullptr && schema.find("items") != nullptr) {
      for (std::size_t i = 0; i < value.array()->size(); ++i) {
        const std::string found =
            difference(*schema.find("items"), (*value.array())[i], where + "." + std::to_string(i));
        if (!found.empty()) return found;
      }
    }
    return value.object() == nullptr ? "" : difference_of_object(schema, value, where);
  }
  std::string difference(const std::string& operation, const Got& got) const {
    const auto at = operations_.find(operation);
    if (at == operations_.end()) return "not described";
    return difference(*at->second.reply, got.json(), operation);
  }
  std::string difference_of_error(const Got& got) const {
    return difference(referred("#/components/schemas/Error"), got.json(), "error");
  }

 private:
  static Described read(const JsonValue& operation) {
    Described out;
    if (const JsonValue* all = operation.find("parameters"); all != nullptr) {
      for (const JsonValue& one : *all->array()) {
        if (*one.find("in")->text() == "query") out.query.insert(*one.find("name")->text());
      }
    }
    const auto schema_in = [](const JsonValue& value) {
      return value.find("content")->find("application/json")->find("schema");
    };
    if (const JsonValue* body = operation.find("requestBody"); body != nullptr) {
      for (const JsonValue::Member& key : *schema_in(*body)->find("properties")->object()) {
        out.body.insert(key.key);
      }
    }
    out.reply = schema_in(*operation.find("responses")->find("200"));
    return out;
  }
  const JsonValue& referred(const std::string& name) const {
    std::string path = name.substr(2);
    for (char& c : path) c = c == '/' ? '.' : c;
    const JsonValue& found = got_.at(path);
    if (found.object() == nullptr) FAIL("nothing is at " + name);
    return found;
  }
  static bool is_of_type(const JsonValue* type, const JsonValue& value) {
    if (type == nullptr) return true;
    constexpr std::string_view kNames[] = {"null",   "boolean", "integer",
                                           "string", "array",   "object"};
    const std::string_view name = kNames[static_cast<std::size_t>(value.kind())];
    if (type->text() != nullptr) return *type->text() == name;
    for (const JsonValue& one : *type->array()) {
      if (*one.text() == name) return true;
    }
    return false;
  }
  static bool is_among(const JsonValue::Array& choices, const JsonValue& value) {
    for (const JsonValue& choice : choices) {
      if (choice.is_null() && value.is_null()) return true;
      if (choice.text() != nullptr && value.text() != nullptr && *choice.text() == *value.text()) {
        return true;
      }
    }
    return false;
  }
  std::string difference_of_object(const JsonValue& schema, const JsonValue& value,
                                   const std::string& where) const {
    if (const JsonValue* required = schema.find("required"); required != nullptr) {
      for (const JsonValue& name : *required->array()) {
        if (value.find(*name.text()) == nullptr) return where + " lacks " + *name.text();
      }
    }
    const JsonValue* properties = schema.find("properties");
    if (properties == nullptr) return "";
    for (const JsonValue::Member& member : *value.object()) {
      const JsonValue* known = properties->find(member.key);
      if (known == nullptr) return where + " has " + member.key + ", which is not described";
      const std::string found = difference(*known, member.value, where + "." + member.key);
      if (!found.empty()) return found;
    }
    return "";
  }

  Got got_;
  std::map<std::string, Described> operations_;
};

}  // namespace lalanh::testing
