#include "tests/sim/random_script.h"

#include <algorithm>
#include <utility>

namespace lalanh::sim {
namespace {

constexpr std::uint64_t kDayMs = 86'400'000;

template <class T>
const T& pick(Choices& choices, const std::vector<T>& of) {
  return of[choices.below(of.size())];
}

}  // namespace

RandomScript::RandomScript(Choices& faults, Choices& lines) : choices_(lines), writes_(lines) {
  const double share =
      faults.chance(0.1) ? 0.0 : 0.15 + 0.05 * static_cast<double>(faults.below(8));
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (faults.chance(share)) faults_.push_back(static_cast<Fault>(i));
  }
  steps_ = static_cast<int>(20 + faults.below(100));
}

bool RandomScript::on(Fault fault) const {
  return std::find(faults_.begin(), faults_.end(), fault) != faults_.end();
}

ScriptLine RandomScript::line(const std::string& op, Json keys) {
  ScriptLine out;
  out.op = op;
  out.keys = std::move(keys);
  return out;
}

std::vector<ScriptLine> RandomScript::beginning() {
  std::vector<ScriptLine> out;
  const auto unit = [&](const std::string& name, const std::string& parent, const char* kind) {
    Json keys = {{"unit", name}, {"kind", kind}};
    if (!parent.empty()) keys["parent"] = parent;
    out.push_back(line("unit", std::move(keys)));
    units_.emplace_back(name, parent);
  };
  std::vector<ScriptLine> nodes;
  const auto node = [&](const std::string& name, const std::string& of, const std::string& parent) {
    Json keys = {{"node", name}, {"unit", of}};
    if (!parent.empty()) keys["parent"] = parent;
    if (on(Fault::kVersions)) keys["version"] = 1 + choices_.below(kNewestVersion);
    nodes.push_back(line("node", std::move(keys)));
  };
  unit("P", "", "province");
  node("p", "P", "");
  // Three tiers after June 2025, four before.
  std::vector<std::pair<std::string, std::string>> above;  // unit and node over the communes
  if (choices_.chance(0.3)) {
    above.emplace_back("P", "p");
  } else {
    const std::uint64_t districts = 1 + choices_.below(2);
    for (std::uint64_t d = 0; d < districts; ++d) {
      const std::string name = "D" + std::to_string(d);
      unit(name, "P", "district");
      node("n" + name, name, "p");
      above.emplace_back(name, "n" + name);
    }
  }
  for (const auto& [over, server] : above) {
    const std::uint64_t communes = 1 + choices_.below(2);
    for (std::uint64_t c = 0; c < communes; ++c) {
      const std::string commune = over + "C" + std::to_string(c);
      unit(commune, over, "commune");
      node("n" + commune, commune, server);
      const std::uint64_t villages = 1 + choices_.below(2);
      for (std::uint64_t v = 0; v < villages; ++v) {
        const std::string village = commune + "V" + std::to_string(v);
        unit(village, commune, "village");
        const std::uint64_t laptops = 1 + choices_.below(2);
        for (std::uint64_t l = 0; l < laptops; ++l) {
          node("n" + village + "x" + std::to_string(l), village, "n" + commune);
        }
      }
    }
  }
  out.insert(out.end(), nodes.begin(), nodes.end());
  return out;
}

std::optional<ScriptLine> RandomScript::next(Player& player) {
  if (ended_) return std::nullopt;
  if (--steps_ <= 0 || choices_.ended()) {
    ended_ = true;
    // A copied device has one name for two on the stick, so that there the network has the last
    // word.
    const bool copies = on(Fault::kClones) || on(Fault::kForks) || on(Fault::kRestores) ||
                        on(Fault::kRevokes) ||  // nothing is sealed to a revoked device
                        on(Fault::kMoves);      // what a hall has left goes over the network
    if (on(Fault::kSticks) && !copies) return line("settle", {{"by_stick", true}});
    return line("settle", Json::object());
  }
  if (next_) return std::exchange(next_, std::nullopt);
  for (;;) {
    const std::uint64_t kind = choices_.below(100);
    std::optional<ScriptLine> out;
    if (kind < 20) {
      out = fault(player);
    } else if (kind < 50) {
      out = sync(player);
    } else if (kind < 51) {
      out = line("settle", Json::object());
    } else {
      out = write(player);
    }
    if (out) return out;
  }
}

std::string RandomScript::machine(Player& player) {
  return pick(choices_, player.world().machines());
}

