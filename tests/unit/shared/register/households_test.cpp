#include <set>

#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

TEST_CASE("a household is created, corrected, removed and kept") {
  World world;
  Node& node = world.add("thon", "1440101", "province");
  const std::string id = household(node, "", R"({"head":"Bùi Văn Quyết","code":"H1"})");
  CHECK(get(node, "/api/households/" + id).text("fields.head") == "Bùi Văn Quyết");
  CHECK(get(node, "/api/households/" + id).text("unit_name") == "Thôn Một");

  CHECK(patch(node, id, R"({"address":"Xóm 1","head":"Bùi Văn Quyết"})").yes("changed"));
  CHECK_FALSE(patch(node, id, R"({"address":"Xóm 1"})").yes("changed"));
  CHECK(get(node, "/api/households/" + id).text("fields.address") == "Xóm 1");
  CHECK(patch(node, id, R"({"address":null})").yes("changed"));
  CHECK(get(node, "/api/households/" + id).at("fields.address").is_null());

  CHECK(post(node, "/api/entities/" + id + "/remove", R"({"reason":"chuyển đi"})").yes("ok"));
  CHECK(get(node, "/api/households").number("total") == 0);
  CHECK(get(node, "/api/households?removed=1").number("total") == 1);
  CHECK(get(node, "/api/households/" + id).text("presence") == "removed");
  CHECK(patch(node, id, R"({"address":"Xóm 2"})").error() == "register.removed");
  CHECK(post(node, "/api/entities/" + id + "/remove", R"({"reason":"Thử"})").error() ==
        "register.removed");

  CHECK(post(node, "/api/entities/" + id + "/keep").yes("ok"));
  CHECK(get(node, "/api/households").number("total") == 1);
  CHECK(post(node, "/api/entities/" + id + "/keep").error() == "register.not_removed");
}

TEST_CASE("a household is found by head, member, code and address without case and diacritics") {
  World world;
  Node& node = world.province();
  const std::string one =
      household(node, "1440101", R"({"head":"Đặng Thị Hồng","code":"NB-01","address":"Xóm Đông"})");
  const std::string two = household(node, "1440102", R"({"head":"Lê Văn Tám","code":"NB-02"})");
  const std::string child = member(node, two, R"({"name":"Lê Thị Ánh Nguyệt"})");
  const auto found = [&](const std::string& query) {
    const Got got = get(node, "/api/households?" + query);
    INFO(got.body);
    return got.number("total") == 1 ? got.text("households.0.id")
                                    : std::to_string(got.number("total"));
  };
  for (const char* text : {"dang+thi", "DANG", "hồng", "hong+ĐẶNG", "nb-01", "xom+dong"}) {
    INFO(text);
    CHECK(found(std::string("q=") + text) == one);
  }
  CHECK(found("q=anh+nguyet") == two);
  CHECK(found("q=NB") == "2");
  CHECK(found("q=hong+tam") == "0");
  CHECK(found("unit=1440101&q=nb") == one);
  CHECK(found("unit=1440201") == "0");
  CHECK(post(node, "/api/entities/" + child + "/remove", R"({"reason":"Thử"})").yes("ok"));
  CHECK(found("q=nguyet") == "0");
  CHECK(post(node, "/api/entities/" + child + "/keep").yes("ok"));
  CHECK(patch(node, child, R"({"name":"Lê Thị Bích"})").yes("changed"));
  CHECK(found("q=nguyet") == "0");
  CHECK(found("q=bich") == two);
  // The household's own texts change beside its members', and both are still found.
  CHECK(patch(node, two, R"({"head":"Lê Văn Chín","address":"Xóm Đoài"})").yes("changed"));
  CHECK(found("q=tam") == "0");
  CHECK(found("q=doai+bich") == two);
  CHECK(found("q=chin+nb-02+le+thi") == two);
  CHECK(patch(node, two, R"({"address":null})").yes("changed"));
  CHECK(found("q=doai") == "0");
  CHECK(found("q=chin+bich") == two);
}

