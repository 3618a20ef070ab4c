#include <catch2/catch.hpp>

#include "tests/support/small_tree.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

const Scope kScope = SmallTree::records(SmallTree::kVillage);

Dot household(Store& store, const char* head) {
  return write_one(store, kScope, create_event("household", {}, {{"head", Value::text(head)}}));
}

std::vector<std::string> values(Store& store, const Dot& entity, const char* field) {
  std::vector<std::string> out;
  const std::optional<EntityState> state = *store.entity(kScope, entity);
  if (!state) return out;
  for (const Write& write : writes_of(*state, store.core().words.word(field))) {
    out.push_back(write.value.as_text());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("what is written is there after reopening, and verifies") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  const Dot dot = household(*laptop.store, "Bùi Văn Quyết");
  tree.reopen(laptop);
  CHECK(values(*laptop.store, dot, "head") == std::vector<std::string>{"Bùi Văn Quyết"});
  const VerifyReport report = *laptop.store->verify();
  CHECK(report.differences.empty());
  CHECK(report.events == 1);
  CHECK(report.digest == *laptop.store->state_digest());
}

TEST_CASE("two laptops that change one field make a conflict that a third write settles") {
  SmallTree tree;
  SmallTree::Device one = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device two = tree.device(SmallTree::kVillage, 12);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  const Dot dot = household(*one.store, "A");
  carry(*one.store, *hall.store, kScope);
  carry(*hall.store, *two.store, kScope);
  write_one(*one.store, kScope, set_event(*one.store, kScope, dot, "head", Value::text("B")));
  write_one(*two.store, kScope, set_event(*two.store, kScope, dot, "head", Value::text("C")));
  carry(*one.store, *hall.store, kScope);
  carry(*two.store, *hall.store, kScope);
  CHECK(values(*hall.store, dot, "head") == std::vector<std::string>{"B", "C"});
  write_one(*hall.store, kScope, set_event(*hall.store, kScope, dot, "head", Value::text("C")));
  for (SmallTree::Device* device : {&one, &two}) {
    carry(*hall.store, *device->store, kScope);
    CHECK(values(*device->store, dot, "head") == std::vector<std::string>{"C"});
    CHECK(*device->store->state_digest(kScope) == *hall.store->state_digest(kScope));
    CHECK(*device->store->heads_digest(kScope) == *hall.store->heads_digest(kScope));
    CHECK((*device->store->verify()).differences.empty());
  }
}

TEST_CASE("a segment taken twice, or a copy's, changes nothing, each epoch has its own stream") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  const Dot dot = household(*laptop.store, "A");
  SmallTree::Device copy = tree.clone(laptop);
  write_one(*laptop.store, kScope, set_event(*laptop.store, kScope, dot, "head", Value::text("B")));
  write_one(*copy.store, kScope, set_event(*copy.store, kScope, dot, "address", Value::text("X")));
  for (const Taken& taken : carry(*laptop.store, *hall.store, kScope)) {
    CHECK(taken.verdict == TakeVerdict::kTaken);
  }
  for (const Taken& taken : carry(*copy.store, *hall.store, kScope)) {
    INFO((taken.reason ? taken.reason->message(Language::kEnglish) : ""));
    CHECK((taken.verdict == TakeVerdict::kTaken || taken.verdict == TakeVerdict::kKnown));
  }
  CHECK(values(*hall.store, dot, "head") == std::vector<std::string>{"B"});
  CHECK(values(*hall.store, dot, "address") == std::vector<std::string>{"X"});
  const Hash digest = *hall.store->state_digest();
  carry(*laptop.store, *hall.store, kScope);
  CHECK(*hall.store->state_digest() == digest);
  carry(*hall.store, *laptop.store, kScope);
  CHECK(*laptop.store->state_digest(kScope) == *hall.store->state_digest(kScope));
  CHECK((*hall.store->verify()).differences.empty());
}

TEST_CASE("a neighbour's device may not write here, and is named") {
  SmallTree tree;
  SmallTree::Device neighbour = tree.device(SmallTree::kNeighbour, 13);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  household(*neighbour.store, "A");
  const std::vector<Taken> taken = carry(*neighbour.store, *hall.store, kScope);
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].verdict == TakeVerdict::kRefused);
  CHECK(taken[0].reason->name() == "trust.not_allowed");
  CHECK(*hall.store->waiting_events() == 0);
}
