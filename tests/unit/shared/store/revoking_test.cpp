// Revoking a device, entering again what was set aside, and machines that were copied.
#include "shared/store/revoking.h"

#include "shared/store/devices.h"
#include "shared/store/entering.h"
#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

constexpr const char* kActor = "Trần Thị Mai, Chủ tịch xã";
const ScopeFilter kEverywhere = [](Scope) { return true; };
const CreateCheck kAnything = [](Scope, const Event&) { return Status(); };

Dot write_head(Store& store, const Dot& dot, const std::string& value) {
  return write_one(store, kVillageScope,
                   set_event(store, kVillageScope, dot, "head", Value::text(value)));
}

std::string head_of(Store& store, const Dot& dot) {
  const auto all = seen(store);
  const auto at = all.find(to_text(dot));
  return at == all.end() ? "" : at->second;
}

std::size_t households(Store& store) {
  auto all = seen(store);
  all.erase(to_text(Dot()));
  return all.size();
}

struct Hall {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11, kWriteRecords);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  Dot dot = new_household(*laptop.store, "A");

  Hall() { bring(); }
  void bring() { carry(*laptop.store, *hall.store, kVillageScope); }
  const CertificateLink& link() const { return laptop.certificate.device(); }
  RevocationPlan plan(const Standing& standing = {}) {
    return must_have(plan_revocation(*hall.store, link(), standing));
  }
  void revoke(const Standing& standing = {}) {
    must_do(revoke_device(*hall.store, plan(standing), kActor, "Mất máy"));
  }
  const RevokedScope& village(const RevocationPlan& plan) {
    for (const RevokedScope& scope : plan.scopes) {
      if (scope.scope == kVillageScope) return scope;
    }
    FAIL("the village's scope is not there");
    return plan.scopes.front();
  }
  EnteredAgain enter(const std::vector<std::string>& ids = {}) {
    return must_have(enter_again(*hall.store, ids, kActor, kEverywhere, kAnything));
  }
};

}  // namespace

TEST_CASE("a revocation proposes what is here, and says what it would set aside") {
  Hall t;
  const RevocationPlan plan = t.plan();
  REQUIRE(plan.scopes.size() == 2);  // a village writes no reference channel
  CHECK(plan.scopes[0].scope == Scope{SmallTree::kCommune, Channel::kReference});
  CHECK(t.village(plan).stands == 1);
  CHECK(t.village(plan).aside == 0);
  CHECK(t.village(plan).says.tips.size() == 1);
  CHECK_FALSE(t.hall.store->revoked(t.link()));
  t.revoke();
  CHECK(t.hall.store->revoked(t.link()));
  CHECK(households(*t.hall.store) == 1);
  write_head(*t.laptop.store, t.dot, "stolen");
  t.bring();
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=A");
  check_clean(*t.hall.store);
}

TEST_CASE("what arrived before the loss stands, by the clock of the server that took it in") {
  Hall t;
  t.tree.clock.advance(86'400'000);
  const TimeMs lost = t.tree.clock.now();
  t.tree.clock.advance(86'400'000);
  write_head(*t.laptop.store, t.dot, "stolen");
  t.bring();
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=stolen");
  const Standing before{lost, false};
  CHECK(t.village(t.plan(before)).stands == 1);
  CHECK(t.village(t.plan(before)).aside == 1);
  t.revoke(before);
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=A");
  SECTION("a later revocation takes its place, with more or less that stands") {
    t.revoke();
    CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=stolen");
    t.revoke({std::nullopt, true});
    CHECK(households(*t.hall.store) == 0);
    t.revoke();
    CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=stolen");
  }
  CHECK(t.hall.store->revoked(t.link()));
  check_clean(*t.hall.store);
}

namespace {

/// Fails when a scope is folded anew, which is the last that a revocation does.
struct Failing : Projection {
  bool fails = false;
  std::string_view name() const override { return "failing"; }
  std::string version() const override { return "1"; }
  Status create() override { return {}; }
  Status change(const EntityChange&) override { return {}; }
  Status forget_scope(const ScopeStreams&) override {
    return fails ? Status(Error{ErrorCode::store_full, {{"path", "lalanh.db"}}}) : Status();
  }
  Status flush() override { return {}; }
  void committed() override {}
  void rolled_back() override {}
};

}  // namespace

