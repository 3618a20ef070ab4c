// Programs of three versions in one tree (`tests/sim/versions.h`), and what happens at an upgrade.
#include <algorithm>

#include "tests/unit/tests/sim/story.h"

using namespace lalanh;
using namespace lalanh::sim;

namespace {

/// A hall with an older program between a district and laptops with newer ones.
constexpr const char* kTree = R"({"op":"unit","unit":"D","kind":"district"}
{"op":"unit","unit":"C","parent":"D","kind":"commune"}
{"op":"unit","unit":"V","parent":"C","kind":"village"}
{"op":"node","node":"d","unit":"D","version":3}
{"op":"node","node":"c","unit":"C","parent":"d","version":1}
{"op":"node","node":"a","unit":"V","parent":"c","version":3}
{"op":"node","node":"b","unit":"V","parent":"c"}
{"op":"create","node":"a","as":"h","type":"household","unit":"V","fields":{"head":"An","b":"Xóm Mới","citizen_id":"001090000001"}}
{"op":"create","node":"a","as":"m","type":"member","unit":"V","parent":"h","fields":{"name":"Bé","relation":"con"}}
{"op":"create","node":"a","as":"f","type":"assessment","unit":"V","parent":"h","fields":{"period":"2023","area":"R","score_income":100,"score_deprivation":30}}
{"op":"create","node":"a","as":"v","type":"visit","unit":"V","fields":{"a":"hôm nay"}}
{"op":"set","node":"a","entity":"v","fields":{"b":"đã gặp"}}
{"op":"settle"}
)";

std::vector<std::string> lines(Machine& machine) {
  return *register_lines(machine.store(), machine.registered());
}

bool has(Machine& machine, const std::string& line) {
  const std::vector<std::string> all = lines(machine);
  return std::find(all.begin(), all.end(), line) != all.end();
}

/// The events of the scope that has the entity, as a machine holds them.
std::vector<Event> log_of(Machine& machine, const EntityId& entity) {
  std::vector<Event> out;
  const auto logged = machine.store().history(entity.scope, entity.create, 0);
  REQUIRE(logged.ok());
  for (const LoggedEvent& each : *logged) out.push_back(each.event);
  return out;
}

FieldInputs text(const std::string& field, const std::string& value) {
  return {{field, value, {}}};
}

}  // namespace

TEST_CASE("an older hall passes on what it does not know, and shows it once it is upgraded") {
  Story s(kTree);
  Machine& hall = s.machine("c");
  const std::string unknown = figures_line(s.machine("a").unit(), "2023", 0, 1, 1);
  const std::string poor = figures_line(s.machine("a").unit(), "2023", 1, 1, 1);
  CHECK(has(hall, unknown));
  for (const char* name : {"a", "b", "d"}) CHECK(has(s.machine(name), poor));
  CHECK(lines(s.machine("d")) == lines(s.machine("a")));
  // Through the older hall came the newer's verb, and keys that nobody here knows.
  const std::vector<Event> visit = log_of(s.machine("a"), s.id("v"));
  REQUIRE(visit.size() == 2);
  CHECK(visit.back().verb == "advise");
  CHECK_FALSE(visit.back().extras.empty());
  for (const char* name : {"b", "c", "d"}) CHECK(log_of(s.machine(name), s.id("v")) == visit);
  const Result<bool> written = hall.registered().commands().correct(s.id("v"), text("a", "x"), "c");
  REQUIRE_FALSE(written.ok());
  CHECK(written.error().name() == "register.not_found");

  const Hash digest = *hall.store().state_digest();
  s.tell(R"({"op":"upgrade","node":"c","version":2})");
  CHECK(has(hall, poor));
  CHECK(lines(hall) == lines(s.machine("b")));
  s.tell(R"({"op":"upgrade","node":"c","version":3})");
  CHECK(lines(hall) == lines(s.machine("d")));
  CHECK(*hall.store().state_digest() == digest);
  CHECK(*hall.registered().commands().correct(s.id("v"), text("a", "sáng nay"), "c"));
  s.tell(R"({"op":"settle"}
{"op":"expect","node":"b","entity":"v","field":"a","values":["sáng nay"]})");
}

TEST_CASE("what three versions write to one household merges as if all were of one") {
  Story s(kTree);
  s.tell(R"({"op":"set","node":"c","entity":"h","fields":{"head":"Ân"}}
{"op":"set","node":"a","entity":"h","fields":{"head":"Ấn","b":"Xóm Cũ"}}
{"op":"set","node":"b","entity":"f","fields":{"score_income":200}}
{"op":"remove","node":"c","entity":"v"}
{"op":"set","node":"a","entity":"v","fields":{"c":"thêm"}}
{"op":"settle"})");
  for (const char* name : {"a", "b", "c", "d"}) {
    CHECK(s.dump(name).at("conflicts") == Json::parse(R"([["h","head"],["v","removed"]])"));
  }
  CHECK(has(s.machine("d"), figures_line(s.machine("a").unit(), "2023", 4, 1, 1)));
}

TEST_CASE("a draft that was open across an upgrade of the form loses nothing when it is saved") {
  Story s(kTree);
  Machine& hall = s.machine("c");
  // Begun at the hall under the older form: it has seen the writes of then.
  const EntityId h = s.id("h");
  const EntityState seen = **hall.store().entity(h.scope, h.create);
  const ScopeStreams& streams = **hall.store().core().known(h.scope);
  Event draft;
  draft.actor = "Cán bộ xã";
  draft.verb = "correct";
  draft.entity = h.create;
  Op& op = draft.ops.emplace_back();
  op.name = "head";
  op.value = Value::text("Ân");
  for (const Write& write : writes_of(seen, hall.store().core().words.hint("head"))) {
    op.base.push_back(streams.dot(write.ref));
  }
  REQUIRE(op.base.size() == 1);
  // Meanwhile a laptop with the newer form writes that field and one that the older does not know,
  // and the hall is upgraded with the draft still open.
  s.tell(R"({"op":"set","node":"a","entity":"h","fields":{"head":"Ấn","b":"Xóm Cũ"}}
{"op":"sync","node":"a"}
{"op":"upgrade","node":"c","version":3})");
  WriteBatch batch = *hall.store().begin_write();
  REQUIRE(batch.add(h.scope, draft).ok());
  REQUIRE(batch.commit().ok());
  s.tell(R"({"op":"settle"}
{"op":"expect","node":"a","entity":"h","field":"head","values":["Ân","Ấn"]}
{"op":"expect","node":"d","entity":"h","field":"b","values":["Xóm Cũ"]}
{"op":"expect","node":"c","entity":"h","field":"citizen_id","values":["001090000001"]})");
  CHECK(has(hall, conflict_line(to_text(h), to_text(h))));
  CHECK(lines(hall) == lines(s.machine("d")));
}
