#include "shared/register/import.h"

#include "shared/catalogue/json_writer.h"
#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

Got import(Node& node, const std::string& households, const std::string& members = "",
           const std::string& mode = "all", bool dry_run = false) {
  std::string body;
  JsonWriter(body)
      .begin_object()
      .text("households", households)
      .text("members", members)
      .text("mode", mode)
      .boolean("dry_run", dry_run)
      .end_object();
  return post(node, "/api/import", body);
}

/// A village's list of `rows` households with an assessment each, and bad cells where told.
std::string list_of(int rows, const std::map<int, std::string>& bad = {}) {
  std::string out = "code,head,head_birth,period,area,score_income,score_deprivation\n";
  for (int i = 2; i <= rows + 1; ++i) {
    const auto at = bad.find(i);
    const std::string n = std::to_string(i);
    out += at != bad.end() ? at->second : "H" + n + ",Bùi Văn " + n + ",1970,2023,R,150,10";
    out += "\n";
  }
  return out;
}

struct Village {
  Village() : node(world.add("thon", "1440101", "province")) {}
  std::int64_t total() { return get(node, "/api/households").number("total"); }
  World world;
  Node& node;
};

}  // namespace

TEST_CASE("three bad rows of 1,000 are listed with row, column and reason, and nothing is taken") {
  Village village;
  const std::string list = list_of(1000, {{17, "H17,Bùi Văn A,31/02/1970,2023,R,150,10"},
                                          {400, "H400,,1970,2023,R,150,10"},
                                          {901, "H901,Bùi Văn C,1970,2023,R,5000,10"}});
  const Got all = import(village.node, list);
  INFO(all.body);
  CHECK_FALSE(all.yes("imported"));
  CHECK(all.number("rows") == 1000);
  REQUIRE(all.size("bad") == 3);
  CHECK(all.number("bad.0.row") == 17);
  CHECK(all.text("bad.0.column") == "head_birth");
  CHECK(all.text("bad.0.name") == "input.not_a_date");
  CHECK(all.number("bad.1.row") == 400);
  CHECK(all.text("bad.1.column") == "head");
  CHECK(all.text("bad.1.name") == "input.missing");
  CHECK(all.number("bad.2.row") == 901);
  CHECK(all.text("bad.2.column") == "score_income");
  CHECK(all.text("bad.2.name") == "input.out_of_range");
  CHECK(all.text("bad.2.reason.vi").find("5000") != std::string::npos);
  CHECK(village.total() == 0);

  const Got good = import(village.node, list, "", "good");
  CHECK(good.yes("imported"));
  CHECK(good.size("bad") == 3);
  CHECK(good.number("created") == 2 * 997);
  CHECK(village.total() == 997);
  CHECK(get(village.node, "/api/report").number("total.not_poor.households") == 997);
  CHECK(village.node.counters().check().value().empty());
}

TEST_CASE("the same list again changes nothing, a changed cell is one correction") {
  Village village;
  const std::string members =
      "household_code,name,birth,relation\nH2,Bùi Văn 2,1970,chủ hộ\nH2,Lê Thị Na,2001,con\n"
      "H2,Lê Thị Na,2001,con\n";
  const Got first = import(village.node, list_of(20), members);
  INFO(first.body);
  CHECK(first.number("created") == 43);
  const std::string events = post(village.node, "/api/verify").text("digest");
  const Got again = import(village.node, list_of(20), members);
  INFO(again.body);
  CHECK(again.number("created") == 0);
  CHECK(again.number("changed") == 0);
  CHECK(again.number("unchanged") == 43);
  CHECK(post(village.node, "/api/verify").text("digest") == events);
  const Got changed = import(village.node, list_of(20, {{5, "H5,Bùi Văn 5,1971,2023,R,150,10"}}));
  CHECK(changed.number("changed") == 1);
  CHECK(changed.number("created") == 0);
  CHECK(get(village.node, "/api/households/code:H5").number("fields.head_birth") == 1971);
  CHECK(get(village.node, "/api/households/code:H2").size("members") == 3);
}

TEST_CASE("a dry run says what would be done and does nothing") {
  Village village;
  const Got got = import(village.node, list_of(3), "", "all", true);
  CHECK_FALSE(got.yes("imported"));
  CHECK(got.number("created") == 6);
  CHECK(village.total() == 0);
  CHECK(village.node.counters().check().value().empty());
  CHECK(import(village.node, list_of(3)).number("created") == 6);
  CHECK(post(village.node, "/api/verify").yes("ok"));
}

TEST_CASE("semicolons and a byte order mark are read, as a Vietnamese spreadsheet writes them") {
  Village village;
  const Got got = import(village.node,
                         "\xEF\xBB\xBF"
                         "code;head;period;income;causes\r\n"
                         "H1;\"Bùi; An\";2023;1.500.000;\"illness;no_land\"\r\n");
  INFO(got.body);
  CHECK(got.number("created") == 2);
  const Got shown = get(village.node, "/api/households/code:H1");
  CHECK(shown.text("fields.head") == "Bùi; An");
  CHECK(shown.number("assessments.0.fields.income") == 1'500'000);
  CHECK(shown.size("assessments.0.fields.causes") == 2);
}

