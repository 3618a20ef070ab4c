#include "shared/units/unit_tree.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace lalanh {
namespace {

constexpr UnitNo kProvince(3'700'001);
constexpr UnitNo kHamNam(3'500'001);
constexpr UnitNo kDistrict(3'700'002);
constexpr UnitNo kCity(3'700'003);
constexpr UnitNo kCommune(3'700'004);
constexpr UnitNo kTown(3'700'005);
constexpr UnitNo kVillage(3'700'006);
constexpr UnitNo kNewCommune(3'700'007);
constexpr UnitNo kUnknown(9'900'001);

const Date kOld{2021, 1, 1};
const Date kMiddle{2025, 1, 1};
const Date kNew{2025, 7, 1};

UnitFact fact(UnitNo unit, Date from, const char* code, const char* name, UnitLevel level,
              const char* kind, UnitNo parent) {
  return {unit, from, std::nullopt, code, name, level, kind, parent};
}

/// A province with a district that ends in June 2025, and a commune that is merged into another
/// which takes over its code.
std::vector<UnitFact> sample() {
  std::vector<UnitFact> facts = {
      fact(kProvince, kOld, "37", "Tỉnh Ninh Bình", UnitLevel::kProvince, "province", UnitNo()),
      fact(kHamNam, kOld, "35", "Tỉnh Hà Nam", UnitLevel::kProvince, "province", UnitNo()),
      fact(kHamNam, kNew, "35", "Hà Nam (cũ)", UnitLevel::kProvince, "province", kProvince),
      fact(kDistrict, kOld, "372", "Huyện Nho Quan", UnitLevel::kDistrict, "district", kProvince),
      fact(kCity, kOld, "369", "Thành phố Ninh Bình", UnitLevel::kDistrict, "city", kProvince),
      fact(kCommune, kOld, "14428", "Xã Văn Phong", UnitLevel::kCommune, "commune", kDistrict),
      fact(kTown, kOld, "14401", "Thị trấn Nho Quan", UnitLevel::kCommune, "town", kDistrict),
      fact(kTown, kMiddle, "14428", "Thị trấn Nho Quan", UnitLevel::kCommune, "town", kDistrict),
      fact(kVillage, kOld, "v1", "Thôn 1", UnitLevel::kVillage, "village", kCommune),
      fact(kNewCommune, kNew, "14401", "Xã Nho Quan", UnitLevel::kCommune, "commune", kProvince),
      fact(kCommune, kNew, "14428", "Xã Văn Phong (cũ)", UnitLevel::kCommune, "commune",
           kNewCommune),
  };
  facts[3].valid_to = Date{2025, 6, 30};
  facts[5].valid_to = Date{2024, 12, 31};
  return facts;
}

UnitTree tree_of(const std::vector<UnitFact>& facts) {
  UnitTree tree;
  tree.reset(facts);
  return tree;
}

TEST_CASE("A unit has the name, code, kind and parent of the day") {
  const UnitTree tree = tree_of(sample());
  CHECK(tree.at(kTown, {2024, 12, 31})->code == "14401");
  CHECK(tree.at(kTown, {2025, 1, 1})->code == "14428");
  CHECK(tree.at(kHamNam, {2025, 6, 30})->parent == UnitNo());
  CHECK(tree.at(kHamNam, {2025, 7, 1})->parent == kProvince);
  CHECK(tree.at(kDistrict, {2025, 6, 30}) != nullptr);
  CHECK(tree.at(kDistrict, {2025, 7, 1}) == nullptr);
  CHECK(tree.at(kProvince, {2020, 12, 31}) == nullptr);
  CHECK(tree.at(kUnknown, kNew) == nullptr);
  CHECK(tree.nearest(kDistrict, {2030, 1, 1})->name == "Huyện Nho Quan");
  CHECK(tree.nearest(kProvince, {1990, 1, 1})->code == "37");
  CHECK(tree.nearest(kUnknown, kNew) == nullptr);
  CHECK(tree.history(kTown).size() == 2);
  CHECK(tree.knows(kVillage));
  CHECK_FALSE(tree.knows(kUnknown));
  CHECK(tree.units().size() == 8);
  CHECK(tree.rank(kVillage, kNew) == Rank(1));
  CHECK(tree.rank(kCommune, kNew) == Rank(2));
  CHECK(tree.rank(kDistrict, kNew) == Rank(3));
  CHECK(tree.rank(kProvince, kNew) == Rank(4));
  CHECK(tree.rank(kUnknown, kNew) == Rank(0));
}

TEST_CASE("A code names the unit that carries it that day") {
  const UnitTree tree = tree_of(sample());
  CHECK(tree.find_by_code("14428", {2024, 6, 1}) == std::vector<UnitNo>{kCommune});
  CHECK(tree.find_by_code("14428", {2025, 2, 1}) == std::vector<UnitNo>{kTown});
  CHECK(tree.find_by_code("14401", {2024, 6, 1}) == std::vector<UnitNo>{kTown});
  CHECK(tree.find_by_code("nothing", kNew).empty());
}

TEST_CASE("The tree has the children, ancestors and depth of the day") {
  const UnitTree tree = tree_of(sample());
  CHECK(tree.children(kProvince, kOld) == std::vector<UnitNo>{kCity, kDistrict});
  CHECK(tree.children(kDistrict, kOld) == std::vector<UnitNo>{kTown, kCommune});
  CHECK(tree.ancestors(kVillage, kOld) == std::vector<UnitNo>{kCommune, kDistrict, kProvince});
  CHECK(tree.ancestors(kVillage, kNew) == std::vector<UnitNo>{kCommune, kNewCommune, kProvince});
  CHECK(tree.below(kProvince, kOld) ==
        std::vector<UnitNo>{kCity, kDistrict, kTown, kCommune, kVillage});
  CHECK(tree.roots(kOld) == std::vector<UnitNo>{kHamNam, kProvince});
  CHECK(tree.roots(kNew) == std::vector<UnitNo>{kProvince});
  CHECK(tree.children(kUnknown, kNew).empty());
}

TEST_CASE("Who was ever above a unit stays above it") {
  const UnitTree tree = tree_of(sample());
  CHECK(tree.is_or_ever_was_below(kVillage, kVillage));
  CHECK(tree.is_or_ever_was_below(kUnknown, kUnknown));
  for (const UnitNo above : {kCommune, kDistrict, kNewCommune, kProvince}) {
    CHECK(tree.is_or_ever_was_below(kVillage, above));
    CHECK_FALSE(tree.is_or_ever_was_below(above, kVillage));
  }
  CHECK_FALSE(tree.is_or_ever_was_below(kVillage, kHamNam));
  CHECK(tree.is_or_ever_was_below(kHamNam, kProvince));
  CHECK_FALSE(tree.is_or_ever_was_below(kUnknown, kProvince));
  CHECK_FALSE(tree.is_or_ever_was_below(kVillage, kUnknown));
  CHECK(tree.ever_below(kDistrict) == std::vector<UnitNo>{kCommune, kTown, kVillage});
  CHECK(tree.ever_above(kCommune) == std::vector<UnitNo>{kProvince, kDistrict, kNewCommune});
}

TEST_CASE("The same facts give the same tree in any order, in any parts, however often") {
  const std::vector<UnitFact> facts = sample();
  const UnitTree whole = tree_of(facts);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::vector<UnitFact> shuffled = facts;
    shuffled.insert(shuffled.end(), facts.begin(), facts.begin() + 4);
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    UnitTree tree;
    for (const UnitFact& one : shuffled) tree.add(std::span<const UnitFact>(&one, 1));
    CHECK(to_hex(tree.canonical_bytes()) == to_hex(whole.canonical_bytes()));
    CHECK(tree.below(kProvince, kNew) == whole.below(kProvince, kNew));
    CHECK(tree.ever_below(kProvince) == whole.ever_below(kProvince));
  }
  std::vector<UnitFact> other = facts;
  other[0].name = "Ninh Bình";
  CHECK(to_hex(tree_of(other).canonical_bytes()) != to_hex(whole.canonical_bytes()));
}

