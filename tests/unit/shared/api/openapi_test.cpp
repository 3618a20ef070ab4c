#include "shared/api/routes.h"
#include "tests/unit/shared/api/description.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

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
                           "config", "sync", "openapi.json", "tickets", "devices", "set-aside"}) {
    as_described("GET /api/" + std::string(path), get(node, "/api/" + std::string(path)));
  }
  Node& province = world.province();
  as_described("POST /api/tickets",
               post(province, "/api/tickets", R"({"units":["1440102"],"addresses":["h:1"]})"));
  const Got tickets = as_described("GET /api/tickets", get(province, "/api/tickets"));
  as_described("POST /api/tickets/{id}/cancel",
               post(province, "/api/tickets/" + tickets.text("tickets.1.id") + "/cancel"));
  as_described("POST /api/newest", post(province, "/api/newest", R"({"yes":true})"));
  const std::string mover = lalanh::testing::household(province, "1440101", R"({"head":"Đi"})");
  as_described("POST /api/households/{id}/move",
               post(province, "/api/households/" + mover + "/move", R"({"unit":"1440102"})"));
  as_described("GET /api/households/{id}", get(province, "/api/households/" + mover));
  const Got devices = as_described("GET /api/devices", get(province, "/api/devices"));
  CHECK(devices.size("devices") == 2);
  world.sync("thon", "province");
  const std::string number = std::to_string(node.store().own_certificate().device().device.value);
  as_described("POST /api/devices/{id}/revoke",
               post(province, "/api/devices/" + number + "/revoke",
                    R"({"nothing_stands":true,"yes":true,"reason":"Mất máy"})"));
  CHECK(as_described("GET /api/set-aside", get(province, "/api/set-aside")).size("events") > 0);
  as_described("POST /api/set-aside/enter",
               post(province, "/api/set-aside/enter", R"({"all":true})"));
  as_described("GET /api/reported", get(world.province(), "/api/reported?all=1"));
  as_described("GET /api/report", get(world.province(), "/api/report"));
  CHECK(description.difference_of_error(get(node, "/api/none")) == "");
  CHECK(description.difference_of_error(get(node, "/api/households?class=x")) == "");
}