TEST_CASE("wrong columns, broken quotes and text that is not UTF-8 are refused as a whole") {
  Village village;
  CHECK(import(village.node, "code,name\nH1,A\n").error() == "input.missing_columns");
  CHECK(import(village.node, "code,head,colour\nH1,A,red\n").error() == "input.unknown_columns");
  CHECK(import(village.node, "code,head,head\nH1,A,B\n").error() == "input.unknown_columns");
  CHECK(import(village.node, "code,head,income\nH1,A,5\n").error() == "input.missing_columns");
  CHECK(import(village.node, "").error() == "input.missing_columns");
  CHECK(import(village.node, "code,head\nH1,\"A\n").error() == "input.broken_quotes");
  CHECK(import(village.node, "code,head\nH1,A\n", "name\nB\n").error() == "input.missing_columns");
  CHECK(post(village.node, "/api/import", "{\"households\":\"code,head\\nH1,\xff\"}").error() ==
        "input.not_utf8");
  ImportOptions options;
  options.scope = SmallTree::records(village.world.unit_no("1440101"));
  const Result<ImportResult> raw =
      import_tables(village.node.store(), village.node.words(), village.node.registry(),
                    "code,head\nH1,\xff\n", "", options);
  CHECK(raw.error().name() == "input.not_utf8");
  CHECK(village.total() == 0);
}

TEST_CASE("rows that cannot be told apart or have no place are bad rows") {
  Village village;
  const Got got =
      import(village.node, "code,head,period\nH1,A,2023\n,B,2023\nH1,A,2023\nH1,A,2022\nH2,C\n",
             "household_code,name\nH1,A\nH7,B\n", "good");
  INFO(got.body);
  REQUIRE(got.size("bad") == 4);
  CHECK(got.text("bad.0.name") == "input.missing");
  CHECK(got.number("bad.0.row") == 3);
  CHECK(got.text("bad.1.name") == "register.duplicate");
  CHECK(got.number("bad.1.row") == 4);
  CHECK(got.text("bad.2.name") == "input.row_width");
  CHECK(got.text("bad.3.file") == "members");
  CHECK(got.text("bad.3.name") == "register.not_found");
  CHECK(got.number("created") == 4);
  CHECK(village.total() == 1);
}

TEST_CASE("answers without a period are a bad row") {
  Village village;
  const Got got = import(village.node, "code,head,period,income\nH1,A,,5\nH2,B,,\n");
  REQUIRE(got.size("bad") == 1);
  CHECK(got.text("bad.0.column") == "period");
  CHECK(got.text("bad.0.name") == "input.missing");
}

TEST_CASE("a household that moved away or was removed is not entered again by its list") {
  Village village;
  Node& province = village.world.province();
  const std::string list = "code,head\nH1,A\nH2,B\nH3,C\n";
  const std::string members = "household_code,name\nH1,A\nH3,C\n";
  CHECK(import(village.node, list, members).number("created") == 5);
  village.world.sync("thon", "province");
  const std::string first = get(province, "/api/households/code:H1").text("id");
  const std::string moved =
      made(post(province, "/api/households/" + first + "/move", R"({"unit":"1440102"})"));
  const std::string second = get(province, "/api/households/code:H2").text("id");
  post(province, "/api/entities/" + second + "/remove", R"({"reason":"Trùng"})");
  village.world.sync("thon", "province");
  for (const bool dry_run : {true, false}) {
    const Got got = import(village.node, list, members, "good", dry_run);
    INFO(got.body);
    REQUIRE(got.size("bad") == 3);
    CHECK(got.text("bad.0.name") == "register.moved");
    CHECK(got.number("bad.0.row") == 2);
    CHECK(got.text("bad.0.column") == "code");
    CHECK(got.text("bad.1.name") == "register.removed");
    CHECK(got.number("bad.1.row") == 3);
    CHECK(got.text("bad.2.name") == "register.moved");
    CHECK(got.text("bad.2.file") == "members");
    CHECK(got.number("created") == 0);
    CHECK(got.number("unchanged") == 2);
    CHECK(village.total() == 1);
  }
  // Another of the code that is there is meant, whatever else had it.
  household(village.node, "", R"({"head":"B","code":"H2"})");
  CHECK(import(village.node, "code,head\nH2,B\n").number("unchanged") == 1);
  CHECK(get(province, "/api/households/" + moved).yes("counted"));
}

TEST_CASE("what several rows say of a household is put together") {
  Village village;
  const std::string list =
      "code,head,address,phone,period,income\nK1,A,Xóm 7,,2023,500000\n"
      "K1,A,,0912000011,2024,600000\nK2,B,Xóm A,,2023,1\nK2,B,Xóm B,,2024,1\n";
  const Got all = import(village.node, list);
  INFO(all.body);
  REQUIRE(all.size("bad") == 1);
  CHECK(all.text("bad.0.name") == "register.duplicate");
  CHECK(all.number("bad.0.row") == 5);
  CHECK(all.text("bad.0.column") == "address");
  CHECK(all.text("bad.0.reason.en").find("K2: address = Xóm A") != std::string::npos);
  CHECK(village.total() == 0);
  CHECK(import(village.node, list, "", "good").number("created") == 5);
  const Got first = get(village.node, "/api/households/code:K1");
  CHECK(first.text("fields.address") == "Xóm 7");
  CHECK(first.text("fields.phone") == "0912000011");
  CHECK(first.size("assessments") == 2);
  const Got second = get(village.node, "/api/households/code:K2");
  CHECK(second.text("fields.address") == "Xóm A");
  CHECK(second.size("assessments") == 1);
  CHECK(import(village.node, list, "", "good").number("changed") == 0);
}
