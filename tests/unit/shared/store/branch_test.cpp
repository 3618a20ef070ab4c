// Two hashes at one counter, and what a `revoke` sets aside (`identity.md`).
#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

std::string head_of(Store& store, const Dot& dot) { return seen(store).at(to_text(dot)); }

/// Of households, the scope's own row (its revokes) aside.
std::size_t households(Store& store) {
  auto all = seen(store);
  all.erase(to_text(Dot()));
  return all.size();
}

void write_head(Store& store, const Dot& dot, const std::string& value) {
  write_one(store, kVillageScope, set_event(store, kVillageScope, dot, "head", Value::text(value)));
}

/// The running program of a device with its memory, on a second machine.
SmallTree::Device copy_running(SmallTree& tree, const SmallTree::Device& device) {
  SmallTree::Device out = tree.clone(device);
  out.store.reset();
  std::filesystem::remove(out.path);
  std::filesystem::remove(out.path + "-wal");
  std::filesystem::copy_file(device.path, out.path);
  std::filesystem::copy_file(device.path + "-wal", out.path + "-wal");
  out.store = must_have(open_with(
      tree, out, [&](StoreOptions& options) { options.memory = device.store->memory(); }));
  return out;
}

/// The tips of the device's lines in the village's scope, as this store holds them.
Revocation revocation_of(Store& store, const SmallTree::Device& device) {
  Revocation out;
  out.key = device.key->public_key();
  const ScopeStreams& streams = *must_have(store.core().known(kVillageScope));
  for (const Point& tip : must_have(store.tips(kVillageScope))) {
    if (streams.find(tip.writer)->key != out.key) continue;
    out.tips.push_back({Dot{tip.writer, tip.counter}, tip.hash});
  }
  return out;
}

void revoke(Store& store, const Revocation& revocation, std::vector<Dot> replaced = {}) {
  must_do(store.seal());
  Event event;
  event.actor = "Trần Thị Mai, Chủ tịch xã";
  event.verb = "revoke";
  event.ops.push_back(revoke_op(revocation));
  event.ops.back().base = std::move(replaced);
  write_one(store, kVillageScope, std::move(event));
}

struct Hall {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  Dot dot = new_household(*laptop.store, "A");

  void agree(std::initializer_list<Store*> stores) {
    for (Store* a : stores) {
      for (Store* b : stores) {
        if (a != b) carry(*a, *b, kVillageScope);
      }
    }
    Store& first = **stores.begin();
    for (Store* store : stores) {
      CHECK(seen(*store) == seen(first));
      CHECK(must_have(store->state_digest()) == must_have(first.state_digest()));
      CHECK(must_have(store->heads_digest(kVillageScope)) ==
            must_have(first.heads_digest(kVillageScope)));
      CHECK(must_have(store->waiting_events()) == 0);
      check_clean(*store);
    }
  }
};

}  // namespace

TEST_CASE("of two continuations of one stream neither counts, and what they share stands") {
  Hall t;
  must_do(t.laptop.store->seal());
  const Bytes forged = next_segment(t.laptop, field_event(t.dot, "forged"));
  write_head(*t.laptop.store, t.dot, "B");
  carry(*t.laptop.store, *t.hall.store, kVillageScope);
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=B");
  CHECK(take_one(*t.hall.store, forged).verdict == TakeVerdict::kTaken);
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=A");
  CHECK(take_one(*t.hall.store, forged).verdict == TakeVerdict::kKnown);
  SECTION("at every node, whichever came first there") {
    CHECK(take_one(*t.laptop.store, forged).verdict == TakeVerdict::kTaken);
    SmallTree::Device fresh = t.tree.device(SmallTree::kCommune, 6);
    t.agree({t.hall.store.get(), t.laptop.store.get(), fresh.store.get()});
  }
  SECTION("what is set aside is listed") {
    std::vector<std::string> aside;
    for (const LoggedEvent& e : must_have(t.hall.store->history(kVillageScope, t.dot, 0))) {
      if (e.set_aside) aside.push_back(e.event.ops[0].value.as_text());
    }
    CHECK(aside == std::vector<std::string>{"B", "forged"});
  }
  SECTION("and a program that is shown it of its own stream draws a new epoch") {
    CHECK(take_one(*t.laptop.store, forged).verdict == TakeVerdict::kTaken);
    write_head(*t.laptop.store, t.dot, "C");
    CHECK(head_of(*t.laptop.store, t.dot) == "counts 0|head=C");
    CHECK(must_have(t.laptop.store->core().known(kVillageScope))->rows().size() == 3);
    t.agree({t.laptop.store.get(), t.hall.store.get()});
  }
}

