// What hangs on a household that a revocation set aside.
#include <set>

#include "shared/api/print.h"
#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// Two laptops of a village and its hall: one entered the household, the other what hangs on it.
struct Village {
  Village() {
    world.add("xa", "14401", "province");
    world.add("mot", "1440101", "xa");
    world.add("hai", "1440101", "xa");
    id = household(world.node("mot"), "", R"({"head":"Bùi An","code":"H1"})");
    sync();
    child = member(hai(), id, R"({"name":"Bùi Thị Ánh","relation":"con"})");
    assessment(hai(), id,
               R"({"period":"2023","area":"R","score_income":100,)"
               R"("score_deprivation":30})");
    sync();
  }
  Node& hai() { return world.node("hai"); }
  Node& xa() { return world.node("xa"); }
  void sync() {
    for (int i = 0; i < 2; ++i) {
      world.sync("mot", "xa");
      world.sync("hai", "xa");
    }
  }
  /// The member's name becomes two, to be settled.
  void dispute() {
    patch(hai(), child, R"({"name":"Bùi Thị Anh"})");
    patch(xa(), child, R"({"name":"Bùi Thị Ân"})");
    sync();
  }
  /// Nothing, or all, of the laptop that entered the household stands.
  void revoke(bool nothing_stands) {
    const std::string number =
        std::to_string(world.node("mot").store().own_certificate().device().device.value);
    const Got got = post(xa(), "/api/devices/" + number + "/revoke",
                         nothing_stands ? R"({"nothing_stands":true,"yes":true,"reason":"Mất"})"
                                        : R"({"yes":true,"reason":"Đã thấy"})");
    INFO(got.body);
    REQUIRE(got.yes("done"));
  }
  std::string figures(Node& node) {
    const Got got = get(node, "/api/report?period=2023");
    std::string out;
    for (const char* name : {"households", "persons", "assessed", "near_poor.households"}) {
      out += std::to_string(got.number("total." + std::string(name))) + " ";
    }
    return out;
  }
  Got enter_all() { return post(xa(), "/api/set-aside/enter", R"({"all":true})"); }
  World world;
  std::string id, child;
};

}  // namespace

TEST_CASE("what is in conflict on a household that is not here any more is listed and settled") {
  Village village;
  village.dispute();
  village.revoke(true);
  const Got inbox = get(village.xa(), "/api/conflicts");
  INFO(inbox.body);
  REQUIRE(inbox.number("total") == 1);
  CHECK(inbox.text("conflicts.0.id") == village.child);
  CHECK(inbox.text("conflicts.0.household") == village.id);
  CHECK(inbox.text("conflicts.0.type") == "member");
  CHECK(inbox.text("conflicts.0.head").empty());
  CHECK(inbox.text("conflicts.0.code").empty());
  CHECK(inbox.size("conflicts.0.fields.0.values") == 2);
  const std::string text = text_of({"conflicts"}, inbox.json(), Language::kVietnamese);
  INFO(text);
  CHECK(text.rfind("≠ hộ không còn ở đây · ", 0) == 0);
  CHECK(post(village.xa(), "/api/entities/" + village.child + "/settle",
             R"({"values":{"name":"Bùi Thị Ân"}})")
            .yes("ok"));
  CHECK(get(village.xa(), "/api/conflicts").number("total") == 0);
}

TEST_CASE("what others hung on a household that is set aside is entered again with it, once") {
  Village village;
  village.dispute();
  const std::string before = village.figures(village.xa());
  CHECK(before == "1 1 1 0 ");
  village.revoke(true);
  CHECK(village.figures(village.xa()) == "0 0 0 0 ");
  const Got aside = get(village.xa(), "/api/set-aside");
  INFO(aside.body);
  CHECK(aside.number("open") == 5);  // the household, a member with two corrections, a result
  for (int i = 0; i < 5; ++i) {
    CHECK(aside.text("events." + std::to_string(i) + ".head") == "Bùi An");
  }
  // On what is nowhere itself nothing is entered.
  for (int i = 0; i < 5; ++i) {
    const std::string at = "events." + std::to_string(i) + ".";
    if (aside.text(at + "type") == "household") continue;
    const Got left =
        post(village.xa(), "/api/set-aside/enter", R"({"ids":[")" + aside.text(at + "id") + "\"]}");
    CHECK(left.number("entered") == 0);
    CHECK(left.text("left.0.name") == "register.not_found");
  }
  const Got done = village.enter_all();
  INFO(done.body);
  CHECK(done.number("entered") == 5);
  CHECK(done.size("left") == 0);
  CHECK(village.figures(village.xa()) == before);
  CHECK(village.enter_all().number("already") == 5);
  village.sync();
  for (Node* node : {&village.xa(), &village.hai()}) {
    CHECK(village.figures(*node) == before);
    const Got shown = get(*node, "/api/households/code:H1");
    CHECK(shown.text("id") != village.id);
    CHECK(shown.size("members.0.conflicts") == 1);
    CHECK(get(*node, "/api/set-aside").number("open") == 0);
    CHECK(node->counters().check().value().empty());
    CHECK(post(*node, "/api/verify").yes("ok"));
  }
  SECTION("where the machine is found, nothing is set aside, and both are there to be told apart") {
    village.revoke(false);
    CHECK(get(village.xa(), "/api/set-aside").number("total") == 0);
    CHECK(village.figures(village.xa()) == "2 2 2 0 ");
    CHECK(village.enter_all().number("entered") == 0);
    CHECK(village.figures(village.xa()) == "2 2 2 0 ");
    std::set<std::string> kinds;
    const Got found = get(village.xa(), "/api/findings");
    for (int i = 0; i < found.number("total"); ++i) {
      kinds.insert(found.text("findings." + std::to_string(i) + ".kind"));
    }
    CHECK(kinds.count("code_twice") == 1);
  }
}