std::optional<RandomScript::Known> RandomScript::known(Player& player, const std::string& type) {
  for (int i = 0; i < 20 && !entities_.empty(); ++i) {
    const std::string at = machine(player);
    // The newest are written most, as people do, so that edits meet.
    const std::size_t newest = choices_.below(1 + choices_.below(entities_.size()));
    const Entity& entity = entities_[entities_.size() - 1 - newest];
    if (!type.empty() && entity.type != type) continue;
    if (player.sees(player.world().machine(at), entity.label)) return Known{at, entity};
  }
  return std::nullopt;
}

std::string RandomScript::unit_below(Player& player, const std::string& machine) {
  World& world = player.world();
  std::vector<std::string> out;
  for (const auto& [name, parent] : units_) {
    if (world.tree().is_or_ever_was_below(world.unit(name), world.machine(machine).unit())) {
      out.push_back(name);
    }
  }
  return pick(choices_, out);
}

const Catalogue* RandomScript::catalogue(Player& player, const std::string& machine) const {
  if (!on(Fault::kVersions)) return nullptr;
  return &catalogue_of(player.world().machine(machine).version());
}

/// The new household is one that the machine knows, from any unit, which as a rule is removed then.
void RandomScript::move(Player& player, const std::string& at, Json& keys) {
  std::vector<std::string> seen;
  for (const Entity& entity : entities_) {
    const bool household = entity.type == "household";
    if (household && player.sees(player.world().machine(at), entity.label)) {
      seen.push_back(entity.label);
    }
  }
  if (seen.empty()) return;
  const std::string old = pick(choices_, seen);
  keys["continues"] = old;
  if (choices_.chance(0.7)) next_ = line("remove", {{"node", at}, {"entity", old}});
}

std::optional<ScriptLine> RandomScript::create(Player& player) {
  Entity entity;
  entity.type = writes_.type();
  Json keys = Json::object();
  // Members and assessments belong to a household; where none is known, one is entered. A newer
  // program, or a broken one, may hang them on anything.
  std::optional<Known> parent;
  if (entity.type == "member" || entity.type == "assessment") {
    parent = known(player, choices_.chance(0.05) ? "" : "household");
  }
  if (parent) {
    keys = {{"node", parent->machine}, {"parent", parent->entity.label}};
    entity.unit = parent->entity.unit;
  } else {
    const std::string at = machine(player);
    keys["node"] = at;
    if (entity.type != "visit") entity.type = "household";
    entity.unit = unit_below(player, at);
    if (entity.type == "household" && choices_.chance(0.25)) move(player, at, keys);
  }
  const Catalogue* program = catalogue(player, keys["node"]);
  if (program != nullptr && program->type(entity.type) == nullptr) return std::nullopt;
  Json all = writes_.fields(entity.type, true, program);
  if (choices_.chance(0.2)) all["s_x"] = {"land", "work"};
  if (choices_.chance(0.1)) all["a_note"] = {1, 2};
  entity.label = "h" + std::to_string(made_++);
  keys["as"] = entity.label;
  keys["type"] = entity.type;
  keys["unit"] = entity.unit;
  keys["fields"] = std::move(all);
  entities_.push_back(std::move(entity));
  return line("create", std::move(keys));
}

std::optional<ScriptLine> RandomScript::set(const Catalogue* program, const Known& known,
                                            Json keys) {
  keys["fields"] = writes_.fields(known.entity.type, false, program);
  if (keys["fields"].empty()) return std::nullopt;
  return line("set", std::move(keys));
}

std::optional<ScriptLine> RandomScript::write(Player& player) {
  const std::uint64_t kind = choices_.below(100);
  if (kind < 30 || entities_.empty()) return create(player);
  const std::optional<Known> found = known(player, "");
  if (!found) return std::nullopt;
  Json keys = {{"node", found->machine}, {"entity", found->entity.label}};
  if (kind < 70) {
    return set(catalogue(player, found->machine), *found, std::move(keys));
  }
  if (kind < 85) {
    static const std::vector<std::string> kItems = {"land", "work", "loan"};
    const std::uint64_t what = choices_.below(5);
    keys["field"] = what == 4 ? "a_note" : choices_.chance(0.5) ? "s_x" : "s_y";
    keys["item"] = what == 4 ? Json(choices_.between(1, 99)) : Json(pick(choices_, kItems));
    return line(what == 4 ? "append" : what < 2 ? "drop" : "add", std::move(keys));
  }
  return line(kind < 94 ? "remove" : "keep", std::move(keys));
}

ScriptLine RandomScript::sync(Player& player) {
  for (;;) {
    const std::string at = machine(player);
    if (player.world().machine(at).parent().empty()) continue;
    return line("sync", {{"node", at}});
  }
}

