// Random runs of whole trees under faults, against the second merge (`tests/sim/seeds.h`).
#include "tests/sim/seeds.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/sim/choices.h"

using namespace lalanh;
using namespace lalanh::sim;

namespace {

/// Seeds 1 to 2,000, in eight parts that run beside each other.
constexpr std::uint64_t kOfPart = 250;

void play(std::uint64_t seed) {
  const SeedRun run = play_seed(seed);
  if (!run.broken) return;
  FAIL_CHECK("seed " << seed << " breaks invariant " << run.broken->invariant << ": "
                     << run.broken->what << "; faults: " << to_text(run.faults)
                     << ". Make it small: lalanh-sim shrink " << seed);
}

/// Sanitizers are slow: some of each part.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kPlayed = 25;
#else
constexpr std::uint64_t kPlayed = kOfPart;
#endif

void play_part(std::uint64_t part) {
  const std::uint64_t first = part * kOfPart + 1;
  for (std::uint64_t seed = first; seed < first + kPlayed; ++seed) play(seed);
  SUCCEED();
}

}  // namespace

TEST_CASE("random faults lose nothing and nodes agree: seeds 1 to 250") { play_part(0); }
TEST_CASE("random faults lose nothing and nodes agree: seeds 251 to 500") { play_part(1); }
TEST_CASE("random faults lose nothing and nodes agree: seeds 501 to 750") { play_part(2); }
TEST_CASE("random faults lose nothing and nodes agree: seeds 751 to 1000") { play_part(3); }
TEST_CASE("random faults lose nothing and nodes agree: seeds 1001 to 1250") { play_part(4); }
TEST_CASE("random faults lose nothing and nodes agree: seeds 1251 to 1500") { play_part(5); }
TEST_CASE("random faults lose nothing and nodes agree: seeds 1501 to 1750") { play_part(6); }
TEST_CASE("random faults lose nothing and nodes agree: seeds 1751 to 2000") { play_part(7); }

TEST_CASE("clocks that go otherwise change nothing that is seen") {
  int played = 0;
  for (std::uint64_t seed = 1; played < 8; ++seed) {
    const SeedRun run = play_seed(seed);
    const auto on = [&](Fault fault) {
      return std::find(run.faults.begin(), run.faults.end(), fault) != run.faults.end();
    };
    // Power cuts and failing disks are counted in writes, of which a new epoch makes more.
    const bool told = on(Fault::kClocks) && !on(Fault::kClones) && !on(Fault::kForks) &&
                      !on(Fault::kRestores) && !on(Fault::kPower) && !on(Fault::kDisks) &&
                      !on(Fault::kLinks);
    if (!told) continue;
    ++played;
    INFO("seed " << seed);
    CHECK(replay(seed, run.script, true).ends == run.ends);
  }
}

TEST_CASE("the same seed gives the same trace, another seed another") {
  for (const std::uint64_t seed : {1, 17, 23, 84}) {
    INFO("seed " << seed);
    CHECK(play_seed(seed).trace == play_seed(seed).trace);
    CHECK(!(play_seed(seed).trace == play_seed(seed + 1).trace));
  }
}

TEST_CASE("a seed's own script, played again, comes to the same") {
  const SeedRun run = play_seed(5);
  CHECK(replay(5, run.script).trace == run.trace);
}

TEST_CASE("choices are read from bytes, and go on without them") {
  const Bytes bytes = {7, 1, 2, 128, 127, 5};
  ByteChoices choices(bytes);
  CHECK(choices.below(5) == 2);
  CHECK(choices.below(300) == 258);
  CHECK_FALSE(choices.chance(0.5));
  CHECK(choices.chance(0.5));
  CHECK(choices.between(-3, 3) == 2);
  CHECK(choices.ended());
  ByteChoices none(ByteView{});
  CHECK(none.below(1) == 0);
  CHECK(none.between(4, 4) == 4);
}

TEST_CASE("bytes make a script: the same ones the same run, and none at all one that settles") {
  Bytes bytes(400);
  Rng(3).fill(bytes);
  const SeedRun run = play_bytes(bytes);
  CHECK_FALSE(run.broken.has_value());
  CHECK(run.script.size() > 15);
  CHECK(run.script.back().op == "settle");
  CHECK(play_bytes(bytes).trace == run.trace);
  CHECK(replay(run.seed, run.script).trace == run.trace);
  CHECK(play_bytes({}).script.back().op == "settle");
}