TEST_CASE("a list is in Vietnamese order of given names, in pages") {
  World world;
  Node& node = world.add("thon", "1440101", "province");
  for (const char* head : {"Bùi Văn Đức", "Trần Văn Dũng", "Lê An", "Phạm Văn Ân", "Đỗ Ánh"}) {
    household(node, "", R"({"head":")" + std::string(head) + "\"}");
  }
  const auto head = [](const Got& got, int i) {
    return got.text("households." + std::to_string(i) + ".fields.head");
  };
  const Got all = get(node, "/api/households");
  const std::vector<std::string> heads = {head(all, 0), head(all, 1), head(all, 2), head(all, 3),
                                          head(all, 4)};
  CHECK(heads ==
        std::vector<std::string>{"Lê An", "Đỗ Ánh", "Phạm Văn Ân", "Trần Văn Dũng", "Bùi Văn Đức"});
  const Got page = get(node, "/api/households?offset=3&limit=1");
  CHECK(page.number("total") == 5);
  CHECK(page.size("households") == 1);
  CHECK(head(page, 0) == "Trần Văn Dũng");
}

TEST_CASE("the history of a field says who wrote it, when, on which device") {
  World world;
  Node& node = world.add("thon", "1440101", "province");
  const std::string id = household(node, "", R"({"head":"Bùi An","address":"Xóm 1"})");
  patch(node, id, R"({"head":"Bùi Ân"})");
  world.clock.advance(60'000);
  const Got corrected =
      call(node, "PATCH", "/api/entities/" + id,
           R"({"fields":{"address":"Xóm 2"},"actor":"Trần Thị Hoa, Công chức xã"})");
  CHECK(corrected.yes("changed"));
  const Got whole = get(node, "/api/entities/" + id + "/history");
  CHECK(whole.size("events") == 3);
  const Got got = get(node, "/api/entities/" + id + "/history?field=address");
  INFO(got.body);
  REQUIRE(got.size("events") == 2);
  CHECK(got.text("events.0.verb") == "record");
  CHECK(got.text("events.0.actor") == "thon, Trưởng thôn");
  CHECK(got.size("events.0.ops") == 1);
  CHECK(got.text("events.1.actor") == "Trần Thị Hoa, Công chức xã");
  CHECK(got.text("events.1.ops.0.value") == "Xóm 2");
  CHECK(got.text("events.1.ops.0.replaces.0") == got.text("events.0.dot"));
  CHECK(got.number("events.1.device") == get(node, "/api/status").number("device"));
  CHECK(got.text("events.1.device_unit") == "Thôn Một");
  CHECK(got.text("events.1.time").find("2026") != std::string::npos);
  CHECK(got.text("events.1.time") != got.text("events.0.time"));
}

TEST_CASE("a shortened id and a code name a household, an ambiguous code is refused") {
  World world;
  Node& node = world.province();
  const std::string id = household(node, "1440101", R"({"head":"A","code":"H1"})");
  const std::size_t dash = id.find('-');
  const std::string shortened = id.substr(0, dash + 7) + id.substr(id.find('.'));
  CHECK(get(node, "/api/households/" + shortened).text("id") == id);
  CHECK(get(node, "/api/households/code:H1").text("id") == id);
  CHECK(get(node, "/api/households/code:H").error() == "register.not_found");
  household(node, "1440102", R"({"head":"B","code":"H1"})");
  CHECK(get(node, "/api/households/code:H1").error() == "register.ambiguous");
}

TEST_CASE("the class is computed from points, from income, and at their boundaries") {
  World world;
  Node& node = world.province();
  const auto class_of = [&](const std::string& answers) {
    const std::string id = household(node, "1440101", R"({"head":"A"})");
    assessment(node, id, R"({"period":"2023","area":"R",)" + answers + "}");
    const Got got = get(node, "/api/households/" + id);
    INFO(got.body);
    CHECK_FALSE(got.text("assessments.0.reason.vi").empty());
    CHECK(get(node, "/api/households/" + id).text("assessments.0.rule_pack") == "nd-07-2021");
    return got.text("assessments.0.class");
  };
  CHECK(class_of(R"("score_income":140,"score_deprivation":30)") == "poor");
  CHECK(class_of(R"("score_income":140,"score_deprivation":20)") == "near_poor");
  CHECK(class_of(R"("score_income":141,"score_deprivation":120,"farm_work":false)") == "not_poor");
  const std::string three =
      R"("employment":true,"dependents":true,"nutrition":true,"health_insurance":false,)"
      R"("adult_education":false,"school_attendance":false,"housing_quality":false,)"
      R"("housing_area":false,"safe_water":false,"sanitation":false,"telecom":false,)"
      R"("info_means":false,)";
  CHECK(class_of(three + R"("income":1500000)") == "poor");
  CHECK(class_of(three + R"("income":1500001,"farm_work":false)") == "not_poor");
  CHECK(class_of(three + R"("income":1500001,"farm_work":true)") == "average_farm");
  CHECK(class_of(R"("farm_work":false)") == "unknown");
}

TEST_CASE("findings name what does not fit, and go when it is put right") {
  World world;
  Node& node = world.province();
  const std::string one = household(node, "1440101", R"({"head":"A","citizen_id":"037123456789"})");
  const std::string two = household(node, "1440102", R"({"head":"B"})");
  member(node, two, R"({"name":"B","relation":"Chủ hộ","citizen_id":"037123456789"})");
  const std::string head = member(node, two, R"({"name":"C","relation":"chủ hộ"})");
  const std::string form =
      assessment(node, one,
                 R"({"period":"2023","area":"R","score_income":140,"score_deprivation":30,)"
                 R"("class_entered":"near_poor"})");
  const std::string twice = assessment(node, one, R"({"period":"2023","area":"R"})");
  const auto kinds = [&](const std::string& query) {
    const Got got = get(node, "/api/findings" + query);
    std::multiset<std::string> out;
    for (std::size_t i = 0; i < got.size("findings"); ++i) {
      out.insert(got.text("findings." + std::to_string(i) + ".kind"));
    }
    return out;
  };
  using Kinds = std::multiset<std::string>;
  // The later assessment of the period is the one that counts.
  CHECK(kinds("") == Kinds{"two_heads", "assessed_twice", "citizen_twice", "citizen_twice"});
  CHECK(kinds("?unit=1440101") == Kinds{"assessed_twice", "citizen_twice"});
  post(node, "/api/entities/" + twice + "/remove", R"({"reason":"Thử"})");
  CHECK(kinds("?unit=1440101") == Kinds{"class_differs", "citizen_twice"});
  patch(node, form, R"({"class_entered":"poor"})");
  patch(node, head, R"({"relation":"vợ"})");
  patch(node, one, R"({"citizen_id":null})");
  CHECK(kinds("") == Kinds{});
}

TEST_CASE(
    "a member of a member is refused, and one that came from elsewhere is in nobody's tables") {
  World world;
  Node& node = world.province();
  const std::string one = household(node, "1440101", R"({"head":"A","citizen_id":"037123456789"})");
  const std::string child = member(node, one, R"({"name":"B","citizen_id":"037123456780"})");
  CHECK(post(node, "/api/households/" + child + "/members", R"({"fields":{"name":"C"}})").error() ==
        "register.not_found");
  CHECK(post(node, "/api/households/" + child + "/assessments", R"({"fields":{"period":"2023"}})")
            .error() == "register.not_found");
  // Another program wrote it all the same: it must not stop the writing of what is good.
  EntityId of;
  REQUIRE(entity_from_text(child, of));
  write_one(
      node.store(), of.scope,
      create_event("member", of.create,
                   {{"name", Value::text("C")}, {"citizen_id", Value::text("037123456781")}}));
  write_one(node.store(), of.scope,
            create_event("assessment", of.create, {{"period", Value::text("2023")}}));
  CHECK(patch(node, child, R"({"citizen_id":"037123456789"})").yes("changed"));
  CHECK(get(node, "/api/households").number("total") == 1);
  CHECK(must(node.counters().check()).empty());
  CHECK(get(node, "/api/report?unit=37&period=2023").number("total.households") == 1);
  CHECK(must(node.store().core().db->integer("SELECT count(*) FROM assessment")) == 0);
}
