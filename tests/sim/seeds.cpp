#include "tests/sim/seeds.h"

#include <algorithm>

#include "tests/sim/checks.h"
#include "tests/sim/random_script.h"

namespace lalanh::sim {
namespace {

/// Checks a run, and sums up all that can be seen of it.
class Traced : public Checks {
 public:
  explicit Traced(Player& player) : Checks(player) {}
  void exchanged(Machine& child, Machine& parent, const Exchange& exchange) override {
    trace_.add(as_bytes(exchange.path)).add(exchange.request).add(exchange.reply);
    Checks::exchanged(child, parent, exchange);
  }
  void confirmed(Machine& machine, const EventName& event) override {
    trace_.add(event.hash);
    Checks::confirmed(machine, event);
  }
  Hash trace() { return trace_.done(); }

 private:
  Hasher trace_;
};

class Run {
 public:
  explicit Run(std::uint64_t seed, bool shift_clocks = false)
      // Lenient: a fault may refuse a create, and what is set aside is not there any more.
      : player_({seed, nullptr, true, shift_clocks}, [](const std::string&) {}), checks_(player_) {
    out_.seed = seed;
    player_.set_watcher(&checks_);
  }
  Player& player() { return player_; }
  /// False: a promise is broken.
  bool play(ScriptLine line) {
    line.number = static_cast<int>(out_.script.size()) + 1;
    out_.script.push_back(line);
    try {
      player_.play(line);
      return true;
    } catch (const Broken& broken) {
      out_.broken = broken;
    } catch (const std::exception& error) {
      out_.broken = Broken{0, error.what()};
    }
    return false;
  }
  SeedRun done() {
    out_.trace = checks_.trace();
    out_.confirmed = checks_.events_confirmed();
    out_.states = checks_.states_compared();
    if (!out_.broken) {
      for (const std::string& name : player_.world().machines()) {
        Json& end =
            out_.ends.emplace_back(player_.dump(player_.world().machine(name), std::nullopt));
        end.erase("digest");
      }
    }
    return std::move(out_);
  }

 private:
  Player player_;
  Traced checks_;
  SeedRun out_;
};

SeedRun play(std::uint64_t seed, RandomScript& script) {
  Run run(seed);
  const auto done = [&] {
    SeedRun out = run.done();
    out.faults = script.faults();
    return out;
  };
  for (const ScriptLine& line : script.beginning()) {
    if (!run.play(line)) return done();
  }
  while (std::optional<ScriptLine> line = script.next(run.player())) {
    if (!run.play(std::move(*line))) break;
  }
  return done();
}

}  // namespace

SeedRun play_seed(std::uint64_t seed) {
  SeededChoices faults(Rng(seed).fork("faults"));
  SeededChoices lines(Rng(seed).fork("script"));
  RandomScript script(faults, lines);
  return play(seed, script);
}

SeedRun play_bytes(ByteView bytes) {
  ByteChoices choices(bytes);
  const std::uint64_t seed = 1 + choices.below(256);
  RandomScript script(choices, choices);
  return play(seed, script);
}

SeedRun replay(std::uint64_t seed, const std::vector<ScriptLine>& script, bool shift_clocks) {
  Run run(seed, shift_clocks);
  for (const ScriptLine& line : script) {
    if (!run.play(line)) break;
  }
  return run.done();
}

SeedRun shrink(const SeedRun& failed) {
  SeedRun best = failed;
  for (std::size_t run = best.script.size() / 2; run > 0;) {
    bool smaller = false;
    for (std::size_t at = 0; at + run <= best.script.size();) {
      std::vector<ScriptLine> left = best.script;
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(at),
                 left.begin() + static_cast<std::ptrdiff_t>(at + run));
      SeedRun tried = replay(best.seed, left);
      if (tried.broken && tried.broken->invariant == failed.broken->invariant) {
        tried.faults = best.faults;
        best = std::move(tried);
        smaller = true;
      } else {
        at += run;
      }
    }
    if (!smaller || run > best.script.size()) run = (std::min)(run / 2, best.script.size() / 2);
  }
  return best;
}

std::string to_text(const std::vector<Fault>& faults) {
  static const char* const kNames[] = {"links",    "power",    "disks", "clocks",
                                       "restores", "clones",   "forks", "revokes",
                                       "sticks",   "versions", "moves"};
  std::string out;
  for (const Fault fault : faults) {
    out += (out.empty() ? "" : ", ") + std::string(kNames[static_cast<std::size_t>(fault)]);
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace lalanh::sim
