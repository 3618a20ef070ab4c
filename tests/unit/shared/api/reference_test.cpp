#include "shared/api/reference.h"

#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

TEST_CASE("a hall that writes itself above others' units is above none of them") {
  World world;
  world.add("huyen", "372", "province");
  Node& hall = world.add("xa", "14401", "huyen");
  const UnitNo commune = world.unit_no("14401");
  const Scope reference{commune, Channel::kReference};
  for (const char* code : {"37", "14402", "1440201"}) {
    UnitFact fact = world.province().tree().history(world.unit_no(code)).front();
    fact.valid_from = {2022, 1, 1};
    fact.parent = commune;
    must(write_unit_facts(hall.store(), hall.words(), commune, {fact}, "Xã"));
  }
  for (const char* above : {"huyen", "province"}) {
    Node& node = world.node(above);
    carry(hall.store(), node.store(), reference);
    CHECK(must(node.store().events_in(reference)) == 6);
    CHECK(node.tree().ever_below(commune).size() == 2);
  }
  CHECK(hall.tree().ever_below(commune).size() == 2);
}