TEST_CASE("who writes on under our name makes us write under another") {
  Hall t;
  must_do(t.laptop.store->seal());
  const Bytes theirs = next_segment(t.laptop, field_event(t.dot, "snapshot"));
  SECTION("sealed up to where they go on") {}
  SECTION("with an open tail that says something else") { write_head(*t.laptop.store, t.dot, "B"); }
  CHECK(take_one(*t.laptop.store, theirs).verdict == TakeVerdict::kTaken);
  new_household(*t.laptop.store, "C");
  t.agree({t.laptop.store.get(), t.hall.store.get()});
}

TEST_CASE("two copies of a running program both go on, and the tree survives it") {
  Hall t;
  if (GENERATE(false, true)) must_do(t.laptop.store->seal());
  SmallTree::Device copy = copy_running(t.tree, t.laptop);
  const Dot mine = new_household(*t.laptop.store, "mine");
  write_head(*t.laptop.store, mine, "mine again");
  const Dot theirs = new_household(*copy.store, "theirs");
  CHECK(mine == theirs);  // one name for two things
  t.agree({t.hall.store.get(), t.laptop.store.get(), copy.store.get()});
  CHECK(households(*t.hall.store) == 1);
  SECTION("each goes on under a name of its own, and nothing more is lost") {
    new_household(*t.laptop.store, "after");
    new_household(*copy.store, "after");
    t.agree({t.hall.store.get(), t.laptop.store.get(), copy.store.get()});
    CHECK(households(*t.hall.store) == 3);
  }
  SECTION("a revoke says which branch stands") {
    carry(*t.laptop.store, *t.hall.store, kVillageScope);
    Revocation r = revocation_of(*t.hall.store, t.laptop);
    REQUIRE(r.tips.size() == 2);
    const std::size_t kept = GENERATE(0U, 1U);
    r.tips = {r.tips[kept]};
    revoke(*t.hall.store, r);
    t.agree({t.hall.store.get(), t.laptop.store.get(), copy.store.get()});
    CHECK(households(*t.hall.store) == 2);
    const bool ours = r.tips[0].dot.counter == 3;
    CHECK(head_of(*t.hall.store, mine) ==
          (ours ? "counts 0|head=mine again" : "counts 0|head=theirs"));
  }
}

TEST_CASE("what a revoked key wrote beyond the tips that stand is set aside, whoever took it in") {
  Hall t;
  carry(*t.laptop.store, *t.hall.store, kVillageScope);
  const Revocation r = revocation_of(*t.hall.store, t.laptop);
  REQUIRE(r.tips.size() == 1);
  write_head(*t.laptop.store, t.dot, "stolen");
  SmallTree::Device other = t.tree.device(SmallTree::kCommune, 6);
  carry(*t.laptop.store, *other.store, kVillageScope);  // before it is known
  CHECK(head_of(*other.store, t.dot) == "counts 0|head=stolen");
  revoke(*t.hall.store, r);
  carry(*t.laptop.store, *t.hall.store, kVillageScope);
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=A");
  t.agree({t.hall.store.get(), other.store.get(), t.laptop.store.get()});
  CHECK(head_of(*other.store, t.dot) == "counts 0|head=A");
  SECTION("on its own machine as well, whatever it writes after") {
    write_head(*t.laptop.store, t.dot, "more");
    CHECK(head_of(*t.laptop.store, t.dot) == "counts 0|head=A");
    t.agree({t.hall.store.get(), other.store.get(), t.laptop.store.get()});
  }
  SECTION("a later revoke mends a mistake") {
    const Revocation all = revocation_of(*t.hall.store, t.laptop);
    const ScopeStreams& streams = *must_have(t.hall.store->core().known(kVillageScope));
    revoke(*t.hall.store, all, {streams.dot(streams.revokes.at(0).ref)});
    CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=stolen");
    t.agree({t.hall.store.get(), other.store.get(), t.laptop.store.get()});
  }
  SECTION("with no tips nothing of it stands") {
    revoke(*t.hall.store, {t.laptop.key->public_key(), {}});
    CHECK(households(*t.hall.store) == 0);
    t.agree({t.hall.store.get(), other.store.get(), t.laptop.store.get()});
  }
}

