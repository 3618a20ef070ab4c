#include "shared/report/counters.h"

#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// One random act of a person at a node; refusals (of what was removed) are as good as deeds.
class Acts {
 public:
  Acts(Node& node, std::vector<std::string> units, std::uint64_t seed)
      : node_(node), units_(std::move(units)), random_(seed) {}

  void one() {
    const std::uint64_t act = households_.empty() ? 0 : random_.below(8);
    if (act <= 1) {
      households_.push_back(
          household(node_, units_[random_.below(units_.size())], R"({"head":"A"})"));
    } else if (act == 2) {
      keep(create("members", R"({"name":"B","relation":"con"})"));
    } else if (act == 3 || act == 4) {
      keep(
          create("assessments", R"({"period":")" + period() + R"(","area":"R",)" + points() + "}"));
    } else if (act == 5 && !children_.empty()) {
      patch(node_, some(children_), "{" + points() + "}");
    } else if (act == 6) {
      post(node_,
           "/api/entities/" +
               some(random_.below(2) == 0 || children_.empty() ? households_ : children_) +
               "/remove",
           R"({"reason":"Thử"})");
    } else {
      post(node_, "/api/entities/" +
                      some(random_.below(2) == 0 || children_.empty() ? households_ : children_) +
                      "/keep");
    }
  }

 private:
  Got create(const char* what, const std::string& fields) {
    return post(node_, "/api/households/" + some(households_) + "/" + what,
                "{\"fields\":" + fields + "}");
  }
  void keep(const Got& got) {
    if (got.status == 200) children_.push_back(got.text("id"));
  }
  std::string period() { return random_.below(2) == 0 ? "2022" : "2023"; }
  std::string points() {
    return "\"score_income\":" + std::to_string(100 + 10 * random_.below(8)) +
           ",\"score_deprivation\":" + std::to_string(10 * random_.below(6));
  }
  const std::string& some(const std::vector<std::string>& from) {
    return from[random_.below(from.size())];
  }
  Node& node_;
  std::vector<std::string> units_;
  SeededRandom random_;
  std::vector<std::string> households_, children_;
};

}  // namespace

TEST_CASE("counters equal their recomputation after random acts, and after reopening") {
  World world;
  Acts acts(world.province(), {"1440101", "1440102", "1440201"}, 11);
  for (int i = 0; i < 300; ++i) {
    acts.one();
    if (i % 25 == 0) CHECK(world.province().counters().check().value().empty());
  }
  CHECK(world.province().counters().check().value().empty());
  const std::string before = get(world.province(), "/api/report").body;
  CHECK(get(world.province(), "/api/report").number("total.households") > 10);
  world.close("province");
  CHECK(get(world.province(), "/api/report").body == before);
  CHECK(post(world.province(), "/api/verify").yes("ok"));
}

TEST_CASE("counters of two nodes that work apart agree after both evenings") {
  World world;
  world.add("xa", "14401", "province");
  world.add("mot", "1440101", "xa");
  Acts village(world.node("mot"), {"1440101"}, 5);
  Acts hall(world.node("xa"), {"1440101"}, 6);
  for (int night = 0; night < 4; ++night) {
    for (int i = 0; i < 30; ++i) {
      village.one();
      hall.one();
    }
    world.sync("mot", "xa");
    const std::string unit = "/api/report?unit=1440101";
    CHECK(get(world.node("mot"), unit).body == get(world.node("xa"), unit).body);
    CHECK(world.node("mot").counters().check().value().empty());
    CHECK(world.node("xa").counters().check().value().empty());
  }
}

TEST_CASE("projections of another version are rebuilt when the node is opened") {
  World world;
  Acts acts(world.province(), {"1440101", "1440102"}, 3);
  for (int i = 0; i < 80; ++i) acts.one();
  const std::string report = get(world.province(), "/api/report").body;
  const std::string list = get(world.province(), "/api/households").body;
  Database& db = *world.province().store().core().db;
  must(
      db.execute("UPDATE counter SET households=households+5; DELETE FROM household;"
                 " DELETE FROM assessment;"));
  CHECK_FALSE(world.province().counters().check().value().empty());
  must(db.execute("UPDATE meta SET value='old' WHERE key='projection:register'"));
  world.close("province");
  CHECK(get(world.province(), "/api/report").body == report);
  CHECK(get(world.province(), "/api/households").body == list);
  CHECK(world.province().counters().check().value().empty());
}
