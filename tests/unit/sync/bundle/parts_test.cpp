#include "tests/unit/sync/bundle/world.h"

namespace lalanh::test {
namespace {

/// A village with a good deal to send: some 300 KiB that do not shrink.
void fill(Commune& c) {
  for (int i = 0; i < 90; ++i) {
    std::string noise;
    for (int j = 0; j < 400; ++j) noise += std::to_string(c.tree.random.next());
    household(c.village.store(), kVillage, noise.substr(0, 7'000));
    if (i % 5 == 0) c.village.reopen();
  }
}

const sync::BundleRequest kSmall{Direction::kUp, {}, limits::kBundlePartBytesMin};

TEST_CASE("An export in parts: each is whole in itself, and any order of them gives the same") {
  Commune c;
  fill(c);
  const auto parts = must(c.village.write(kSmall));
  REQUIRE(parts.size() >= 2);
  for (std::size_t i = parts.size(); i > 0; --i) {
    const auto taken = must(c.hall.read(parts[i - 1]));
    CHECK(taken.info.front.part == i);
    CHECK(taken.info.front.parts == parts.size());
    CHECK(taken.summary.refused == 0);
    CHECK_FALSE(taken.late);
  }
  check_equal(c.village, c.hall, kVillage);
}

TEST_CASE("A part that is lost comes with the next export, for nothing was receipted") {
  Commune c;
  fill(c);
  const auto parts = must(c.village.write(kSmall));
  REQUIRE(parts.size() >= 2);
  REQUIRE(c.hall.read(parts[1]).ok());
  REQUIRE(c.village.read(c.hall.down(SmallTree::kVillage)).ok());
  CHECK(c.village.unsent() > 0);
  for (const Bytes& part : must(c.village.write(kSmall))) REQUIRE(c.hall.read(part).ok());
  check_equal(c.village, c.hall, kVillage);
  REQUIRE(c.village.read(c.hall.down(SmallTree::kVillage)).ok());
  CHECK(c.village.unsent() == 0);
}

TEST_CASE("Exporting again to a stick writes only what is missing there") {
  Commune c;
  fill(c);
  auto stick = must(c.village.write(kSmall));
  REQUIRE(stick.size() >= 3);
  CHECK(must(c.village.write(kSmall, stick)).empty());
  const Bytes lost = stick[1];
  stick.erase(stick.begin() + 1);
  Bytes cut = stick.back();
  cut.resize(cut.size() / 2);
  stick.back() = cut;  // the stick was pulled out
  const auto more = must(c.village.write(kSmall, stick));
  CHECK(more.size() == 2);
  stick.insert(stick.end(), more.begin(), more.end());
  int bad = 0;
  for (const Bytes& part : stick) bad += c.hall.read(part).ok() ? 0 : 1;
  CHECK(bad == 1);
  check_equal(c.village, c.hall, kVillage);
  household(c.village.store(), kVillage, "one more");
  CHECK(must(c.village.write(kSmall, stick)).size() == 1);
}

TEST_CASE("What is on a stick counts only where every reader can open it") {
  Commune c;
  household(c.hall.store(), kVillage, "at the hall");
  REQUIRE(c.hall.read(c.village.up()).ok());
  const sync::BundleRequest request{Direction::kDown, SmallTree::kVillage};
  const auto stick = must(c.hall.write(request));
  CHECK(must(c.hall.write(request, stick)).empty());
  Desk second{c.tree, c.tree.device(SmallTree::kVillage, 13), &c.hall};
  REQUIRE(c.hall.read(second.up()).ok());
  const auto more = must(c.hall.write(request, stick));
  REQUIRE(more.size() == 1);
  CHECK(must(second.read(more[0])).summary.events_received == 1);
}

TEST_CASE("The same random numbers make the same bytes") {
  const auto made = [] {
    Commune c;
    household(c.village.store(), kVillage, "one");
    return c.village.up();
  };
  CHECK(made() == made());
}

}  // namespace
}  // namespace lalanh::test