TEST_CASE("a revocation whose consequences cannot be written is not written either") {
  Hall t;
  Failing failing;
  t.hall.store->add_projection(&failing);
  must_do(t.hall.store->prepare_projections());
  write_head(*t.laptop.store, t.dot, "stolen");
  const RevocationPlan plan = t.plan();
  t.bring();
  failing.fails = true;
  CHECK_FALSE(revoke_device(*t.hall.store, plan, kActor, "Mất máy").ok());
  CHECK_FALSE(t.hall.store->revoked(t.link()));
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=stolen");
  check_clean(*t.hall.store);
  failing.fails = false;
  must_do(revoke_device(*t.hall.store, plan, kActor, "Mất máy"));
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=A");
  check_clean(*t.hall.store);
}

TEST_CASE("nobody revokes a device of his own rank or above, nor one without the right") {
  Hall t;
  SmallTree::Device beside = t.tree.device(SmallTree::kCommune, 6);
  const CertificateLink& hall = t.hall.certificate.device();
  CHECK(plan_revocation(*beside.store, hall, {}).error().name() == "trust.same_rank");
  CHECK(plan_revocation(*t.laptop.store, hall, {}).error().name() == "trust.not_allowed");
  SmallTree::Device officer = t.tree.device(SmallTree::kCommune, 7, kWriteRecords);
  CHECK(plan_revocation(*officer.store, t.link(), {}).error().name() == "trust.not_allowed");
}

TEST_CASE("a record of a device of the same rank revokes no session") {
  Hall t;
  SmallTree::Device district = t.tree.device(SmallTree::kDistrict, 3);
  const Scope reference{SmallTree::kCommune, Channel::kReference};
  Event event;
  event.actor = kActor;
  event.verb = "revoke";
  event.ops.push_back(revoke_op({district.key->public_key(), {}}));
  write_one(*t.hall.store, reference, std::move(event));
  CHECK_FALSE(t.hall.store->revoked(district.certificate.device()));
}

TEST_CASE("a revoked server is stopped in every scope of its subtree, in both channels") {
  Hall t;
  SmallTree::Device district = t.tree.device(SmallTree::kDistrict, 3);
  carry(*t.hall.store, *district.store, kVillageScope);
  const RevocationPlan plan =
      must_have(plan_revocation(*district.store, t.hall.certificate.device(), {}));
  std::vector<std::string> scopes;
  for (const RevokedScope& scope : plan.scopes) scopes.push_back(to_text(scope.scope));
  CHECK(scopes == std::vector<std::string>{"3700002r", "3700003r", "3700004r", "3700005r",
                                           "3700003", "3700004", "3700005"});
}

TEST_CASE("what is set aside is listed and entered again with one command, once") {
  Hall t;
  t.revoke();
  write_head(*t.laptop.store, t.dot, "B");
  const Dot lost = new_household(*t.laptop.store, "C");
  write_head(*t.laptop.store, lost, "D");
  t.bring();
  CHECK(households(*t.hall.store) == 1);
  const std::vector<SetAside> listed = must_have(list_set_aside(*t.hall.store, kEverywhere));
  REQUIRE(listed.size() == 3);
  CHECK(listed[0].logged.device == DeviceNo(11));
  CHECK_FALSE(listed[0].entered);
  SECTION("one by one") {
    CHECK(t.enter({id_of(listed[0])}).entered == 1);
    CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=B");
    CHECK(must_have(list_set_aside(*t.hall.store, kEverywhere))[0].entered);
    CHECK(t.enter().already == 1);
    CHECK(households(*t.hall.store) == 2);
  }
  SECTION("all, with what was written on what was created there") {
    const EnteredAgain done = t.enter();
    CHECK(done.entered == 3);
    CHECK(done.left.empty());
    CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=B");
    CHECK(households(*t.hall.store) == 2);
    const auto all = seen(*t.hall.store);
    CHECK(std::count_if(all.begin(), all.end(),
                        [](const auto& one) { return one.second == "counts 0|head=D"; }) == 1);
    const EnteredAgain again = t.enter();
    CHECK(again.entered == 0);
    CHECK(again.already == 3);
    CHECK(households(*t.hall.store) == 2);
  }
  SECTION("but not on what is not there") {
    const EnteredAgain done = t.enter({id_of(listed[2])});
    REQUIRE(done.left.size() == 1);
    CHECK(done.left[0].id == id_of(listed[2]));
    CHECK(done.left[0].why.name() == "register.not_found");
    CHECK(enter_again(*t.hall.store, {"nothing"}, kActor, kEverywhere, kAnything).error().name() ==
          "register.not_found");
  }
  SECTION("what somebody else knows to be entered is not entered again elsewhere") {
    t.enter();
    SmallTree::Device district = t.tree.device(SmallTree::kDistrict, 3);
    carry(*t.hall.store, *district.store, kVillageScope);
    CHECK(must_have(enter_again(*district.store, {}, kActor, kEverywhere, kAnything)).already == 3);
    CHECK(must_have(district.store->state_digest(kVillageScope)) ==
          must_have(t.hall.store->state_digest(kVillageScope)));
  }
  check_clean(*t.hall.store);
}

