#include <set>

#include "shared/register/continuations.h"
#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

constexpr const char* kHead = R"({"head":"Bùi Văn Quyết","code":"H1","citizen_id":"001090000001"})";

/// Two villages and their commune's hall; a household of the first, with a member and a result.
struct Commune {
  Commune() {
    world.add("mot", "1440101", "province");
    world.add("hai", "1440102", "province");
    world.add("xa", "14401", "province");
    id = household(mot(), "", kHead);
    member(mot(), id, R"({"name":"Bùi Thị Ánh","relation":"con"})");
    assessment(
        mot(), id,
        R"({"period":"2024","area":"R","score_income":140,"score_deprivation":20,"farm_work":true,)"
        R"("causes":["no_land"]})");
    sync_all();
  }
  Node& mot() { return world.node("mot"); }
  Node& hai() { return world.node("hai"); }
  Node& xa() { return world.node("xa"); }
  /// An evening: what the villages wrote goes up, and what concerns them comes down.
  void sync_all() {
    for (int i = 0; i < 2; ++i) {
      world.sync("mot", "xa");
      world.sync("hai", "xa");
    }
  }
  Got move(const std::string& what, const std::string& unit) {
    return post(xa(), "/api/households/" + what + "/move", R"({"unit":")" + unit + R"("})");
  }
  World world;
  std::string id;
};

}  // namespace

TEST_CASE("a household that is moved is whole in its new village, and counts once everywhere") {
  Commune commune;
  const std::string moved = made(commune.move(commune.id, "1440102"));
  CHECK(get(commune.xa(), "/api/households").number("total") == 1);
  commune.sync_all();

  const Got there = get(commune.hai(), "/api/households/" + moved);
  INFO(there.body);
  CHECK(there.text("fields.head") == "Bùi Văn Quyết");
  CHECK(there.text("fields.citizen_id") == "001090000001");
  CHECK(there.text("members.0.fields.name") == "Bùi Thị Ánh");
  CHECK(there.text("assessments.0.class") == "near_poor");
  CHECK(there.text("assessments.0.fields.causes.0") == "no_land");
  CHECK(there.yes("counted"));
  CHECK(there.text("moved_from.id") == commune.id);
  CHECK(there.text("moved_from.unit_name") == "Thôn Một");

  CHECK(get(commune.mot(), "/api/households").number("total") == 0);
  CHECK(get(commune.hai(), "/api/households").number("total") == 1);
  CHECK(get(commune.xa(), "/api/households").number("total") == 1);
  const Got old = get(commune.xa(), "/api/households/" + commune.id);
  CHECK(old.text("presence") == "removed");
  CHECK(old.text("removals.0.reason") == "moved");
  CHECK(old.text("moved_to.0.id") == moved);
  CHECK(get(commune.xa(), "/api/findings").number("total") == 0);
  CHECK(get(commune.xa(), "/api/households?removed=1&unit=1440101").yes("households.0.moved"));
}

TEST_CASE("a move names the old household by its event's hash, sealed or not") {
  Commune commune;
  const std::string fresh = household(commune.xa(), "1440101", R"({"head":"Lê Tám"})");
  for (const std::string& id : {commune.id, fresh}) {
    const EntityId moved =
        must(Call(commune.xa(), ApiRequest(), {}).entity(made(commune.move(id, "1440102"))));
    const EntityState state = *must(commune.xa().store().entity(moved.scope, moved.create));
    const Word continues = commune.xa().words().field(kContinues);
    const Link link = continued_link(state, continues)->as_link();
    StoreCore& core = commune.xa().store().core();
    must(commune.xa().store().seal());
    const ScopeStreams& scope = *must(core.scope(link.scope));
    const StreamRow& row = *scope.find(link.dot.writer);
    const Hash hash = must(core.log.hash_at(scope, row, link.dot.counter));
    CHECK(std::equal(link.hash.begin(), link.hash.end(), hash.begin()));
  }
}

TEST_CASE("the new household counts instead of the old one, whichever of the two events comes") {
  Commune commune;
  // The hall alone knows of the move; its parent hears of the new household first.
  made(commune.move(commune.id, "1440102"));
  const Scope old_scope = must(Call(commune.xa(), ApiRequest(), {}).entity(commune.id)).scope;
  Node& province = commune.world.province();
  const Scope new_scope{commune.world.unit_no("1440102"), Channel::kRecords};
  carry(commune.mot().store(), province.store(), old_scope);
  CHECK(get(province, "/api/households").number("total") == 1);
  carry(commune.xa().store(), province.store(), new_scope);
  CHECK(get(province, "/api/households").number("total") == 1);
  CHECK(get(province, "/api/findings").number("total") == 0);
  CHECK(get(province, "/api/report?period=2024").number("total.households") ==
        get(commune.xa(), "/api/report?period=2024").number("total.households"));
  carry(commune.xa().store(), province.store(), old_scope);
  CHECK(get(province, "/api/households").number("total") == 1);
}