TEST_CASE("More facts take no unit from below another") {
  std::vector<UnitFact> facts = sample();
  const UnitTree before = tree_of(facts);
  for (UnitFact& one : facts) one.valid_to = one.valid_from;
  facts.push_back(fact(kVillage, kOld, "v1", "Thôn 1", UnitLevel::kVillage, "village", kCity));
  const UnitTree after = tree_of(facts);
  for (const UnitNo unit : before.units()) {
    for (const UnitNo above : before.ever_above(unit)) {
      CHECK(after.is_or_ever_was_below(unit, above));
    }
  }
}

TEST_CASE("Two facts that begin on one day give the same answer everywhere") {
  const UnitFact a = fact(kCity, kOld, "1", "A", UnitLevel::kDistrict, "city", kProvince);
  const UnitFact b = fact(kCity, kOld, "1", "B", UnitLevel::kDistrict, "city", kProvince);
  CHECK(tree_of({a, b}).at(kCity, kNew)->name == "B");
  CHECK(tree_of({b, a}).at(kCity, kNew)->name == "B");
}

TEST_CASE("Cycles and strangers among the facts are borne") {
  const UnitTree tree = tree_of({
      fact(UnitNo(1), kOld, "a", "A", UnitLevel::kVillage, "village", UnitNo(2)),
      fact(UnitNo(2), kOld, "b", "B", UnitLevel::kVillage, "village", UnitNo(3)),
      fact(UnitNo(3), kOld, "c", "C", UnitLevel::kVillage, "village", UnitNo(1)),
      fact(UnitNo(4), kOld, "d", "D", UnitLevel::kVillage, "village", UnitNo(4)),
      fact(UnitNo(5), kOld, "e", "E", UnitLevel::kVillage, "village", UnitNo(77)),
      fact(UnitNo(), kOld, "none", "None", UnitLevel::kVillage, "village", UnitNo(1)),
  });
  CHECK(tree.ancestors(UnitNo(1), kNew) == std::vector<UnitNo>{UnitNo(2), UnitNo(3)});
  CHECK(tree.ancestors(UnitNo(4), kNew).empty());
  CHECK(tree.below(UnitNo(1), kNew) == std::vector<UnitNo>{UnitNo(3), UnitNo(2)});
  CHECK(tree.is_or_ever_was_below(UnitNo(1), UnitNo(3)));
  CHECK(tree.is_or_ever_was_below(UnitNo(5), UnitNo(77)));
  CHECK_FALSE(tree.knows(UnitNo(77)));
  CHECK(tree.ever_above(UnitNo(1)) == std::vector<UnitNo>{UnitNo(2), UnitNo(3)});
  CHECK(tree.facts().size() == 5);
}

TEST_CASE("A long chain of foreign facts costs bounded work") {
  std::vector<UnitFact> facts;
  for (std::uint32_t i = 1; i <= 5'000; ++i) {
    facts.push_back(fact(UnitNo(i), kOld, "x", "X", UnitLevel::kVillage, "village", UnitNo(i + 1)));
  }
  const UnitTree tree = tree_of(facts);
  CHECK(tree.is_or_ever_was_below(UnitNo(1), UnitNo(200)));
  CHECK_FALSE(tree.is_or_ever_was_below(UnitNo(1), UnitNo(4'000)));
  CHECK(tree.ancestors(UnitNo(1), kNew).size() == 5'000);
}

TEST_CASE("Wards and towns are urban") {
  CHECK(is_urban_kind("ward"));
  CHECK(is_urban_kind("town"));
  CHECK_FALSE(is_urban_kind("commune"));
  UnitLevel level = UnitLevel::kVillage;
  CHECK(level_from_text("district", level));
  CHECK(level == UnitLevel::kDistrict);
  CHECK_FALSE(level_from_text("city", level));
}

}  // namespace
}  // namespace lalanh
