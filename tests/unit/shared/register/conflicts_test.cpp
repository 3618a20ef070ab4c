#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// A village's laptop and the commune's hall, which share one household.
struct Pair {
  Pair() {
    world.add("xa", "14401", "province");
    world.add("thon", "1440101", "xa");
    id = household(village(), "", R"({"head":"Bùi An","code":"H1"})");
    form = assessment(village(), id,
                      R"({"period":"2023","area":"R","score_income":100,"score_deprivation":30})");
    evening();
  }
  Node& village() { return world.node("thon"); }
  Node& hall() { return world.node("xa"); }
  void evening() { world.sync("thon", "xa"); }
  World world;
  std::string id, form;
};

}  // namespace

TEST_CASE(
    "two people change one field: the conflict is listed with both, settled and seen settled") {
  Pair pair;
  patch(pair.village(), pair.id, R"({"head":"Bùi Ân"})");
  patch(pair.hall(), pair.id, R"({"head":"Bùi Ấn"})");
  CHECK(get(pair.hall(), "/api/conflicts").number("total") == 0);
  pair.evening();
  for (Node* node : {&pair.village(), &pair.hall()}) {
    const Got got = get(*node, "/api/conflicts");
    INFO(got.body);
    REQUIRE(got.number("total") == 1);
    CHECK(got.text("conflicts.0.id") == pair.id);
    CHECK(got.text("conflicts.0.code") == "H1");
    CHECK(got.text("conflicts.0.fields.0.name") == "head");
    CHECK(got.text("conflicts.0.fields.0.label.vi") == "Chủ hộ");
    REQUIRE(got.size("conflicts.0.fields.0.values") == 2);
    std::vector<std::string> values = {got.text("conflicts.0.fields.0.values.0.value"),
                                       got.text("conflicts.0.fields.0.values.1.value")};
    std::sort(values.begin(), values.end());
    CHECK(values == std::vector<std::string>{"Bùi Ân", "Bùi Ấn"});
    CHECK_FALSE(got.text("conflicts.0.fields.0.values.0.actor").empty());
    CHECK_FALSE(got.text("conflicts.0.fields.0.values.0.time").empty());
    CHECK(got.number("conflicts.0.fields.0.values.0.device") > 0);
    CHECK(get(*node, "/api/households").yes("households.0.conflict"));
    CHECK(get(*node, "/api/status").number("conflicts") == 1);
  }
  const std::string settle = "/api/entities/" + pair.id + "/settle";
  CHECK(post(pair.hall(), settle, R"({"values":{"address":"x"}})").error() ==
        "register.not_disputed");
  const std::int64_t device = get(pair.village(), "/api/status").number("device");
  CHECK(post(pair.hall(), settle, "{\"take\":" + std::to_string(device) + "}").yes("ok"));
  CHECK(get(pair.hall(), "/api/conflicts").number("total") == 0);
  pair.evening();
  CHECK(get(pair.village(), "/api/conflicts").number("total") == 0);
  CHECK(get(pair.village(), "/api/households/" + pair.id).text("fields.head") == "Bùi Ân");
  CHECK(post(pair.hall(), settle, R"({"values":{"head":"x"}})").error() == "register.not_disputed");
}

TEST_CASE("the same value from two people is no conflict") {
  Pair pair;
  patch(pair.village(), pair.id, R"({"address":"Xóm 1"})");
  patch(pair.hall(), pair.id, R"({"address":"Xóm 1"})");
  pair.evening();
  CHECK(get(pair.hall(), "/api/conflicts").number("total") == 0);
}

