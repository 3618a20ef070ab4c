#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// A village with a household, and its whole state before and after each refusal.
struct Village {
  Village() : node(world.add("thon", "1440101", "province")) {
    id = household(node, "", R"({"head":"A","code":"H1"})");
    digest = post(node, "/api/verify").text("digest");
  }
  ~Village() { CHECK(post(node, "/api/verify").text("digest") == digest); }
  std::string fields(const std::string& text) {
    return post(node, "/api/households", "{\"fields\":" + text + "}").error();
  }
  std::string assessed(const std::string& text) {
    return post(node, "/api/households/" + id + "/assessments", "{\"fields\":" + text + "}")
        .error();
  }
  World world;
  Node& node;
  std::string id, digest;
};

}  // namespace

TEST_CASE("fields that are unknown, of a wrong kind, out of range or no date are refused") {
  Village village;
  CHECK(village.fields(R"({"head":"A","colour":"red"})") == "input.unknown_field");
  CHECK(village.fields(R"({"head":7})") == "input.not_text");
  CHECK(village.fields(R"({"head":"A","head_birth":"31/02/1990"})") == "input.not_a_date");
  CHECK(village.fields(R"({"head":"A","head_birth":1700})") == "input.out_of_range");
  CHECK(village.fields(R"({"head":"A","head_sex":"X"})") == "input.not_a_choice");
  CHECK(village.fields(R"({"head":"A","citizen_id":"12"})") == "input.not_a_citizen_id");
  CHECK(village.fields(R"({"head":"A","phone":"call me"})") == "input.not_a_phone");
  CHECK(village.fields(R"({"head":")" + std::string(101, 'a') + "\"}") == "input.too_long");
  CHECK(village.fields(R"({"head":"a\u0007"})") == "input.bad_character");
  CHECK(village.fields(R"({"head":"  "})") == "input.missing");
  CHECK(village.fields(R"({"head":null})") == "input.missing");
  CHECK(village.fields("{}") == "input.missing");
  CHECK(village.fields("[]") == "input.wrong_kind");
  CHECK(village.assessed(R"({"period":"2023-13"})") == "input.not_a_period");
  CHECK(village.assessed(R"({"period":"2023","income":1.5})") == "input.not_json");
  CHECK(village.assessed(R"({"period":"2023","income":"5"})") == "input.not_a_whole_number");
  CHECK(village.assessed(R"({"period":"2023","income":-1})") == "input.out_of_range");
  CHECK(village.assessed(R"({"period":"2023","nutrition":"maybe"})") == "input.not_yes_no");
  CHECK(village.assessed(R"({"period":"2023","causes":"illness"})") == "input.wrong_kind");
  CHECK(village.assessed(R"({"period":"2023","causes":["x"]})") == "input.not_a_choice");
  CHECK(village.assessed(R"({"period":"2023","reviewed_on":"2023-02-30"})") == "input.not_a_date");
  CHECK(patch(village.node, village.id, R"({"period":"2023"})").error() == "input.unknown_field");
  CHECK(patch(village.node, village.id, R"({"head":null})").error() == "input.missing");
}

