#include <stdexcept>
#include <thread>

#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

TEST_CASE("work without the lock that throws leaves the lock with its caller") {
  World world;
  Node& node = world.province();
  std::recursive_mutex* mutex = nullptr;
  const auto free_for_others = [&] {
    bool got = false;
    std::thread([&] {
      got = mutex->try_lock();
      if (got) mutex->unlock();
    }).join();
    return got;
  };
  {
    const std::unique_lock<std::recursive_mutex> lock = node.lock();
    mutex = lock.mutex();
    CHECK_THROWS_AS(node.unlocked([] { throw std::runtime_error("no memory"); }),
                    std::runtime_error);
    CHECK_FALSE(free_for_others());
  }
  CHECK(free_for_others());
}
