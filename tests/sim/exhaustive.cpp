#include "tests/sim/exhaustive.h"

#include <algorithm>
#include <array>

#include "shared/base/check.h"

namespace lalanh::sim {
namespace {

ScriptLine line(const std::string& op, Json keys) {
  ScriptLine out;
  out.op = op;
  out.keys = std::move(keys);
  return out;
}

/// A district, a hall and two laptops of one village, with a household that all know.
std::vector<ScriptLine> village() {
  std::vector<ScriptLine> out = {
      line("unit", {{"unit", "D"}, {"kind", "district"}}),
      line("unit", {{"unit", "C"}, {"parent", "D"}, {"kind", "commune"}}),
      line("unit", {{"unit", "V"}, {"parent", "C"}, {"kind", "village"}}),
      line("node", {{"node", "d"}, {"unit", "D"}}),
      line("node", {{"node", "c"}, {"unit", "C"}, {"parent", "d"}}),
      line("node", {{"node", "a"}, {"unit", "V"}, {"parent", "c"}}),
      line("node", {{"node", "b"}, {"unit", "V"}, {"parent", "c"}}),
      line("create", {{"node", "a"},
                      {"as", "h"},
                      {"type", "household"},
                      {"unit", "V"},
                      {"fields", {{"head", "An"}, {"income", 1}, {"s_causes", {"land"}}}}})};
  for (const char* node : {"a", "c", "b"}) out.push_back(line("sync", {{"node", node}}));
  return out;
}

ScriptLine set(const std::string& node, const std::string& field, Json value) {
  return line("set", {{"node", node}, {"entity", "h"}, {"fields", {{field, std::move(value)}}}});
}

const ScriptLine& settle() {
  static const ScriptLine kSettle = line("settle", Json::object());
  return kSettle;
}

/// Plays one; false where it broke something.
bool play(Exhausted& out, std::uint64_t seed, const std::vector<ScriptLine>& script) {
  SeedRun run = replay(seed, script);
  ++out.runs;
  if (run.broken) out.failed = std::move(run);
  return !out.failed;
}

/// Does the cut come at all, or is the work done before so many writes?
bool reaches(std::uint64_t seed, const std::vector<ScriptLine>& script, const std::string& node) {
  bool cut = false;
  Player player({seed, nullptr, true, false}, [](const std::string&) {});
  struct Watch : Watcher {
    explicit Watch(bool& c, const std::string& n) : cut(c), node(n) {}
    void restarted(Machine& machine) override { cut = cut || machine.name() == node; }
    bool& cut;
    const std::string& node;
  } watch(cut, node);
  player.set_watcher(&watch);
  for (const ScriptLine& each : script) player.play(each);
  return cut;
}

}  // namespace

Exhausted cut_at_every_write(CutIn where, std::uint64_t seed) {
  Exhausted out;
  std::vector<ScriptLine> before = village();
  std::string node = "a";
  ScriptLine work = set("a", "income", 2);
  if (where == CutIn::kTaking || where == CutIn::kSync) {
    before.push_back(set("a", "income", 2));
    before.push_back(set("b", "income", 3));
    before.push_back(line("sync", {{"node", "b"}}));
    work = line("sync", {{"node", "a"}});
    if (where == CutIn::kTaking) node = "c";
  } else if (where == CutIn::kImporting) {
    before.push_back(set("a", "income", 2));
    before.push_back(line("bundle", {{"node", "a"}, {"as", "stick"}}));
    work = line("import", {{"node", "c"}, {"bundle", "stick"}});
    node = "c";
  } else if (where == CutIn::kUpgrading) {
    work = line("upgrade", {{"node", "c"}, {"version", kNewestVersion}});
    node = "c";
  }
  for (std::uint64_t writes = 1;; ++writes) {
    std::vector<ScriptLine> script = before;
    script.push_back(line("crash", {{"node", node}, {"after_writes", writes}}));
    script.push_back(work);
    if (!reaches(seed, script, node)) return out;
    script.push_back(settle());
    if (!play(out, seed, script)) return out;
  }
}

Exhausted cut_at_every_byte(int events, std::uint64_t step) {
  Exhausted out;
  std::vector<ScriptLine> before = village();
  for (int i = 0; i < events; ++i) {
    // Most go up, some down, so that both directions are cut.
    before.push_back(set(i % 5 == 4 ? "c" : "a", i % 2 == 0 ? "income" : "note", i));
  }
  std::string wanted;
  for (std::uint64_t bytes = 0;; bytes += step) {
    std::vector<ScriptLine> script = before;
    script.push_back(line("sync", {{"node", "a"}, {"cut_after_bytes", bytes}}));
    script.push_back(line("sync", {{"node", "a"}}));
    bool whole = false;
    std::string dump;
    ++out.runs;
    Player player({1, nullptr, false, false}, [](const std::string&) {});
    struct Watch : Watcher {
      std::uint64_t bytes = 0;
      void exchanged(Machine&, Machine&, const Exchange& exchange) override {
        bytes += exchange.request.size() + exchange.reply.size();
      }
    } watch;
    player.set_watcher(&watch);
    SeedRun run;
    run.script = script;
    try {
      for (const ScriptLine& each : script) {
        if (&each == &script.back()) whole = watch.bytes <= bytes;
        if (&each + 2 == &script.back() + 1) watch.bytes = 0;
        player.play(each);
      }
      const Json a = player.dump(player.world().machine("a"), std::nullopt);
      const Json c = player.dump(player.world().machine("c"), std::nullopt);
      if (a.at("digest") != c.at("digest")) throw Broken{11, "a cut sync does not go on"};
      dump = a.at("digest");
    } catch (const Broken& broken) {
      run.broken = broken;
    }
    if (wanted.empty()) wanted = dump;
    if (!run.broken && dump != wanted) run.broken = Broken{1, "another digest after a cut"};
    if (run.broken) {
      out.failed = std::move(run);
      return out;
    }
    if (whole) return out;
  }
}

namespace {

struct Step {
  int actor = 0;
  ScriptLine line;
  bool meets = false;  ///< a sync: touches the machine above as well
};

constexpr std::array<const char*, 4> kActors = {"a", "b", "c", "d"};

/// The steps of each of the four, by a program's number: what they write, and when they sync.
std::array<std::vector<Step>, 4> steps_of(int steps, std::uint64_t program) {
  std::array<std::vector<Step>, 4> out;
  for (int actor = 0; actor < 4; ++actor) {
    const std::string node = kActors[static_cast<std::size_t>(actor)];
    for (int i = 0; i < steps; ++i) {
      const bool last = i == steps - 1;
      const bool early = i > 0 && (program + static_cast<std::uint64_t>(actor)) % 2 == 0;
      Step step{actor, set(node, "income", 10 * (actor + 1) + i), false};
      const std::uint64_t kind = (program + static_cast<std::uint64_t>(actor + i)) % kPrograms;
      if (kind == 1) step.line = line("remove", {{"node", node}, {"entity", "h"}});
      if (kind == 2) step.line = line("keep", {{"node", node}, {"entity", "h"}});
      if (kind == 3 || kind == 4) {
        step.line =
            line(kind == 3 ? "drop" : "add",
                 {{"node", node}, {"entity", "h"}, {"field", "s_causes"}, {"item", "land"}});
      }
      if ((last || early) && actor != 3) {
        step.line = line("sync", {{"node", node}});
        step.meets = true;
      }
      out[static_cast<std::size_t>(actor)].push_back(std::move(step));
    }
  }
  return out;
}

bool independent(const Step& a, const Step& b) {
  const auto touches = [](const Step& step, int actor) {
    const int above = step.actor < 2 ? 2 : 3;
    return step.actor == actor || (step.meets && above == actor);
  };
  for (int actor = 0; actor < 4; ++actor) {
    if (touches(a, actor) && touches(b, actor)) return false;
  }
  return true;
}

class Orders {
 public:
  Orders(int steps, std::uint64_t program, bool prune)
      : steps_(steps_of(steps, program)), prune_(prune) {}
  Exhausted run() {
    extend();
    return std::move(out_);
  }

 private:
  bool extend() {
    bool any = false;
    for (std::size_t actor = 0; actor < 4; ++actor) {
      if (at_[actor] == steps_[actor].size()) continue;
      any = true;
      const Step& next = steps_[actor][at_[actor]];
      // Of two neighbours that do not meet, the one of the lower machine goes first.
      if (prune_ && !order_.empty() && order_.back()->actor > next.actor &&
          independent(*order_.back(), next)) {
        continue;
      }
      order_.push_back(&next);
      ++at_[actor];
      const bool good = extend();
      --at_[actor];
      order_.pop_back();
      if (!good) return false;
    }
    if (any) return true;
    std::vector<ScriptLine> script = village();
    for (const Step* step : order_) script.push_back(step->line);
    script.push_back(settle());
    return play(out_, 1, script);
  }

  std::array<std::vector<Step>, 4> steps_;
  bool prune_;
  std::array<std::size_t, 4> at_{};
  std::vector<const Step*> order_;
  Exhausted out_;
};

}  // namespace

Exhausted every_order(int steps, std::uint64_t program, bool prune) {
  return Orders(steps, program, prune).run();
}

}  // namespace lalanh::sim
