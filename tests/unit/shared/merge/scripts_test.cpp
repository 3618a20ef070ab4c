// Plays the scripts of tests/golden/scripts against the pure merge: no store, no segments, no link.
// What each dump must print was worked out by an independent model of the design; the digest is not
// compared, since the model does not know its bytes.
#include <fstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/unit/shared/merge/real_merge.h"
#include "tests/unit/shared/merge/replica.h"

using namespace lalanh;
using namespace lalanh::test;
using Json = nlohmann::json;

namespace {

Value value_of(const Json& j) {
  if (j.is_null()) return Value::null();
  if (j.is_boolean()) return Value::boolean(j);
  if (j.is_number()) return Value::integer(j);
  return Value::text(j);
}

Json json_of(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kBool: return v.as_bool();
    case Value::Kind::kInt: return v.as_int();
    case Value::Kind::kText: return v.as_text();
    default: return nullptr;
  }
}

void sort_by_text(std::vector<Json>& list) {
  std::sort(list.begin(), list.end(),
            [](const Json& a, const Json& b) { return a.dump() < b.dump(); });
}

Op op_of(OpKind kind, const std::string& name, const Value& value) {
  return {kind, name, value, {}, {}, {}, {}};
}

/// One database: a replica in each scope that it holds.
struct Node {
  std::string unit;
  std::string parent;
  DeviceNo device;
  Rank rank;
  std::map<std::string, Replica> scopes;
};

class Player {
 public:
  explicit Player(Json& dumps) : dumps_(dumps) {}

  void play(const Json& line) {
    const std::string op = line.at("op");
    if (op == "unit") {
      parents_[line.at("unit")] = line.value("parent", "");
      kinds_[line.at("unit")] = line.at("kind");
    } else if (op == "node") {
      add_node(line);
    } else if (op == "settle") {
      for (int round = 0; round < 8; ++round) {
        for (const std::string& name : order_) sync(name);
      }
    } else if (op == "bundle" || op == "import") {
      carry(op, line);
    } else if (op == "dump") {
      dumps_.push_back(dump(line.at("node")));
    } else if (!fault(op, line)) {
      write(op, line);
    }
  }

 private:
  void add_node(const Json& line) {
    Node node;
    node.unit = line.at("unit");
    node.parent = line.value("parent", "");
    node.device = DeviceNo(static_cast<std::uint32_t>(order_.size() + 1));
    const std::map<std::string, int> ranks = {
        {"village", 1}, {"commune", 2}, {"district", 3}, {"province", 4}};
    node.rank = Rank(static_cast<std::uint8_t>(ranks.at(kinds_.at(node.unit))));
    order_.push_back(line.at("node"));
    nodes_[line.at("node")] = node;
  }

  /// Everything that happens to machines and links; false where `op` is a write.
  bool fault(const std::string& op, const Json& line) {
    if (op == "clock") return true;
    const std::string name = line.at("node");
    if (op == "sync") {
      // A cut link and a lost reply keep what was durable; what is missing comes with the next.
      if (!line.contains("cut_after_bytes")) sync(name);
    } else if (op == "crash") {
      new_epoch(nodes_.at(name));
    } else if (op == "clone") {
      order_.push_back(line.at("as"));
      new_epoch(nodes_.at(name));
      nodes_[line.at("as")] = nodes_.at(name);
    } else if (op == "snapshot") {
      snapshots_[line.at("as")] = nodes_.at(name);
    } else if (op == "restore") {
      nodes_[name] = snapshots_.at(line.at("as"));
      new_epoch(nodes_[name]);
    } else {
      return false;
    }
    return true;
  }

  static void new_epoch(Node& node) {
    for (auto& [unit, replica] : node.scopes) replica.new_epoch();
  }

  Replica& replica(Node& node, const std::string& unit) {
    History& history = histories_[unit];
    return node.scopes.try_emplace(unit, history, node.device, node.rank).first->second;
  }

  bool may_read(const std::string& reader, std::string unit) const {
    while (!unit.empty() && unit != reader) unit = parents_.at(unit);
    return !unit.empty();
  }

  void exchange(Node& from, Node& to) {
    for (auto& [unit, held] : from.scopes) {
      if (may_read(to.unit, unit)) replica(to, unit).pull(held);
    }
  }

  void sync(const std::string& name) {
    Node& node = nodes_.at(name);
    if (node.parent.empty()) return;
    exchange(node, nodes_.at(node.parent));
    exchange(nodes_.at(node.parent), node);
  }

  void carry(const std::string& op, const Json& line) {
    if (op == "bundle") {
      bundles_[line.at("as")] = nodes_.at(line.at("node"));
    } else if (!line.contains("flip_byte") && !line.contains("truncate_to_bytes")) {
      exchange(bundles_.at(line.at("bundle")), nodes_.at(line.at("node")));
    }
  }

  static std::vector<Dot> seen(const EntityView& entity, const FieldKey& key, const Value* item) {
    std::vector<Dot> out;
    const auto at = entity.live.find(key);
    if (at == entity.live.end()) return out;
    for (const auto& [dot, v] : at->second) {
      if (item == nullptr || v == *item) out.push_back(dot);
    }
    return out;
  }

  void write_event(Node& node, const std::string& unit, const Dot& entity, std::vector<Op> ops,
                   const std::string& label = "") {
    Event event;
    event.actor = node.unit;
    event.verb = "script";
    event.entity = entity;
    event.ops = std::move(ops);
    REQUIRE(check_event(event).ok());
    const Dot dot = replica(node, unit).write(event, writer_from(rng_, histories_.at(unit)));
    if (!label.empty()) entities_[label] = {unit, dot};
  }

