// What hangs on a household that a revocation set aside.
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
  CHECK(post(village.xa(), "/api/entities/" + village.child + "/settle",
             R"({"values":{"name":"Bùi Thị Ân"}})")
            .yes("ok"));
  CHECK(get(village.xa(), "/api/conflicts").number("total") == 0);
}
