#include "tools/dictionary/world.h"

#include <algorithm>
#include <cstring>

namespace lalanh::dictionary {
namespace {

using Fields = std::vector<std::pair<std::string, Value>>;

bool of_household(const std::string& field) {
  return field == "head" || field == "head_birth" || field == "address" || field == "ethnic";
}

Fields household_fields(const Household& row) {
  return {{"code", Value::text(row.id)},
          {"head", Value::text(row.head)},
          {"head_birth", Value::integer(row.birth)},
          {"address", Value::text(row.address)},
          {"ethnic", Value::text(row.ethnic)}};
}

Fields assessment_fields(const Household& row) {
  Fields out = {{"period", Value::text("2024")},
                {"area", Value::text(row.area)},
                {"income", Value::integer(row.income)}};
  for (std::size_t i = 0; i < indicators().size(); ++i) {
    out.emplace_back(indicators()[i], Value::boolean(row.lacks[i]));
  }
  out.emplace_back("wishes", Value::text(row.wishes));
  return out;
}

Fields member_fields(const Member& member) {
  return {{"name", Value::text(member.name)}, {"birth", Value::integer(member.birth)},
          {"sex", Value::text(member.sex)},   {"relation", Value::text(member.relation)},
          {"job", Value::text(member.job)},   {"insured", Value::boolean(member.insured)}};
}

}  // namespace

World::World(std::uint64_t seed, UnitNo unit) : rng_(seed, "dictionary world", {unit.value}) {
  scope_ = {unit, Channel::kRecords};
}

void World::begin_stream(const std::string& actor) {
  WriterId writer;
  for (std::uint8_t& byte : writer.bytes) byte = static_cast<std::uint8_t>(rng_.below(256));
  line_.push_back(writer);
  actor_ = actor;
  last_counter_ = counter_;
  sealed_ = 0;
  counter_ = 0;
}

Event World::begin(std::int64_t time_ms, const std::string& verb) {
  Event event;
  event.time = TimeMs(time_ms);
  event.order = ++order_;
  event.actor = actor_;
  event.verb = verb;
  ++counter_;
  return event;
}

Dot World::next_dot() { return {line_.back(), counter_}; }

Event World::create_event(std::int64_t time_ms, const std::string& verb, const std::string& type,
                          const Entity* parent, Fields fields, Entity& entity) {
  Event event = begin(time_ms, verb);
  entity.create = next_dot();
  entity.tip = entity.create;
  Op create;
  create.kind = OpKind::kCreate;
  create.name = type;
  if (parent != nullptr) create.value = Value::dot(parent->create);
  event.ops.push_back(std::move(create));
  for (auto& [name, value] : fields) {
    Op op;
    op.kind = name == "causes" ? OpKind::kAdd : OpKind::kSet;
    op.name = name;
    op.value = value;
    if (op.kind == OpKind::kSet) entity.written[name] = entity.create;
    event.ops.push_back(std::move(op));
  }
  return event;
}

std::vector<Event> World::create(std::span<const Household> rows, const std::string& verb,
                                 std::int64_t time_ms, std::int64_t step_ms) {
  std::vector<Event> out;
  const auto next_time = [&] { return time_ms += step_ms; };
  for (const Household& row : rows) {
    Home home;
    out.push_back(create_event(next_time(), verb, "household", nullptr, household_fields(row),
                               home.household));
    Fields fields = assessment_fields(row);
    for (const std::string& cause : row.causes) fields.emplace_back("causes", Value::text(cause));
    out.push_back(create_event(next_time(), verb, "assessment", &home.household, std::move(fields),
                               home.assessment));
    for (const Member& member : row.members) {
      home.members.emplace_back();
      out.push_back(create_event(next_time(), verb, "member", &home.household,
                                 member_fields(member), home.members.back()));
    }
    ids_.push_back(row.id);
    homes_[row.id] = std::move(home);
  }
  return out;
}

Event World::set_event(std::int64_t time_ms, Entity& entity,
                       std::span<const std::pair<std::string, Value>> fields) {
  Event event = begin(time_ms, "correct");
  event.entity = entity.create;
  for (const auto& [name, value] : fields) {
    Op op;
    op.kind = OpKind::kSet;
    op.name = name;
    op.value = value;
    const auto written = entity.written.find(name);
    if (written != entity.written.end()) op.base.push_back(written->second);
    entity.written[name] = next_dot();
    event.ops.push_back(std::move(op));
  }
  entity.tip = next_dot();
  return event;
}

std::vector<Event> World::correct(std::span<const Update> rows) {
  std::vector<Event> out;
  for (const Update& row : rows) {
    Home& home = homes_.at(row.id);
    Fields fields[2];
    for (const auto& field : row.fields) {
      fields[of_household(field.first) ? 0 : 1].push_back(field);
    }
    if (!fields[0].empty()) out.push_back(set_event(row.time_ms, home.household, fields[0]));
    if (!fields[1].empty()) out.push_back(set_event(row.time_ms, home.assessment, fields[1]));
  }
  return out;
}

World::Home& World::any_home() {
  return homes_.at(ids_[rng_.below(static_cast<std::uint32_t>(ids_.size()))]);
}

std::vector<Event> World::correct_others(std::size_t count, std::int64_t time_ms) {
  static const std::vector<std::string> jobs = {"làm ruộng", "buôn bán", "làm thuê",
                                                "không",     "đi học",   "công nhân"};
  std::vector<Event> out;
  while (out.size() < count) {
    time_ms += rng_.between(1'000, 120'000);
    Home& home = any_home();
    Fields fields;
    if (home.members.empty() || rng_.chance(200)) {
      fields.emplace_back("phone",
                          Value::text("09" + std::to_string(rng_.between(10'000'000, 99'999'999))));
      out.push_back(set_event(time_ms, home.household, fields));
      continue;
    }
    Entity& member = home.members[rng_.below(static_cast<std::uint32_t>(home.members.size()))];
    if (rng_.chance(500)) fields.emplace_back("insured", Value::boolean(rng_.chance(500)));
    if (fields.empty() || rng_.chance(300)) {
      fields.emplace_back("job",
                          Value::text(jobs[rng_.below(static_cast<std::uint32_t>(jobs.size()))]));
    }
    if (rng_.chance(200)) fields.emplace_back("birth", Value::integer(rng_.between(1930, 2024)));
    out.push_back(set_event(time_ms, member, fields));
  }
  return out;
}

std::vector<Event> World::remove(std::size_t count, std::int64_t time_ms) {
  static const std::vector<std::string> reasons = {"đã chết", "chuyển đi", "nhập trùng"};
  std::vector<Event> out;
  while (out.size() < count) {
    time_ms += rng_.between(5'000, 300'000);
    Home& home = any_home();
    if (home.members.empty()) continue;
    Entity& member = home.members[rng_.below(static_cast<std::uint32_t>(home.members.size()))];
    Event event = begin(time_ms, "remove");
    event.entity = member.create;
    Op op;
    op.kind = OpKind::kRemove;
    op.value = Value::text(reasons[rng_.below(static_cast<std::uint32_t>(reasons.size()))]);
    op.tips.push_back(member.tip);
    event.ops.push_back(std::move(op));
    member.tip = next_dot();
    out.push_back(std::move(event));
  }
  return out;
}

SegmentHeader World::header(std::span<const Event> events) {
  SegmentHeader out;
  out.scope = scope_;
  out.writer = line_.back();
  out.first = sealed_ + 1;
  out.count = static_cast<std::uint32_t>(events.size());
  sealed_ += out.count;
  if (out.first == 1) {
    StreamStart start;
    for (std::uint8_t& byte : start.epoch) byte = static_cast<std::uint8_t>(rng_.below(256));
    if (line_.size() > 1) {
      start.predecessor = Predecessor{line_[line_.size() - 2], last_counter_};
    } else {
      start.certificate = Bytes(440, 0);
      for (std::uint8_t& byte : start.certificate) {
        byte = static_cast<std::uint8_t>(rng_.below(256));
      }
    }
    out.start = start;
  }
  for (std::uint8_t& byte : out.signature) byte = static_cast<std::uint8_t>(rng_.below(256));
  return out;
}

std::optional<WriterId> World::predecessor(const WriterId& writer) const {
  const auto at = std::find(line_.begin(), line_.end(), writer);
  if (at == line_.end() || at == line_.begin()) return std::nullopt;
  return *(at - 1);
}

bool World::knows(const WriterId& writer) const {
  return std::find(line_.begin(), line_.end(), writer) != line_.end();
}

}  // namespace lalanh::dictionary