  void create(Node& node, const Json& line) {
    const std::string unit = line.at("unit");
    std::vector<Op> ops = {op_of(OpKind::kCreate, line.at("type"), {})};
    for (const auto& [name, value] : line.at("fields").items()) {
      if (name.rfind("s_", 0) != 0 && name.rfind("a_", 0) != 0) {
        ops.push_back(op_of(OpKind::kSet, name, value_of(value)));
      }
    }
    write_event(node, unit, {}, std::move(ops), line.at("as"));
    const Dot dot = entities_.at(line.at("as")).second;
    for (const auto& [name, items] : line.at("fields").items()) {
      const bool set = name.rfind("s_", 0) == 0;
      if (!set && name.rfind("a_", 0) != 0) continue;
      for (const Json& item : items) {
        write_event(node, unit, dot,
                    {op_of(set ? OpKind::kAdd : OpKind::kAppend, name, value_of(item))});
      }
    }
  }

  void write(const std::string& op, const Json& line) {
    Node& node = nodes_.at(line.at("node"));
    if (op == "create") return create(node, line);
    const auto& [unit, dot] = entities_.at(line.at("entity"));
    Replica& here = replica(node, unit);
    const View view = here.view();
    const EntityView& entity = view.entities.at(dot);
    std::vector<Op> ops;
    if (op == "set") {
      for (const auto& [name, value] : line.at("fields").items()) {
        ops.push_back(op_of(OpKind::kSet, name, value_of(value)));
        ops.back().base = seen(entity, {0, name}, nullptr);
      }
    } else if (op == "add" || op == "append") {
      ops.push_back(op_of(op == "add" ? OpKind::kAdd : OpKind::kAppend, line.at("field"),
                          value_of(line.at("item"))));
    } else if (op == "drop") {
      const Value item = value_of(line.at("item"));
      ops.push_back(op_of(OpKind::kDrop, line.at("field"), item));
      ops.back().base = seen(entity, {1, line.at("field")}, &item);
    } else {
      REQUIRE((op == "remove" || op == "keep"));
      ops.push_back(op_of(op == "remove" ? OpKind::kRemove : OpKind::kKeep, "", {}));
      ops.back().base.assign(entity.removals.begin(), entity.removals.end());
      if (op == "remove") ops.back().tips = here.tips_of(dot);
    }
    write_event(node, unit, dot, std::move(ops));
  }

  std::string label_of(const Dot& dot) const {
    for (const auto& [label, place] : entities_) {
      if (place.second == dot) return label;
    }
    return "?";
  }

  static Json fields_of(const EntityView& entity) {
    Json out = Json::object();
    for (const auto& [key, writes] : entity.live) {
      std::vector<Json> values;
      for (const auto& [dot, v] : writes) values.push_back(json_of(v));
      sort_by_text(values);
      values.erase(std::unique(values.begin(), values.end()), values.end());
      out[key.second] = values;
    }
    for (const auto& [name, items] : entity.items) {
      for (const Value& item : items) out[name].push_back(json_of(item));
    }
    return out;
  }

  Json dump(const std::string& name) {
    Json out = {{"node", name}, {"entities", Json::object()}};
    std::vector<Json> conflicts;
    std::size_t pending = 0;
    for (auto& [unit, replica] : nodes_.at(name).scopes) {
      RealMerge merge(histories_.at(unit));
      merge.deliver(replica.known());
      const View view = merge.view();
      REQUIRE(view == replica.view());
      pending += view.pending;
      for (const auto& [dot, entity] : view.entities) {
        const std::string label = label_of(dot);
        out["entities"][label] = {{"fields", fields_of(entity)},
                                  {"removed", entity.standing == Standing::kRemoved},
                                  {"type", entity.type},
                                  {"unit", unit}};
        for (const std::string& field : entity.conflicts) conflicts.push_back({label, field});
        if (entity.standing == Standing::kDisputed) conflicts.push_back({label, "removed"});
      }
    }
    std::sort(conflicts.begin(), conflicts.end());
    out["conflicts"] = conflicts;
    out["pending"] = pending;
    return out;
  }

  Json& dumps_;
  std::map<std::string, std::string> parents_;
  std::map<std::string, std::string> kinds_;
  std::vector<std::string> order_;
  std::map<std::string, Node> nodes_;
  std::map<std::string, Node> snapshots_;
  std::map<std::string, Node> bundles_;
  std::map<std::string, History> histories_;
  std::map<std::string, std::pair<std::string, Dot>> entities_;
  Rng rng_{42};
};

std::vector<Json> lines_of(const std::string& file) {
  std::ifstream in("tests/golden/scripts/" + file);
  REQUIRE(in.good());
  std::vector<Json> out;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != '#') out.push_back(Json::parse(line));
  }
  return out;
}

void compare(const std::string& name) {
  Json dumps = Json::array();
  Player player(dumps);
  for (const Json& line : lines_of(name + ".jsonl")) player.play(line);
  const std::vector<Json> expected = lines_of(name + ".expected.jsonl");
  REQUIRE(dumps.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    Json wanted = expected[i];
    wanted.erase("digest");
    INFO(name << ", dump of " << wanted.at("node"));
    for (const auto& [label, entity] : wanted.at("entities").items()) {
      INFO(label);
      REQUIRE(dumps[i].at("entities").contains(label));
      CHECK(dumps[i].at("entities").at(label).dump() == entity.dump());
    }
    CHECK(dumps[i].dump() == wanted.dump());
  }
}

}  // namespace

TEST_CASE("the random script gives the dumps of an independent model") { compare("script-random"); }

TEST_CASE("the script of faults gives the dumps of an independent model") {
  compare("script-faults");
}
