#include "shared/event/event.h"

#include <catch2/catch.hpp>

#include "shared/base/limits.h"
#include "tests/unit/shared/event/random_events.h"

using namespace lalanh;

namespace {

Op op(OpKind kind, std::string name, Value value = {}) {
  return {kind, std::move(name), std::move(value), {}, {}, {}, {}};
}

const Dot kHome{{{1, 2, 3}}, 5};

/// A valid event, to be spoilt.
Event edit(std::vector<Op> ops) {
  Event out;
  out.time = TimeMs(1'700'000'000'000);
  out.order = 7;
  out.actor = "An";
  out.verb = "correct";
  out.entity = kHome;
  out.ops = std::move(ops);
  return out;
}

std::string why(const Event& event) {
  const Status status = check_event(event);
  return status ? "valid" : std::string(status.error().value("why"));
}

std::string why_bytes(std::string_view hex) {
  Bytes bytes;
  REQUIRE(from_hex(hex, bytes));
  const auto event = read_canonical(bytes);
  return event ? "valid" : std::string(event.error().value("why"));
}

Bytes canonical(const Event& event) {
  Bytes out;
  write_canonical(event, out);
  return out;
}

}  // namespace

TEST_CASE("canonical bytes come back as the same event, and the event as the same bytes") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    test::EventMaker maker(seed);
    for (int i = 0; i < 20; ++i) {
      const Event event = maker.event();
      INFO("seed " << seed << ", event " << i);
      REQUIRE(why(event) == "valid");
      const Bytes bytes = canonical(event);
      const auto found = read_canonical(bytes);
      REQUIRE(found.ok());
      REQUIRE(*found == event);
      REQUIRE(canonical(*found) == bytes);
    }
  }
}

TEST_CASE("keys that this version does not know are kept, of an event and of an op") {
  Event event = edit({op(OpKind::kSet, "x", Value::integer(1))});
  REQUIRE(
      from_hex("01a1616101"
               "1903e880",
               event.extras));
  REQUIRE(
      from_hex("03f6"
               "1840a0",
               event.ops[0].extras));
  const Bytes bytes = canonical(event);
  const auto found = read_canonical(bytes);
  REQUIRE(found.ok());
  CHECK(found->extras == event.extras);
  CHECK(found->ops[0].extras == event.ops[0].extras);
  CHECK(canonical(*found) == bytes);
}

TEST_CASE("an event that breaks a rule is refused with the rule") {
  CHECK(why(edit({op(OpKind::kSet, "x")})) == "valid");
  CHECK(why(edit({})) == "no ops, or too many");
  CHECK(why(edit(std::vector<Op>(limits::kOpsMax + 1, op(OpKind::kAdd, "x")))) ==
        "no ops, or too many");
  Event event = edit({op(OpKind::kSet, "x")});
  event.order = std::uint64_t{1} << 63U;
  CHECK(why(event) == "order too large");
  event = edit({op(OpKind::kSet, "x")});
  event.actor = std::string(limits::kActorBytesMax + 1, 'a');
  CHECK(why(event) == "actor too long");
  event = edit({op(OpKind::kSet, "x")});
  event.verb.clear();
  CHECK(why(event) == "verb missing or too long");
  CHECK(why(edit({op(OpKind::kCreate, "household")})) == "a create names an entity");
  CHECK(why(edit({op(OpKind::kSet, "x"), op(OpKind::kCreate, "household")})) ==
        "create is not the first op");
  CHECK(why(edit({op(OpKind::kSet, "")})) == "a name is missing or too many");
  CHECK(why(edit({op(OpKind::kKeep, "x")})) == "a name is missing or too many");
  CHECK(why(edit({op(OpKind::kSet, std::string(limits::kNameBytesMax + 1, 'a'))})) ==
        "a name is too long");
  CHECK(why(edit({op(OpKind::kSet, "x"), op(OpKind::kAdd, "x"), op(OpKind::kSet, "x")})) ==
        "a field is set twice in one event");
  CHECK(why(edit({op(OpKind::kDecide, "annual")})) ==
        "decide and revoke concern the scope, all other ops an entity");
  event = edit({op(OpKind::kSet, "x")});
  event.entity = {};
  CHECK(why(event) == "decide and revoke concern the scope, all other ops an entity");
}