TEST_CASE("a removal beside a correction is disputed until somebody decides") {
  for (const std::string decision : {"keep", "remove"}) {
    Pair pair;
    post(pair.village(), "/api/entities/" + pair.id + "/remove", R"({"reason":"chuyển đi"})");
    patch(pair.hall(), pair.id, R"({"address":"Xóm 9"})");
    pair.evening();
    const Got got = get(pair.hall(), "/api/conflicts");
    INFO(got.body);
    REQUIRE(got.number("total") == 1);
    CHECK(got.yes("conflicts.0.disputed"));
    CHECK(get(pair.hall(), "/api/households/" + pair.id).text("presence") == "disputed");
    CHECK(post(pair.hall(), "/api/entities/" + pair.id + "/settle",
               R"({"removal":")" + decision + "\"}")
              .yes("ok"));
    pair.evening();
    for (Node* node : {&pair.village(), &pair.hall()}) {
      CHECK(get(*node, "/api/conflicts").number("total") == 0);
      CHECK(get(*node, "/api/households").number("total") == (decision == "keep" ? 1 : 0));
      CHECK(post(*node, "/api/verify").yes("ok"));
    }
  }
}

TEST_CASE("a conflict in an assessment shows its household, and settling it moves the report") {
  Pair pair;
  patch(pair.village(), pair.form, R"({"score_income":150})");
  patch(pair.hall(), pair.form, R"({"score_income":130})");
  pair.evening();
  const Got got = get(pair.hall(), "/api/conflicts?unit=1440101");
  INFO(got.body);
  REQUIRE(got.number("total") == 1);
  CHECK(got.text("conflicts.0.type") == "assessment");
  CHECK(got.text("conflicts.0.household") == pair.id);
  CHECK(got.text("conflicts.0.head") == "Bùi An");
  CHECK(get(pair.hall(), "/api/conflicts?unit=1440102").number("total") == 0);
  CHECK(post(pair.hall(), "/api/entities/" + pair.form + "/settle",
             R"({"values":{"score_income":141}})")
            .yes("ok"));
  pair.evening();
  for (Node* node : {&pair.village(), &pair.hall()}) {
    CHECK(get(*node, "/api/report").number("total.poor.households") == 0);
    CHECK(node->counters().check().value().empty());
    CHECK(post(*node, "/api/verify").yes("ok"));
  }
}

TEST_CASE("a device that left two values of a field has not said which one to take") {
  Pair pair;
  const auto correct = [&](const std::string& fields, const std::string& seen) {
    const Got got = call(pair.village(), "PATCH", "/api/entities/" + pair.id,
                         R"({"fields":)" + fields + R"(,"seen":[")" + seen + "\"]}");
    REQUIRE(got.yes("changed"));
  };
  // Two forms of one laptop that were open side by side.
  const std::string before = get(pair.village(), "/api/households/" + pair.id).text("seen.0");
  correct(R"({"address":"Xóm Đầu"})", before);
  correct(R"({"address":"Xóm Cuối"})", before);
  const std::string device = std::to_string(get(pair.village(), "/api/status").number("device"));
  const std::string settle = "/api/entities/" + pair.id + "/settle";
  CHECK(post(pair.village(), settle, "{\"take\":" + device + "}").error() == "register.not_taken");
  CHECK(get(pair.village(), "/api/conflicts").size("conflicts.0.fields.0.values") == 2);
  // Beside a field of which it left one value, that one is taken and the other left.
  patch(pair.hall(), pair.id, R"({"head":"Bùi Ấn"})");
  patch(pair.village(), pair.id, R"({"head":"Bùi Ân"})");
  pair.evening();
  CHECK(post(pair.village(), settle, "{\"take\":" + device + "}").yes("ok"));
  const Got inbox = get(pair.village(), "/api/conflicts");
  REQUIRE(inbox.size("conflicts.0.fields") == 1);
  CHECK(inbox.text("conflicts.0.fields.0.name") == "address");
  CHECK(get(pair.village(), "/api/households/" + pair.id).text("fields.head") == "Bùi Ân");
  CHECK(post(pair.village(), settle, R"({"values":{"address":"Xóm Đầu"}})").yes("ok"));
  CHECK(get(pair.village(), "/api/conflicts").number("total") == 0);
}