std::optional<ScriptLine> RandomScript::link_fault(Player&, ScriptLine sync) {
  const std::int64_t seed = choices_.between(1, 1'000'000);
  switch (choices_.below(5)) {
    case 0:
      sync.keys["cut_after_bytes"] = choices_.below(choices_.chance(0.5) ? 600 : 4'000);
      break;
    case 1: sync.keys["lose_reply"] = 1 + choices_.below(5); break;
    case 2: sync.keys["twice"] = true; break;
    case 3: sync.keys["drop"] = seed; break;
    default: sync.keys["reorder"] = seed; break;
  }
  return sync;
}

std::optional<ScriptLine> RandomScript::stick(Player& player) {
  if (bundles_.empty() || choices_.chance(0.4)) {
    const std::string at = machine(player);
    const std::string& parent = player.world().machine(at).parent();
    const std::string label = "b" + std::to_string(made_++);
    Json keys = {{"node", at}, {"as", label}};
    std::string reader = parent;
    if (parent.empty() || choices_.chance(0.4)) {
      reader = machine(player);
      if (reader == at) return std::nullopt;
      keys["for"] = reader;
    }
    bundles_.emplace_back(label, reader);
    return line("bundle", std::move(keys));
  }
  const auto& [label, reader] = pick(choices_, bundles_);
  Json keys = {{"node", choices_.chance(0.85) ? reader : machine(player)}, {"bundle", label}};
  if (choices_.chance(0.15)) keys["truncate_to_bytes"] = choices_.below(2'000);
  if (choices_.chance(0.15)) keys["flip_byte"] = choices_.below(2'000);
  return line("import", std::move(keys));
}

std::optional<ScriptLine> RandomScript::fault(Player& player) {
  if (faults_.empty()) return std::nullopt;
  std::string at = machine(player);
  const std::string number = std::to_string(made_++);
  switch (pick(choices_, faults_)) {
    case Fault::kLinks: return link_fault(player, sync(player));
    case Fault::kPower: {
      Json keys = {{"node", at}};
      if (choices_.chance(0.6)) keys["after_writes"] = 1 + choices_.below(30);
      return line("crash", std::move(keys));
    }
    case Fault::kDisks: {
      Json keys = {{"node", at}};
      static const std::vector<std::string> kCalls = {"read", "write", "sync"};
      if (choices_.chance(0.3)) {
        keys["good"] = true;
      } else if (choices_.chance(0.3)) {
        keys["full"] = true;
      } else {
        keys["fail"] = pick(choices_, kCalls);
        keys["after"] = 1 + choices_.below(40);
      }
      return line("disk", std::move(keys));
    }
    case Fault::kClocks: {
      const std::int64_t days = choices_.between(-20'000, 30'000);
      return line("clock", {{"node", at}, {"ms", days * static_cast<std::int64_t>(kDayMs)}});
    }
    case Fault::kRestores:
      if (snapshots_.empty() || choices_.chance(0.5)) {
        snapshots_.push_back(at + "/" + number);
        return line("snapshot", {{"node", at}, {"as", snapshots_.back()}});
      } else {
        const std::string& image = pick(choices_, snapshots_);
        return line("restore", {{"node", image.substr(0, image.find('/'))}, {"as", image}});
      }
    case Fault::kClones:
    case Fault::kForks: {
      if (player.world().machines().size() > 20) return std::nullopt;
      // A copy of the topmost server has nobody who would tell it anything.
      while (player.world().machine(at).parent().empty()) at = machine(player);
      const bool clone = on(Fault::kClones) && (!on(Fault::kForks) || choices_.chance(0.5));
      return line(clone ? "clone" : "fork", {{"node", at}, {"as", at + "c" + number}});
    }
    case Fault::kRevokes: {
      const std::string of = machine(player);
      return line("revoke", {{"node", at}, {"of", of}, {"unit", unit_below(player, at)}});
    }
    case Fault::kSticks: return stick(player);
    case Fault::kMoves: {
      std::vector<std::string> communes, villages;
      for (const auto& [name, parent] : units_) {
        if (name.find('V') != std::string::npos) villages.push_back(name);
        if (name.find('C') != std::string::npos && name.find('V') == std::string::npos) {
          communes.push_back(name);
        }
      }
      const std::string to = pick(choices_, communes);
      return line("move", {{"unit", pick(choices_, villages)}, {"parent", to}, {"node", "n" + to}});
    }
    case Fault::kVersions: {
      const int version = player.world().machine(at).version();
      if (version == kNewestVersion) return std::nullopt;
      const auto newer = static_cast<std::uint64_t>(kNewestVersion - version);
      const std::uint64_t to = static_cast<std::uint64_t>(version) + 1 + choices_.below(newer);
      return line("upgrade", {{"node", at}, {"version", to}});
    }
  }
  return std::nullopt;
}

}  // namespace lalanh::sim
