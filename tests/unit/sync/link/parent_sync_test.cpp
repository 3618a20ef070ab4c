// What ends a sync from outside of it: an exception.
#include "sync/link/parent_sync.h"

#include <new>

#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

TEST_CASE("an exception in a sync is a failure, and the next one may begin") {
  World world;
  Node& node = world.add("xa", "14401", "province");
  bool throws = true;
  sync::ParentSyncOptions options;
  options.stopped = [&]() -> bool {
    if (throws) throw std::bad_alloc();
    return true;
  };
  sync::ParentSync parent(node, options);
  for (int i = 0; i < 2; ++i) {
    const Result<SyncSummary> out = parent.sync_now({});
    REQUIRE_FALSE(out.ok());
    CHECK(out.error().name() == "system.internal");
    CHECK_FALSE(parent.running());
  }
  throws = false;
  CHECK(parent.sync_now({}).error().name() == "system.cancelled");
}
