#include "tools/gen/bench_form.h"

#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tools/gen/village.h"

using namespace lalanh::gen;
using nlohmann::ordered_json;

namespace {

std::vector<ordered_json> lines_of(const std::string& text) {
  std::vector<ordered_json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(ordered_json::parse(line));
  return lines;
}

std::string households(BenchForm& form) {
  const VillageUnit& unit = tree().villages[20];
  std::string text;
  for (const Household& each : make_village(1, unit, plan(1)[20])) {
    text += form.household(unit, each, kLastYear);
  }
  return text;
}

}  // namespace

TEST_CASE("a bench household has the keys of the form in their order and four members") {
  const std::vector<std::string> keys = {"id",
                                         "head",
                                         "birth",
                                         "address",
                                         "village",
                                         "commune",
                                         "district",
                                         "area",
                                         "ethnic",
                                         "income",
                                         "employment",
                                         "dependents",
                                         "nutrition",
                                         "healthInsurance",
                                         "adultEducation",
                                         "schoolAttendance",
                                         "housingQuality",
                                         "housingArea",
                                         "safeWater",
                                         "sanitation",
                                         "telecom",
                                         "infoMeans",
                                         "causes",
                                         "wishes",
                                         "members"};
  for (const BenchLook look : {BenchLook::kExample, BenchLook::kRegister}) {
    BenchForm form(1, look);
    std::set<std::string> ids;
    for (const ordered_json& line : lines_of(households(form))) {
      std::vector<std::string> found;
      for (const auto& item : line.items()) found.push_back(item.key());
      REQUIRE(found == keys);
      REQUIRE(line["members"].size() == kBenchMembers);
      REQUIRE(line["members"][0].size() == 6);
      REQUIRE(ids.insert(line["id"].get<std::string>()).second);
    }
    REQUIRE(ids.size() == form.size());
  }
}

TEST_CASE("updates set one to three fields each to a new value in rising order") {
  BenchForm form(1, BenchLook::kExample);
  std::map<std::string, ordered_json> state;
  for (ordered_json& line : lines_of(households(form))) {
    const auto id = line["id"].get<std::string>();
    state[id] = std::move(line);
  }
  std::array<int, 4> sizes{};
  std::int64_t seq = 0;
  std::int64_t ts = 0;
  std::string text = form.updates(1000);
  text += form.updates(2000);
  for (const ordered_json& line : lines_of(text)) {
    REQUIRE(line["seq"].get<std::int64_t>() == ++seq);
    REQUIRE(line["ts"].get<std::int64_t>() > ts);
    ts = line["ts"].get<std::int64_t>();
    REQUIRE(line["set"].size() >= 1);
    REQUIRE(line["set"].size() <= 3);
    ++sizes[line["set"].size()];
    ordered_json& household = state.at(line["id"].get<std::string>());
    for (const auto& item : line["set"].items()) {
      REQUIRE(household.at(item.key()) != item.value());
      household[item.key()] = item.value();
    }
  }
  REQUIRE(seq == 3000);
  for (const int size : {1, 2, 3}) REQUIRE(sizes[static_cast<std::size_t>(size)] > 900);
}