TEST_CASE("what an op may carry belongs to its kind") {
  const auto with = [](Op o, auto change) {
    change(o);
    return edit({std::move(o)});
  };
  const auto base = [](Op& o) { o.base = {kHome}; };
  const auto tips = [](Op& o) { o.tips = {kHome}; };
  const auto payload = [](Op& o) { o.payload = {0xf6}; };
  CHECK(why(with(op(OpKind::kSet, "x"), base)) == "valid");
  CHECK(why(with(op(OpKind::kDrop, "x"), base)) == "valid");
  CHECK(why(with(op(OpKind::kRemove, ""), tips)) == "valid");
  CHECK(why(with(op(OpKind::kAdd, "x"), base)) == "create, add and append replace nothing");
  CHECK(why(with(op(OpKind::kAppend, "x"), base)) == "create, add and append replace nothing");
  CHECK(why(with(op(OpKind::kSet, "x"), tips)) == "tips belong to remove");
  CHECK(why(with(op(OpKind::kSet, "x"), payload)) == "a payload belongs to a decision");
  CHECK(why(with(op(OpKind::kSet, "x"), [](Op& o) {
          o.base.assign(limits::kBasesMax + 1, kHome);
        })) == "an op names too many events");
  Event create = edit({op(OpKind::kCreate, "member", Value::text("no dot"))});
  create.entity = {};
  CHECK(why(create) == "a parent is a dot");
  create.ops[0].value = Value::dot(kHome);
  CHECK(why(create) == "valid");
  create.ops.push_back(op(OpKind::kSet, "x"));
  create.ops[1].base = {kHome};
  CHECK(why(create) == "create, add and append replace nothing");
  Event decide = edit({op(OpKind::kDecide, "annual", Value::text("2024"))});
  decide.entity = {};
  CHECK(why(decide) == "valid");
  decide.ops.push_back(decide.ops[0]);
  CHECK(why(decide) == "a decision or revoke twice in one event");
  decide.ops[1].value = Value::text("2025");
  CHECK(why(decide) == "valid");
}

TEST_CASE("an event longer than its limit is refused, and one just below is not") {
  Event event = edit({});
  for (int i = 0; event.ops.size() < 31; ++i) {
    event.ops.push_back(op(OpKind::kAppend, "n" + std::to_string(i),
                           Value::text(std::string(limits::kTextBytesMax, 'x'))));
  }
  REQUIRE(why(event) == "valid");
  Bytes bytes = canonical(event);
  std::size_t room = limits::kEventBytesMax - bytes.size();
  event.ops.push_back(op(OpKind::kAppend, "n", Value::text(std::string(room - 8, 'x'))));
  bytes = canonical(event);
  CHECK(bytes.size() == limits::kEventBytesMax);
  CHECK(why(event) == "valid");
  CHECK(read_canonical(bytes).ok());
  event.ops.back().name += "n";
  CHECK(why(event) == "too long");
  CHECK_FALSE(read_canonical(canonical(event)).ok());
}

TEST_CASE("bytes that are not canonical are refused with the reason") {
  // [0, 0, 1, "a", "v", null, [[7, "k", null, []]]]
  CHECK(why_bytes("8700000161616176f68184"
                  "07616bf680") == "valid");
  CHECK(why_bytes("8700000161616176f68184"
                  "07616bf68000") != "valid");  // a byte more
  CHECK(why_bytes("870000190001"
                  "61616176f6818407616bf680") != "valid");  // long order
  CHECK(why_bytes("8700030161616176f68184"
                  "07616bf680") == "number out of range");  // grade 3
  CHECK(why_bytes("8700000161616176f68184"
                  "09616bf680") == "number out of range");  // op 9
  CHECK(why_bytes("8700000162ff616176f68184"
                  "07616bf680") != "valid");  // not UTF-8
  CHECK(why_bytes("8700000161616176f68184"
                  "07616bf98000"
                  "80") != "valid");  // a float
  CHECK(why_bytes("8700000161616176f68185"
                  "07616bf680a0") == "an empty map is left out");
  CHECK(why_bytes("8700000161616176f68185"
                  "07616bf680a10180") == "empty tips are left out");
  CHECK(why_bytes("8700000161616176f68185"
                  "07616bf680a203000200") == "keys must ascend");
  CHECK(why_bytes("8700000161616176f68185"
                  "07616bf680a203000300") == "keys must ascend");
  CHECK(why_bytes("8800000161616176f6818407616bf680"
                  "a0") == "an empty map is left out");
  CHECK(why_bytes("8800000161616176f6818407616bf680"
                  "a10000") == "keys must ascend");
  CHECK(why_bytes("8700000161616176824c00000000000000000000000000"
                  "818401616bf680") != "valid");
  CHECK(why_bytes("8600000161616176f6") != "valid");
}

TEST_CASE("an event cut at any byte is refused") {
  test::EventMaker maker(11);
  for (int i = 0; i < 30; ++i) {
    const Bytes bytes = canonical(maker.event());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      REQUIRE_FALSE(read_canonical(ByteView(bytes).first(size)).ok());
    }
  }
}

TEST_CASE("values are equal by meaning, and ordered alike on every machine") {
  const Link link{{UnitNo(3'700'012), Channel::kReference}, kHome, {9, 8, 7}};
  CHECK(Value::link(link).as_link() == link);
  CHECK(Value::dot(kHome).as_dot() == kHome);
  CHECK(Value::integer(-5).as_int() == -5);
  CHECK(Value::text("Lành").as_text() == "Lành");
  CHECK(Value::boolean(true).as_bool());
  CHECK_FALSE(Value::integer(0) == Value::boolean(false));
  CHECK_FALSE(Value::null() == Value::text(""));
  const std::vector<Value> rising = {
      Value::null(),      Value::boolean(false), Value::boolean(true),
      Value::integer(-1), Value::integer(0),     Value::text(""),
      Value::text("a"),   Value::dot(kHome),     Value::link(link)};
  for (std::size_t i = 1; i < rising.size(); ++i) {
    CHECK(rising[i - 1] < rising[i]);
    CHECK_FALSE(rising[i] < rising[i - 1]);
  }
}