TEST_CASE("what the old village edits after the move is in the inbox, counts for nothing") {
  Commune commune;
  const std::string moved = made(commune.move(commune.id, "1440102"));
  patch(commune.mot(), commune.id, R"({"address":"Xóm 9"})");
  member(commune.mot(), commune.id, R"({"name":"Bùi Văn Mới","relation":"con"})");
  commune.sync_all();
  for (Node* node : {&commune.xa()}) {
    CHECK(get(*node, "/api/conflicts").number("total") == 1);
    CHECK(get(*node, "/api/conflicts").yes("conflicts.0.disputed"));
    CHECK(get(*node, "/api/households").number("total") == 1);
    CHECK(get(*node, "/api/findings").text("findings.0.kind") == "moved_late");
  }
  const Got old = get(commune.xa(), "/api/households/" + commune.id);
  CHECK(old.text("fields.address") == "Xóm 9");
  REQUIRE(old.size("members") == 2);
  CHECK_FALSE(old.yes("counted"));
  for (int i = 0; i < 2; ++i) {
    const std::string at = "members." + std::to_string(i) + ".";
    if (old.text(at + "presence") == "removed") continue;
    CHECK(post(commune.xa(), "/api/entities/" + old.text(at + "id") + "/remove",
               R"({"reason":"Đã chuyển"})")
              .yes("ok"));
  }
  CHECK(get(commune.xa(), "/api/findings").number("total") == 0);
  // The hall enters it on the new one, and takes the old one out again.
  patch(commune.xa(), moved, R"({"address":"Xóm 9"})");
  CHECK(post(commune.xa(), "/api/entities/" + commune.id + "/settle", R"({"removal":"remove"})")
            .yes("ok"));
  commune.sync_all();
  CHECK(get(commune.mot(), "/api/conflicts").number("total") == 0);
  CHECK(get(commune.hai(), "/api/households/" + moved).text("fields.address") == "Xóm 9");
}

TEST_CASE("an edit of a member of a household that had moved is in the inbox") {
  Commune commune;
  made(commune.move(commune.id, "1440102"));
  const std::string child =
      get(commune.mot(), "/api/households/" + commune.id).text("members.0.id");
  patch(commune.mot(), child, R"({"name":"Bùi Thị Ân"})");
  commune.sync_all();
  CHECK(get(commune.xa(), "/api/conflicts").text("conflicts.0.id") == child);
  CHECK(get(commune.xa(), "/api/conflicts").yes("conflicts.0.disputed"));
  CHECK(post(commune.xa(), "/api/entities/" + child + "/settle", R"({"removal":"remove"})")
            .yes("ok"));
  CHECK(get(commune.xa(), "/api/conflicts").number("total") == 0);
}

TEST_CASE("moved back it is a third household, and the first still counts for nothing") {
  Commune commune;
  const std::string second = made(commune.move(commune.id, "1440102"));
  patch(commune.mot(), commune.id, R"({"address":"Xóm 9"})");
  commune.sync_all();
  const std::string third = made(commune.move(second, "1440101"));
  CHECK(third != commune.id);
  CHECK(get(commune.xa(), "/api/households").number("total") == 1);
  CHECK(get(commune.xa(), "/api/households").text("households.0.id") == third);
  CHECK(get(commune.xa(), "/api/households/" + commune.id).text("moved_to.0.id") == third);
  CHECK(get(commune.xa(), "/api/findings").number("total") == 0);
  // The first cannot be kept, for it is continued, over the second that is not there any more.
  const std::string keep = "/api/entities/" + commune.id + "/keep";
  CHECK(post(commune.xa(), keep).error() == "register.moved");
  // The third is taken out: nobody continues the first any more.
  post(commune.xa(), "/api/entities/" + third + "/remove", R"({"reason":"Nhầm"})");
  CHECK(post(commune.xa(), keep).yes("ok"));
  CHECK(get(commune.xa(), "/api/households/" + commune.id).text("presence") == "there");
  CHECK(get(commune.xa(), "/api/households").text("households.0.id") == commune.id);
  CHECK(get(commune.xa(), "/api/households/" + commune.id).yes("counted"));
  CHECK(get(commune.xa(), "/api/households").number("households.0.members") == 1);
}