TEST_CASE("what others hung on what is set aside goes with it, whichever of them came first") {
  Hall t;
  const Dot dot = new_household(*t.laptop.store, "C");
  SmallTree::Device beside = t.tree.device(SmallTree::kVillage, 12, kWriteRecords);
  carry(*t.laptop.store, *beside.store, kVillageScope);
  const Dot child = write_one(*beside.store, kVillageScope,
                              create_event("member", dot, {{"name", Value::text("D")}}));
  SmallTree::Device district = t.tree.device(SmallTree::kDistrict, 3);
  carry(*t.hall.store, *district.store, kVillageScope);  // so that the laptop's stream is known
  must_do(beside.store->seal());
  const std::vector<SegmentRef> own = must_have(
      beside.store->missing(kVillageScope, must_have(t.laptop.store->tips(kVillageScope))));
  REQUIRE(own.size() == 1);
  CHECK(take_one(*district.store, must_have(beside.store->segment_bytes(own[0].ordinal))).verdict ==
        TakeVerdict::kTaken);
  CHECK(households(*district.store) == 1);
  carry(*beside.store, *district.store, kVillageScope);
  CHECK(households(*district.store) == 3);
  must_do(revoke_device(*district.store,
                        must_have(plan_revocation(*district.store, t.link(), {std::nullopt, true})),
                        kActor, "Mất"));
  const auto enter = [&] {
    return must_have(enter_again(*district.store, {}, kActor, kEverywhere, kAnything));
  };
  const EnteredAgain done = enter();
  CHECK(done.entered == 3);
  CHECK(done.left.empty());
  CHECK(enter().already == 3);
  const auto all = seen(*district.store);
  CHECK(std::count_if(all.begin(), all.end(),
                      [](const auto& one) { return one.second == "counts 0|name=D"; }) == 2);
  CHECK(all.count(to_text(child)) == 1);
  check_clean(*district.store);
}

TEST_CASE("both continuations of a fork are listed apart") {
  Hall t;
  must_do(t.laptop.store->seal());
  const Bytes forged = next_segment(t.laptop, field_event(t.dot, "forged"));
  write_head(*t.laptop.store, t.dot, "B");
  t.bring();
  CHECK(take_one(*t.hall.store, forged).verdict == TakeVerdict::kTaken);
  const std::vector<SetAside> listed = must_have(list_set_aside(*t.hall.store, kEverywhere));
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].logged.dot == listed[1].logged.dot);
  CHECK(id_of(listed[0]) != id_of(listed[1]));
  CHECK(t.enter({id_of(listed[0])}).entered == 1);
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=B");
  // The two knew nothing of each other.
  CHECK(t.enter().entered == 1);
  CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=forged (conflict)");
}

TEST_CASE("what is entered again replaces what it replaced then, and nothing newer") {
  Hall t;
  t.revoke();
  write_head(*t.laptop.store, t.dot, "B");
  const Dot last = write_head(*t.laptop.store, t.dot, "C");
  const auto remove = [&] {
    Event removal = field_event(t.dot, "");
    removal.ops = {Op()};
    removal.ops[0].kind = OpKind::kRemove;
    removal.ops[0].tips = {last};
    write_one(*t.laptop.store, kVillageScope, std::move(removal));
  };
  SECTION("nobody wrote since: one value") {
    t.bring();
    CHECK(t.enter().entered == 2);
    CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=C");
  }
  SECTION("somebody did: both are there to be settled") {
    write_head(*t.hall.store, t.dot, "newer");
    t.bring();
    CHECK(t.enter().entered == 2);
    CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=C (conflict)");
  }
  SECTION("a removal of what nobody edited since") {
    remove();
    t.bring();
    CHECK(t.enter().entered == 3);
    CHECK(head_of(*t.hall.store, t.dot) == "does not 1|head=C");
  }
  SECTION("a removal of what somebody edited since is left to him who enters it") {
    remove();
    write_head(*t.hall.store, t.dot, "newer");
    t.bring();
    const EnteredAgain done = t.enter();
    CHECK(done.entered == 2);
    REQUIRE(done.left.size() == 1);
    CHECK(done.left[0].why.name() == "register.edited_since");
    CHECK(head_of(*t.hall.store, t.dot) == "counts 0|head=C (conflict)");
  }
  check_clean(*t.hall.store);
}

