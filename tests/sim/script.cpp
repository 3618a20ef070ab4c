#include "tests/sim/script.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace lalanh::sim {
namespace {

enum class Kind { kText, kInteger, kTrue, kFields, kAny, kList };

struct Key {
  const char* name;
  Kind kind;
  bool needed = true;
};

const std::map<std::string, std::vector<Key>>& ops() {
  static const std::map<std::string, std::vector<Key>> kOps = {
      {"unit", {{"unit", Kind::kText}, {"parent", Kind::kText, false}, {"kind", Kind::kText}}},
      {"node",
       {{"node", Kind::kText},
        {"unit", Kind::kText},
        {"parent", Kind::kText, false},
        {"version", Kind::kInteger, false}}},
      {"create",
       {{"node", Kind::kText},
        {"as", Kind::kText},
        {"type", Kind::kText},
        {"unit", Kind::kText},
        {"fields", Kind::kFields},
        {"parent", Kind::kText, false},
        {"continues", Kind::kText, false}}},
      {"set", {{"node", Kind::kText}, {"entity", Kind::kText}, {"fields", Kind::kFields}}},
      {"add",
       {{"node", Kind::kText},
        {"entity", Kind::kText},
        {"field", Kind::kText},
        {"item", Kind::kAny}}},
      {"drop",
       {{"node", Kind::kText},
        {"entity", Kind::kText},
        {"field", Kind::kText},
        {"item", Kind::kAny}}},
      {"append",
       {{"node", Kind::kText},
        {"entity", Kind::kText},
        {"field", Kind::kText},
        {"item", Kind::kAny}}},
      {"remove", {{"node", Kind::kText}, {"entity", Kind::kText}}},
      {"keep", {{"node", Kind::kText}, {"entity", Kind::kText}}},
      {"sync",
       {{"node", Kind::kText},
        {"cut_after_bytes", Kind::kInteger, false},
        {"lose_reply", Kind::kInteger, false},
        {"twice", Kind::kTrue, false},
        {"drop", Kind::kInteger, false},
        {"reorder", Kind::kInteger, false}}},
      {"bundle", {{"node", Kind::kText}, {"as", Kind::kText}, {"for", Kind::kText, false}}},
      {"import",
       {{"node", Kind::kText},
        {"bundle", Kind::kText},
        {"truncate_to_bytes", Kind::kInteger, false},
        {"flip_byte", Kind::kInteger, false}}},
      {"clock", {{"node", Kind::kText}, {"ms", Kind::kInteger}}},
      {"crash", {{"node", Kind::kText}, {"after_writes", Kind::kInteger, false}}},
      {"snapshot", {{"node", Kind::kText}, {"as", Kind::kText}}},
      {"restore", {{"node", Kind::kText}, {"as", Kind::kText}}},
      {"clone", {{"node", Kind::kText}, {"as", Kind::kText}}},
      {"fork", {{"node", Kind::kText}, {"as", Kind::kText}}},
      {"revoke", {{"node", Kind::kText}, {"of", Kind::kText}, {"unit", Kind::kText}}},
      {"settle", {{"by_stick", Kind::kTrue, false}}},
      {"dump", {{"node", Kind::kText}, {"unit", Kind::kText, false}}},
      {"expect",
       {{"node", Kind::kText},
        {"entity", Kind::kText},
        {"field", Kind::kText},
        {"values", Kind::kList}}},
      // Beyond what other implementations know: versions, and faults of one disk.
      {"upgrade", {{"node", Kind::kText}, {"version", Kind::kInteger}}},
      {"move", {{"unit", Kind::kText}, {"parent", Kind::kText}, {"node", Kind::kText}}},
      {"disk",
       {{"node", Kind::kText},
        {"full", Kind::kTrue, false},
        {"fail", Kind::kText, false},
        {"after", Kind::kInteger, false},
        {"lies", Kind::kTrue, false},
        {"good", Kind::kTrue, false}}},
  };
  return kOps;
}

bool is_value(const Json& value) {
  return value.is_null() || value.is_boolean() || value.is_number_integer() || value.is_string();
}

bool fits(const Json& value, Kind kind) {
  switch (kind) {
    case Kind::kText: return value.is_string() && !value.get_ref<const std::string&>().empty();
    case Kind::kInteger: return value.is_number_integer();
    case Kind::kTrue: return value.is_boolean();
    case Kind::kAny: return is_value(value);
    case Kind::kList: return value.is_array() && std::all_of(value.begin(), value.end(), is_value);
    case Kind::kFields:
      return value.is_object() && std::all_of(value.begin(), value.end(), [](const Json& one) {
               return is_value(one) ||
                      (one.is_array() && std::all_of(one.begin(), one.end(), is_value));
             });
  }
  return false;
}

ScriptLine read_line(const std::string& text, int number) {
  ScriptLine line;
  line.number = number;
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) throw ScriptError{number, "not a JSON object"};
  if (!json.contains("op") || !json["op"].is_string()) throw ScriptError{number, "no op"};
  line.op = json["op"];
  const auto known = ops().find(line.op);
  if (known == ops().end()) throw ScriptError{number, "unknown op " + line.op};
  for (const auto& [name, value] : json.items()) {
    if (name == "op") continue;
    const auto& keys = known->second;
    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [&n = name](const Key& one) { return n == one.name; });
    if (key == keys.end()) throw ScriptError{number, line.op + ": unknown key " + name};
    if (!fits(value, key->kind)) throw ScriptError{number, line.op + ": bad value of " + name};
    line.keys[name] = value;
  }
  for (const Key& key : known->second) {
    if (key.needed && !line.keys.contains(key.name)) {
      throw ScriptError{number, line.op + ": " + key.name + " is missing"};
    }
  }
  return line;
}

}  // namespace

std::string ScriptLine::text_or(const char* key, const char* otherwise) const {
  return keys.contains(key) ? text(key) : otherwise;
}

std::vector<ScriptLine> read_script(std::string_view text) {
  std::vector<ScriptLine> out;
  std::istringstream in{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '#') continue;
    out.push_back(read_line(line, number));
  }
  return out;
}

std::string write_line(const ScriptLine& line) {
  std::string out = "{\"op\":" + Json(line.op).dump();
  for (const auto& [name, value] : line.keys.items()) {
    out += "," + Json(name).dump() + ":" + value.dump();
  }
  return out + "}";
}

}  // namespace lalanh::sim