TEST_CASE("a move that is undone brings back what the household had, as the figures were") {
  Commune commune;
  const std::string report = "/api/report?period=2024";
  const std::string dead = member(commune.mot(), commune.id, R"({"name":"Bùi Văn Cũ"})");
  CHECK(post(commune.mot(), "/api/entities/" + dead + "/remove", R"({"reason":"mất"})").yes("ok"));
  commune.sync_all();
  const auto figures = [&](Node& node) {
    std::string out;
    for (const char* name : {"households", "persons", "assessed", "near_poor.households"}) {
      out += std::to_string(get(node, report).number("total." + std::string(name))) + " ";
    }
    return out;
  };
  const std::string before = figures(commune.xa());
  CHECK(before == "1 1 1 1 ");
  const std::string moved = made(commune.move(commune.id, "1440102"));
  std::string undo = "/keep", body;
  SECTION("nobody edited the old one meanwhile") {}
  SECTION("somebody did, it and a member of it") {
    const std::string child =
        get(commune.mot(), "/api/households/" + commune.id).text("members.0.id");
    patch(commune.mot(), commune.id, R"({"address":"Xóm 9"})");
    patch(commune.mot(), child, R"({"job":"làm ruộng"})");
    commune.sync_all();
    undo = "/settle";
    body = R"({"removal":"keep"})";
  }
  post(commune.xa(), "/api/entities/" + moved + "/remove", R"({"reason":"Nhầm"})");
  const Got done = post(commune.xa(), "/api/entities/" + commune.id + undo, body);
  INFO(done.body);
  CHECK(done.yes("ok"));
  commune.sync_all();
  for (Node* node : {&commune.xa(), &commune.mot()}) {
    CHECK(figures(*node) == before);
    CHECK(get(*node, "/api/conflicts").number("total") == 0);
    CHECK(get(*node, "/api/findings").number("total") == 0);
    CHECK(node->counters().check().value().empty());
    CHECK(post(*node, "/api/verify").yes("ok"));
    const Got shown = get(*node, "/api/households/" + commune.id);
    CHECK(shown.text("assessments.0.class") == "near_poor");
    CHECK(shown.text("assessments.0.presence") == "there");
  }
}

TEST_CASE("a household is not moved by who has not seen all of it") {
  Commune commune;
  const auto move = [&](const std::string& seen) {
    return post(commune.xa(), "/api/households/" + commune.id + "/move",
                R"({"unit":"1440102","seen":[")" + seen + "\"]}");
  };
  const auto seen = [&] {
    const Got got = get(commune.xa(), "/api/households/" + commune.id);
    REQUIRE(got.size("seen") == 1);
    return got.text("seen.0");
  };
  const std::string before = seen();
  patch(commune.mot(), commune.id, R"({"head":"Bùi Văn Quyến","code":"H1x"})");
  commune.sync_all();
  CHECK(move(before).error() == "register.changed");
  CHECK(get(commune.xa(), "/api/households").number("total") == 1);
  SECTION("who looks again moves all of it") {
    const Got there = get(commune.xa(), "/api/households/" + made(move(seen())));
    CHECK(there.text("fields.head") == "Bùi Văn Quyến");
    CHECK(there.text("fields.code") == "H1x");
  }
  SECTION("or is told that it is gone") {
    post(commune.mot(), "/api/entities/" + commune.id + "/remove", R"({"reason":"mất"})");
    commune.sync_all();
    CHECK(move(before).error() == "register.removed");
  }
}

TEST_CASE("a household moved by two halls at once is a finding, and each shows the other") {
  Commune commune;
  commune.world.add("xa2", "14401", "province");
  commune.world.sync("xa", "province");
  commune.world.sync("xa2", "province");
  const std::string one = made(commune.move(commune.id, "1440102"));
  const std::string two =
      made(post(commune.world.node("xa2"), "/api/households/" + commune.id + "/move",
                R"({"unit":"1440102"})"));
  commune.world.sync("xa2", "province");
  commune.world.sync("xa", "province");
  const Got found = get(commune.xa(), "/api/findings");
  INFO(found.body);
  std::set<std::string> named;
  for (int i = 0; i < found.number("total"); ++i) {
    const std::string at = "findings." + std::to_string(i) + ".";
    if (found.text(at + "kind") != "moved_twice") continue;
    CHECK(found.text(at + "detail") == commune.id);
    named.insert(found.text(at + "household"));
  }
  CHECK(named == std::set<std::string>{one, two});
  CHECK(get(commune.xa(), "/api/households/" + commune.id).size("moved_to") == 2);
  post(commune.xa(), "/api/entities/" + two + "/remove", R"({"reason":"Trùng"})");
  CHECK(get(commune.xa(), "/api/findings").number("total") == 0);
}