TEST_CASE("a machine put back to an old copy is found, with the tips of both lines") {
  Hall t;
  CHECK(must_have(copied_machines(*t.hall.store)).empty());
  must_do(t.laptop.store->seal());
  SmallTree::Device copy = t.tree.clone(t.laptop);
  SECTION("both go on from one event") {
    t.tree.reopen(t.laptop);
    write_head(*t.laptop.store, t.dot, "B");
  }
  SECTION("one goes on in a stream whose end the other does not know") {
    write_head(*t.laptop.store, t.dot, "B");
  }
  write_head(*copy.store, t.dot, "C");
  t.bring();
  carry(*copy.store, *t.hall.store, kVillageScope);
  const std::vector<CopiedMachine> found = must_have(copied_machines(*t.hall.store));
  REQUIRE(found.size() == 1);
  CHECK(found[0].device == DeviceNo(11));
  CHECK(found[0].unit == SmallTree::kVillage);
  CHECK(found[0].tips.size() == 2);
  CHECK(head_of(*t.hall.store, t.dot).find("(conflict)") != std::string::npos);
  carry(*copy.store, *t.laptop.store, kVillageScope);
  CHECK(must_have(copied_machines(*t.laptop.store)).size() == 1);
  const auto devices = must_have(known_devices(*t.hall.store, [](UnitNo) { return true; }));
  CHECK(std::any_of(devices.begin(), devices.end(), [](const KnownDevice& device) {
    return device.link.device == DeviceNo(11) && device.copied && !device.revoked;
  }));
}

TEST_CASE("a machine that is closed and opened again, day after day, is no copy") {
  Hall t;
  for (int day = 0; day < 5; ++day) {
    write_head(*t.laptop.store, t.dot, "day " + std::to_string(day));
    if (day % 2 == 0) t.bring();
    t.tree.reopen(t.laptop);
  }
  t.bring();
  CHECK(must_have(copied_machines(*t.laptop.store)).empty());
  CHECK(must_have(copied_machines(*t.hall.store)).empty());
}

TEST_CASE("what the tiers above hold is passed down line by line, and taken back") {
  Hall t;
  const auto tip = [&](Store& store) { return must_have(store.tips(kVillageScope)).at(0); };
  const Point first = tip(*t.hall.store);
  must_do(t.hall.store->keep_receipt({{{kVillageScope, first}}}, TimeMs(5'000), {}));
  CHECK(must_have(t.hall.store->above_version()) > 0);
  write_head(*t.laptop.store, t.dot, "B");
  t.bring();
  const Point second = tip(*t.hall.store);
  const std::vector<HeldAbove> held = must_have(t.hall.store->held_above(kVillageScope, second));
  REQUIRE(held.size() == 1);
  CHECK(held[0].rank == Rank(3));
  CHECK(held[0].time == TimeMs(5'000));
  CHECK(held[0].point == first);
  Store& laptop = *t.laptop.store;
  const auto lacks = [&] { return must_have(laptop.sent_to()).at(1).unsent; };
  CHECK(lacks() == 2);
  const std::vector<KeptAbove> said = {{Rank(3), TimeMs(5'000), {{kVillageScope, first}}}};
  must_do(laptop.keep_above(kVillageScope, second, said));
  CHECK(lacks() == 1);
  const std::vector<KeptAbove> more = {{Rank(3), TimeMs(6'000), {{kVillageScope, second}}}};
  must_do(laptop.keep_above(kVillageScope, second, more));
  CHECK(lacks() == 0);
  SECTION("to an earlier point") {
    must_do(laptop.keep_above(kVillageScope, second, said));
    CHECK(lacks() == 1);
  }
  SECTION("or altogether, where the parent says nothing of it any more") {
    must_do(laptop.keep_above(kVillageScope, second, {}));
    CHECK(lacks() == 2);
  }
}