TEST_CASE("bodies that are not JSON, too deep or not text are refused") {
  Village village;
  const auto sent = [&](const std::string& body) {
    return post(village.node, "/api/households", body).error();
  };
  CHECK(sent("") == "input.missing");
  CHECK(sent("{\"fields\"") == "input.not_json");
  CHECK(sent("[]") == "input.wrong_kind");
  CHECK(sent("{} {}") == "input.not_json");
  CHECK(sent("{\"fields\":" + std::string(5'000, '[')) == "input.not_json");
  CHECK(sent("{\"fields\":{\"head\":\"\xc3\"}}") == "input.not_utf8");
  CHECK(sent(R"({"fields":{"head":"A","head":"B"}})") == "input.duplicate_key");
  CHECK(sent(R"({"fields":{"head":"A"},"colour":1})") == "input.unknown_key");
  CHECK(sent(R"({"fields":{"head":"A"},"actor":5})") == "input.wrong_kind");
  CHECK(sent(R"({"fields":{"head":"A"},"actor":")" + std::string(300, 'a') + "\"}") ==
        "input.too_long");
  CHECK(sent(R"({"fields":{"head":"A"},"unit":5})") == "input.wrong_kind");
  CHECK(sent(std::string(limits::kApiBodyBytesMax + 1, ' ')) == "input.too_large");
}

TEST_CASE("an actor, a reason or a ticket's name with a control character is refused") {
  Village village;
  const std::string remove = "/api/entities/" + village.id + "/remove";
  CHECK(post(village.node, remove, R"({"reason":"a\u001b[2J"})").error() == "input.bad_character");
  CHECK(post(village.node, remove, R"({"reason":"a","actor":"\u202eAi"})").error() ==
        "input.bad_character");
  CHECK(post(village.node, "/api/config", R"({"actor":"Ai\u009b1m"})").error() ==
        "input.bad_character");
  CHECK(post(village.world.province(), "/api/tickets",
             R"({"units":["1440101"],"name":"a\u001b[2J","addresses":["a:1"]})")
            .error() == "input.bad_character");
  CHECK(post(village.world.province(), "/api/devices/2/revoke", R"({"reason":"\u0007"})").error() ==
        "input.bad_character");
}

TEST_CASE("a device is not lost since a day that has not come") {
  Village village;
  Node& province = village.world.province();
  const auto revoked = [&](const Date& day) {
    return post(province, "/api/devices/2/revoke", R"({"lost_since":")" + to_text(day) + "\"}");
  };
  const Date today = province.today();
  CHECK(revoked(today).status == 200);
  CHECK(revoked({today.year + 1, today.month, 1}).error() == "input.future_date");
}

TEST_CASE("unknown units, entities, codes and routes are refused") {
  Village village;
  Node& node = village.node;
  for (const char* unit : {"77", "%23999", "%230", "%23-1", "%23x"}) {
    INFO(unit);
    for (const char* path :
         {"/api/households?unit=", "/api/report?unit=", "/api/reported?unit=",
          "/api/conflicts?unit=", "/api/findings?unit=", "/api/log?unit=", "/api/units?unit="}) {
      INFO(path);
      const Got got = get(node, std::string(path) + unit);
      CHECK(got.error() == "register.unknown_unit");
      CHECK(got.status == 404);
    }
  }
  for (const char* id :
       {"x", "code:none", "9-000000000000000000000000.1", "3700004-1a2b3c.5", "-.", "9-."}) {
    INFO(id);
    const std::string entity = "/api/entities/" + std::string(id);
    CHECK(get(node, "/api/households/" + std::string(id)).error() == "register.not_found");
    CHECK(get(node, entity + "/history").error() == "register.not_found");
    CHECK(patch(node, id, R"({"head":"B"})").error() == "register.not_found");
    CHECK(post(node, entity + "/remove", R"({"reason":"Thử"})").error() == "register.not_found");
    CHECK(post(node, entity + "/keep").error() == "register.not_found");
    CHECK(post(node, entity + "/settle").error() == "register.not_found");
    CHECK(
        post(node, "/api/households/" + std::string(id) + "/members", R"({"fields":{"name":"B"}})")
            .error() == "register.not_found");
  }
  CHECK(get(node, "/api/none").status == 404);
  CHECK(get(node, "/api/households/").status == 404);
  CHECK(call(node, "DELETE", "/api/households").error() == "http.method");
  CHECK(get(node, "/api/entities/" + village.id + "/history?field=colour").error() ==
        "input.unknown_field");
}

TEST_CASE("queries that are unknown, no number, no date, no period or no flag are refused") {
  Village village;
  const auto asked = [&](const std::string& target) {
    return get(village.node, "/api/" + target).error();
  };
  CHECK(asked("households?colour=red") == "input.unknown_key");
  CHECK(asked("households?limit=x") == "input.wrong_kind");
  CHECK(asked("households?limit=0") == "input.out_of_range");
  CHECK(asked("households?limit=1001") == "input.out_of_range");
  CHECK(asked("households?offset=-1") == "input.out_of_range");
  CHECK(asked("households?class=rich") == "input.not_a_choice");
  CHECK(asked("households?removed=maybe") == "input.not_yes_no");
  CHECK(asked("households?period=2023-99") == "input.not_a_period");
  CHECK(asked("report?period=x") == "input.not_a_period");
  CHECK(asked("report?date=2023-02-30") == "input.not_a_date");
  CHECK(asked("reported?all=2") == "input.not_yes_no");
  CHECK(asked("units?date=today") == "input.not_a_date");
  CHECK(asked("log?limit=5000") == "input.out_of_range");
  CHECK(asked("households/" + village.id + "?x=1") == "input.unknown_key");
  CHECK(post(village.node, "/api/households?unit=1440101", R"({"fields":{"head":"A"}})").error() ==
        "input.unknown_key");
}

TEST_CASE("what cannot be settled, imported, certified or synced is refused") {
  Village village;
  Node& node = village.node;
  const std::string settle = "/api/entities/" + village.id + "/settle";
  CHECK(post(node, settle).error() == "register.not_disputed");
  CHECK(post(node, settle, R"({"removal":"perhaps"})").error() == "input.not_a_choice");
  CHECK(post(node, settle, R"({"take":-1})").error() == "input.out_of_range");
  CHECK(post(node, settle, R"({"values":{"colour":1}})").error() == "input.unknown_field");
  CHECK(post(node, "/api/import").error() == "input.missing");
  CHECK(post(node, "/api/import", R"({"households":"code,head\n","mode":"some"})").error() ==
        "input.not_a_choice");
  CHECK(post(node, "/api/import", R"({"households":"code,head\n","dry_run":"yes"})").error() ==
        "input.wrong_kind");
  CHECK(post(node, "/api/certify", R"({"request":"xx"})").error() == "input.wrong_kind");
  CHECK(post(node, "/api/certify", R"({"request":"00"})").error() == "input.wrong_file");
  CHECK(post(node, "/api/tickets", R"({"units":["1440101"]})").error() == "input.missing");
  CHECK(post(node, "/api/tickets", "{}").error() == "input.missing");
  CHECK(post(node, "/api/config", R"({"actor":5})").error() == "input.wrong_kind");
  CHECK(post(node, "/api/sync").error() == "sync.no_parent");
  CHECK(post(node, "/api/entities/" + village.id + "/remove",
             R"({"reason":")" + std::string(600, 'a') + "\"}")
            .error() == "input.too_long");
}

TEST_CASE("addresses that are malformed are not taken apart") {
  ApiRequest request;
  for (const char* target :
       {"", "api", "/a%2", "/a%zz", "/a%00", "/a%ff", "/a b", "/a?b=%", "/a#b"}) {
    INFO(target);
    CHECK_FALSE(split_target(target, request));
  }
  CHECK_FALSE(split_target("/" + std::string(limits::kApiPathBytesMax, 'a'), request));
  REQUIRE(split_target("/api/x%20y?a=b+c%26&d&e=%C4%91", request));
  CHECK(request.path == "/api/x y");
  CHECK(request.query.size() == 3);
  CHECK(request.query[0].second == "b c&");
  CHECK(request.query[2].second == "đ");
}

TEST_CASE("an id or a 'seen' whose counter no event has is told so, and nothing is written") {
  World world;
  Node& node = world.add("thon", "1440101", "province");
  const std::string id = household(node, "1440101", R"({"head":"An"})");
  const std::string stem = id.substr(0, id.find('.') + 1);
  for (const char* counter :
       {"4194304", "4194305", "8388609", "4294967295", "4294967297", "0", "-1"}) {
    INFO(counter);
    const std::string other = stem + counter;
    CHECK(get(node, "/api/households/" + other).status >= 400);
    CHECK(patch(node, other, R"({"address":"Xóm"})").status >= 400);
    CHECK(get(node, "/api/households/" + other.substr(0, 16) + "." + counter).status >= 400);
    const std::string dot = other.substr(other.find('-') + 1);
    CHECK(call(node, "PATCH", "/api/entities/" + id,
               R"({"fields":{"address":"Xóm"},"seen":[")" + dot + "\"]}")
              .status >= 400);
  }
  CHECK(post(node, "/api/verify").yes("ok"));
  CHECK(get(node, "/api/households").number("total") == 1);
}