TEST_CASE("only what is whole, settled and of two units below is moved") {
  Commune commune;
  const auto move = [&](Node& node, const std::string& what, const std::string& unit) {
    return post(node, "/api/households/" + what + "/move", R"({"unit":")" + unit + R"("})").error();
  };
  CHECK(move(commune.xa(), commune.id, "1440101") == "input.nothing_to_do");
  CHECK(move(commune.xa(), commune.id, "14401") == "register.not_a_village");
  CHECK(move(commune.xa(), commune.id, "9999") == "register.unknown_unit");
  CHECK(post(commune.xa(), "/api/households/" + commune.id + "/move", "{}").error() ==
        "input.missing");
  CHECK(move(commune.xa(), commune.id, "1440201") == "trust.not_allowed");
  CHECK(move(commune.mot(), commune.id, "1440102") == "trust.not_allowed");
  const std::string child = get(commune.xa(), "/api/households/" + commune.id).text("members.0.id");
  CHECK(move(commune.xa(), child, "1440102") == "register.not_found");
  household(commune.xa(), "1440102", R"({"head":"Ai đó","code":"H1"})");
  CHECK(move(commune.xa(), commune.id, "1440102") == "register.duplicate");
  patch(commune.mot(), child, R"({"name":"Bùi Thị Anh"})");
  patch(commune.xa(), child, R"({"name":"Bùi Thị Ân"})");
  patch(commune.xa(), commune.id, R"({"code":"H2"})");
  commune.sync_all();
  CHECK(move(commune.xa(), commune.id, "1440102") == "register.unsettled");
  post(commune.xa(), "/api/entities/" + child + "/settle", R"({"values":{"name":"Bùi Thị Ân"}})");
  CHECK(move(commune.xa(), commune.id, "1440102").empty());
  CHECK(move(commune.xa(), commune.id, "1440102") == "register.moved");

  // Nor is it, or what belongs to it, changed where it was: its old village is told that it moved.
  commune.sync_all();
  CHECK(patch(commune.mot(), commune.id, R"({"code":"H3"})").error() == "register.moved");
  CHECK(patch(commune.mot(), child, R"({"name":"Bùi Thị Anh"})").error() == "register.moved");
  CHECK(post(commune.mot(), "/api/households/" + commune.id + "/members",
             R"({"fields":{"name":"Bùi Văn Em"}})")
            .error() == "register.moved");
}

TEST_CASE("who still edits a household that had moved cannot keep it: nobody else would count it") {
  Commune commune;
  made(commune.move(commune.id, "1440102"));
  const std::string address = "/api/households/" + commune.id;
  member(commune.mot(), commune.id, R"({"name":"Bùi Văn Em"})");
  patch(commune.mot(), commune.id, R"({"address":"Xóm 9"})");
  commune.sync_all();
  const std::string child = get(commune.mot(), address).text("members.0.id");
  for (Node* node : {&commune.mot(), &commune.xa()}) {
    CHECK(get(*node, address).text("presence") == "disputed");
    CHECK(post(*node, "/api/entities/" + commune.id + "/settle", R"({"removal":"keep"})").error() ==
          "register.moved");
    CHECK(post(*node, "/api/entities/" + commune.id + "/keep").error() == "register.moved");
    CHECK(post(*node, "/api/entities/" + child + "/keep").error() == "register.moved");
  }
  CHECK(post(commune.mot(), "/api/entities/" + commune.id + "/settle", R"({"removal":"remove"})")
            .yes("ok"));
  commune.sync_all();
  // Members that were added are still named, and nothing of it counts in the village either.
  CHECK(get(commune.xa(), "/api/conflicts").number("total") == 0);
  CHECK(get(commune.xa(), "/api/findings").text("findings.0.kind") == "moved_late");
  CHECK(get(commune.mot(), "/api/households").number("total") == 0);
}

TEST_CASE("a village cannot take another's household out of the figures") {
  Commune commune;
  // A program of the second village that names a household of the first.
  const EntityId named = must(Call(commune.mot(), ApiRequest(), {}).entity(commune.id));
  Event event;
  event.actor = "Kẻ xấu";
  event.verb = "move";
  Op create;
  create.kind = OpKind::kCreate;
  create.name = "household";
  Op set;
  set.kind = OpKind::kSet;
  set.name = "continues";
  set.value = Value::link({named.scope, named.create, {}});
  event.ops = {create, set};
  Store& store = commune.hai().store();
  WriteBatch batch = must(store.begin_write());
  must(batch.add({commune.world.unit_no("1440102"), Channel::kRecords}, event));
  must(batch.commit());
  commune.sync_all();
  CHECK(get(commune.xa(), "/api/households").number("total") == 2);
  CHECK(get(commune.xa(), "/api/households/" + commune.id).yes("counted"));
  CHECK(get(commune.xa(), "/api/households/" + commune.id).size("moved_to") == 0);
  // Opened anew it is the same: what the tree does not cover is asked about and stays as it is.
  CHECK(get(commune.xa(), "/api/findings").number("total") == 0);
}