TEST_CASE("a revoke by a device of the same rank, or one that is revoked itself, does nothing") {
  Hall t;
  carry(*t.laptop.store, *t.hall.store, kVillageScope);
  SmallTree::Device beside = t.tree.device(SmallTree::kVillage, 12);
  carry(*t.hall.store, *beside.store, kVillageScope);
  revoke(*beside.store, {t.laptop.key->public_key(), {}});
  t.agree({t.hall.store.get(), beside.store.get(), t.laptop.store.get()});
  CHECK(households(*t.hall.store) == 1);
  revoke(*t.hall.store, {t.laptop.key->public_key(), {}});
  CHECK(households(*t.hall.store) == 0);
  SmallTree::Device district = t.tree.device(SmallTree::kDistrict, 3);
  carry(*t.hall.store, *district.store, kVillageScope);
  revoke(*district.store, {t.hall.key->public_key(), {}});
  t.agree({t.hall.store.get(), district.store.get(), t.laptop.store.get()});
  CHECK(households(*t.hall.store) == 1);
}

TEST_CASE("many continuations of one stream are borne up to a bound") {
  Hall t;
  must_do(t.laptop.store->seal());
  carry(*t.laptop.store, *t.hall.store, kVillageScope);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < limits::kBranchesMax + 5; ++i) {
    const Bytes one = next_segment(t.laptop, field_event(t.dot, "forged " + std::to_string(i)));
    const Taken verdict = take_one(*t.hall.store, one);
    taken += verdict.verdict == TakeVerdict::kTaken ? 1 : 0;
    if (verdict.verdict == TakeVerdict::kRefused) CHECK(verdict.reason->name() == "format.fork");
  }
  CHECK(taken == limits::kBranchesMax + 1);  // the first goes on from the head
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=A");
  check_clean(*t.hall.store);
}

TEST_CASE(
    "one that parts before all others comes in, however many there are: all agree on what counts") {
  Hall t;
  must_do(t.laptop.store->seal());
  SmallTree::Device district = t.tree.device(SmallTree::kDistrict, 3);
  carry(*t.laptop.store, *t.hall.store, kVillageScope);
  carry(*t.laptop.store, *district.store, kVillageScope);
  const Bytes early = next_segment(t.laptop, field_event(t.dot, "early"));
  write_head(*t.laptop.store, t.dot, "B");
  must_do(t.laptop.store->seal());
  CHECK(take_one(*district.store, early).verdict == TakeVerdict::kTaken);
  carry(*t.laptop.store, *t.hall.store, kVillageScope);
  carry(*t.laptop.store, *district.store, kVillageScope);
  for (std::size_t i = 0; i < limits::kBranchesMax + 5; ++i) {
    const Bytes one = next_segment(t.laptop, field_event(t.dot, "forged " + std::to_string(i)));
    take_one(*t.hall.store, one);
    take_one(*district.store, one);
  }
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=B");
  CHECK(take_one(*t.hall.store, early).verdict == TakeVerdict::kTaken);
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=A");
  CHECK(seen(*t.hall.store) == seen(*district.store));
  check_clean(*t.hall.store);
}
