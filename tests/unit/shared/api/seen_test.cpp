// A form that is open while a sync brings another's work: what its author never saw is not
// replaced.
#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

std::string text_of(const JsonValue& array) {
  std::string out = "[";
  for (const JsonValue& each : *array.array())
    out += (out.size() > 1 ? ",\"" : "\"") + *each.text() + "\"";
  return out + "]";
}

/// A village with two laptops, and a household that both have.
struct Village {
  World world;
  std::string id;
  Village() {
    world.add("one", "1440101", "province");
    world.add("two", "1440101", "province");
    id = household(one(), "1440101", R"({"head":"Đinh Thị A","phone":"0912000011"})");
    both();
  }
  Node& one() { return world.node("one"); }
  Node& two() { return world.node("two"); }
  void both() {
    for (const char* name : {"one", "two", "one"}) world.sync(name, "province");
  }
  std::string seen(Node& node) { return text_of(get(node, "/api/households/" + id).at("seen")); }
  Got correct(const std::string& fields, const std::string& seen) {
    return call(one(), "PATCH", "/api/entities/" + id,
                R"({"fields":)" + fields + R"(,"seen":)" + seen + "}");
  }
  Got act(const std::string& what, const std::string& body) {
    return post(one(), "/api/entities/" + id + "/" + what, body);
  }
  Got shown() { return get(one(), "/api/households/" + id); }
};

}  // namespace

TEST_CASE("a correction replaces what its author saw, and stands beside what came meanwhile") {
  Village v;
  const std::string before = v.seen(v.one());
  CHECK(patch(v.two(), v.id, R"({"phone":"0912000022","address":"Xóm 2"})").status == 200);
  v.both();
  CHECK(v.shown().text("fields.phone") == "0912000022");
  CHECK(v.correct(R"({"phone":"0912000033","address":"Xóm 2"})", before).yes("changed"));
  const Got inbox = get(v.one(), "/api/conflicts");
  REQUIRE(inbox.number("total") == 1);
  CHECK(inbox.size("conflicts.0.fields") == 1);  // the same address is agreement
  CHECK(inbox.size("conflicts.0.fields.0.values") == 2);
  // Who has seen both replaces both.
  CHECK(v.correct(R"({"phone":"0912000044"})", v.seen(v.one())).yes("changed"));
  CHECK(get(v.one(), "/api/conflicts").number("total") == 0);
  v.both();
  CHECK(get(v.two(), "/api/households/" + v.id).text("fields.phone") == "0912000044");
}

TEST_CASE("what the author saw and somebody else has replaced meanwhile stays replaced") {
  Village v;
  const std::string before = v.seen(v.one());
  CHECK(patch(v.two(), v.id, R"({"phone":"0912000022"})").status == 200);
  v.both();
  // A form sends the fields that were changed: this one says so, and its value is no old one.
  CHECK(v.correct(R"({"phone":"0912000011"})", before).yes("changed"));
  const Got inbox = get(v.one(), "/api/conflicts");
  REQUIRE(inbox.number("total") == 1);
  CHECK(inbox.size("conflicts.0.fields.0.values") == 2);
}

TEST_CASE("a removal does not take away what its author did not see") {
  Village v;
  const std::string before = v.seen(v.one());
  CHECK(patch(v.two(), v.id, R"({"phone":"0912000022"})").status == 200);
  v.both();
  CHECK(v.act("remove", R"({"reason":"chuyển đi","seen":)" + before + "}").status == 200);
  CHECK(v.shown().text("presence") == "disputed");
  CHECK(v.act("settle", R"({"removal":"remove","seen":)" + v.seen(v.one()) + "}").status == 200);
  CHECK(v.shown().text("presence") == "removed");
  v.both();
  CHECK(get(v.two(), "/api/households/" + v.id).text("presence") == "removed");
}

TEST_CASE("a correction of what was removed meanwhile is kept, and disputes the removal") {
  Village v;
  const std::string before = v.seen(v.one());
  CHECK(post(v.two(), "/api/entities/" + v.id + "/remove", R"({"reason":"mất"})").status == 200);
  v.both();
  CHECK(v.correct(R"({"phone":"0912000033"})", v.seen(v.one())).error() == "register.removed");
  CHECK(v.correct(R"({"phone":"0912000033"})", before).yes("changed"));
  CHECK(v.shown().text("presence") == "disputed");
  CHECK(v.act("keep", R"({"seen":)" + before + "}").error() == "register.not_removed");
  CHECK(v.act("keep", R"({"seen":)" + v.seen(v.one()) + "}").status == 200);
  CHECK(v.shown().text("presence") == "there");
}

TEST_CASE("a settlement closes the values that were shown, not one that came meanwhile") {
  Village v;
  CHECK(patch(v.one(), v.id, R"({"phone":"0912000021"})").status == 200);
  CHECK(patch(v.two(), v.id, R"({"phone":"0912000022"})").status == 200);
  v.both();
  const std::string before = text_of(get(v.one(), "/api/conflicts").at("conflicts.0.seen"));
  v.world.add("three", "1440101", "province");
  CHECK(patch(v.world.node("three"), v.id, R"({"phone":"0912000023"})").status == 200);
  v.world.sync("three", "province");
  v.both();
  // The third has closed both; what is settled now stands beside it.
  CHECK(get(v.one(), "/api/conflicts").number("total") == 0);
  CHECK(v.correct(R"({"phone":"0912000021"})", before).yes("changed"));
  CHECK(get(v.one(), "/api/conflicts").number("total") == 1);
}

TEST_CASE("what is no event of the entry is not taken as seen") {
  Village v;
  const std::string other = household(v.one(), "1440101", R"({"head":"B"})");
  const std::string foreign = text_of(get(v.one(), "/api/households/" + other).at("seen"));
  CHECK(v.correct(R"({"phone":"0912000033"})", R"(["000000000000000000000000.1"])").error() ==
        "register.not_found");
  CHECK(v.correct(R"({"phone":"0912000033"})", R"(["x"])").error() == "input.wrong_kind");
  CHECK(v.correct(R"({"phone":"0912000033"})", R"("x")").status == 400);
  // One of the same stream that is later than the entry's own says nothing that it could have seen.
  CHECK(v.correct(R"({"phone":"0912000033"})", foreign).error() == "register.not_found");
  CHECK(v.shown().text("fields.phone") == "0912000011");
}
