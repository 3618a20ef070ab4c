#include <set>

#include "shared/api/routes.h"
#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

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

/// The path with an entity that is not here, so that nothing is changed.
std::string path_of(std::string_view pattern) {
  std::string out(pattern);
  if (const std::size_t at = out.find("{id}"); at != std::string::npos) {
    out.replace(at, 4, "9-000000000000000000000000.1");
  }
  return out;
}

bool refuses_key(const Got& got, const std::string& key) {
  return got.error() == "input.unknown_key" && got.text("error.context.key") == key;
}

}  // namespace

TEST_CASE("the description has every route of the API and no other") {
  World world;
  const Description description(world.province());
  std::set<std::string> described;
  for (const auto& [name, operation] : description.operations()) described.insert(name);
  std::set<std::string> routes;
  for (const ApiRoute& route : api_routes()) {
    routes.insert(std::string(route.method) + " " + std::string(route.pattern));
  }
  CHECK(described == routes);
}

TEST_CASE("each route takes the described names of its query and body, and refuses all others") {
  World world;
  Node& node = world.province();
  const Description description(node);
  std::set<std::string> names = {"khong_co"};
  for (const auto& [name, operation] : description.operations()) {
    names.insert(operation.query.begin(), operation.query.end());
    names.insert(operation.body.begin(), operation.body.end());
  }
  for (const ApiRoute& route : api_routes()) {
    const std::string method(route.method);
    const Described& described =
        description.operations().at(method + " " + std::string(route.pattern));
    const std::string path = path_of(route.pattern);
    for (const std::string& name : names) {
      INFO(method << " " << path << " " << name);
      const Got by_query = call(node, method.c_str(), path + "?" + name + "=");
      CHECK(refuses_key(by_query, name) == (described.query.count(name) == 0));
      if (method == "GET") continue;
      const Got by_body = call(node, method.c_str(), path, "{\"" + name + "\":null}");
      CHECK(refuses_key(by_body, name) == (described.body.count(name) == 0));
    }
  }
}

TEST_CASE("replies have the described fields and no other") {
  World world;
  Node& node = world.add("thon", "1440101", "province");
  const Description description(node);
  const auto as_described = [&](const std::string& operation, const Got& got) {
    INFO(got.body);
    CHECK(got.status == 200);
    CHECK(description.difference(operation, got) == "");
    return got;
  };
  const Got household =
      as_described("POST /api/households",
                   post(node, "/api/households", R"({"fields":{"head":"Bùi An","code":"H1"}})"));
  const std::string id = household.text("id");
  const std::string at = "/api/households/" + id;
  as_described("POST /api/households/{id}/members",
               post(node, at + "/members", R"({"fields":{"name":"Bùi An","relation":"chủ hộ"}})"));
  as_described("POST /api/households/{id}/assessments",
               post(node, at + "/assessments",
                    R"({"fields":{"period":"2023","area":"R","score_income":120,)"
                    R"("score_deprivation":40,"class_entered":"not_poor","causes":["illness"]}})"));
  as_described("PATCH /api/entities/{id}", patch(node, id, R"({"address":"Xóm 1"})"));
  as_described("GET /api/households/{id}", get(node, at));
  as_described("GET /api/households", get(node, "/api/households"));
  as_described("GET /api/entities/{id}/history", get(node, "/api/entities/" + id + "/history"));
  const Got findings = as_described("GET /api/findings", get(node, "/api/findings"));
  CHECK(findings.size("findings") > 0);
  as_described("POST /api/import",
               post(node, "/api/import",
                    R"({"households":"code,head,head_sex\nH2,Lê B,\nH3,Lê C,ông","mode":"good"})"));
  as_described("POST /api/entities/{id}/remove",
               post(node, "/api/entities/" + id + "/remove", R"({"reason":"Thử"})"));
  as_described("POST /api/entities/{id}/keep", post(node, "/api/entities/" + id + "/keep"));
  as_described("POST /api/verify", post(node, "/api/verify"));
  as_described("POST /api/config", post(node, "/api/config", R"({"actor":"An, Trưởng thôn"})"));
  for (const char* path : {"status", "catalogue", "units", "conflicts", "report", "reported", "log",
                           "config", "sync", "openapi.json"}) {
    as_described("GET /api/" + std::string(path), get(node, "/api/" + std::string(path)));
  }
  as_described("GET /api/reported", get(world.province(), "/api/reported?all=1"));
  as_described("GET /api/report", get(world.province(), "/api/report"));
  CHECK(description.difference_of_error(get(node, "/api/none")) == "");
  CHECK(description.difference_of_error(get(node, "/api/households?class=x")) == "");
}
