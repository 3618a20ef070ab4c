#include <catch2/catch.hpp>

#include "tests/unit/shared/merge/real_merge.h"
#include "tests/unit/shared/merge/replica.h"

using namespace lalanh;
using namespace lalanh::test;

namespace {

std::string text_of(const Dot& dot) { return dot.none() ? "scope" : to_text(dot); }

/// The first difference of two views, for people.
std::string difference(const View& a, const View& b) {
  if (a.pending != b.pending) {
    return "pending " + std::to_string(a.pending) + " / " + std::to_string(b.pending);
  }
  if (a.folded != b.folded) return "folded";
  for (const auto& [dot, x] : a.entities) {
    const auto at = b.entities.find(dot);
    if (at == b.entities.end()) return "entity " + text_of(dot) + " missing";
    const EntityView& y = at->second;
    const std::string where = " of " + text_of(dot);
    if (x.live != y.live) return "live writes" + where;
    if (x.standing != y.standing) return "standing" + where;
    if (x.counts != y.counts) return "counts" + where;
    if (x.shown != y.shown) return "shown" + where;
    if (x.conflicts != y.conflicts) return "conflicts" + where;
    if (x.removals != y.removals) return "removals" + where;
    if (x.items != y.items) return "items" + where;
    if (!(x == y)) return "type or parent" + where;
  }
  return a.entities.size() == b.entities.size() ? "" : "entities";
}

/// Some of what is held at the end, with no regard to causes; never less than `before`.
Held some_more(Rng& rng, const Held& before, const Held& all) {
  Held out = before;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (rng.chance(40)) {
      out[i] = std::max(out[i], static_cast<std::uint32_t>(rng.below(all[i] + 1)));
    }
  }
  return out;
}

}  // namespace

TEST_CASE(
    "any order of delivery, any repetition and any split into batches gives one state and one "
    "digest") {
  std::size_t events = 0;
  std::size_t disputed = 0;
  std::size_t conflicts = 0;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed * 7919);
    const HistoryMaker made(seed, 6 + rng.below(30));
    const History& history = made.history();
    const Held all = all_of(history);
    const NaiveModel naive(history, all);
    REQUIRE(naive.view().pending == 0);
    events += naive.view().folded.size();
    for (const auto& [dot, entity] : naive.view().entities) {
      disputed += entity.standing == Standing::kDisputed ? 1 : 0;
      conflicts += entity.conflicts.size();
    }
    RealMerge at_once(history);
    at_once.deliver(all);
    REQUIRE(difference(at_once.view(), naive.view()) == "");
    const Hash digest = at_once.digest();
    for (int run = 0; run < 2; ++run) {
      RealMerge merge(history);
      Held held(all.size(), 0);
      const std::size_t batches = rng.below(8);
      for (std::size_t b = 0; b < batches; ++b) {
        held = some_more(rng, held, all);
        merge.deliver(held);
        if (rng.chance(30)) merge.deliver(held);
      }
      merge.deliver(all);
      merge.deliver(held);
      REQUIRE(difference(merge.view(), naive.view()) == "");
      REQUIRE(merge.digest() == digest);
      REQUIRE(merge.running_digest() == digest);
    }
  }
  // The histories are worth their time: they do have what the properties are about.
  CHECK(events > 30'000);
  CHECK(disputed > 300);
  CHECK(conflicts > 1'000);
}

TEST_CASE(
    "what lacks a cause waits with the rest of its stream, as the naive model says, and nothing is "
    "lost") {
  std::size_t waited = 0;
  for (std::uint64_t seed = 1; seed <= 1'500; ++seed) {
    INFO("seed " << seed);
    Rng rng(seed * 104'729);
    const HistoryMaker made(seed + 1'000'000, 6 + rng.below(30));
    const Held all = all_of(made.history());
    RealMerge merge(made.history());
    Held held(all.size(), 0);
    for (int b = 0; b < 4; ++b) {
      held = some_more(rng, held, all);
      merge.deliver(held);
      const NaiveModel naive(made.history(), held);
      waited += naive.view().pending;
      REQUIRE(difference(merge.view(), naive.view()) == "");
    }
    merge.deliver(all);
    REQUIRE(merge.view().pending == 0);
  }
  CHECK(waited > 1'000);
}
