// lalanh-sim: plays scripts and seeds against real replicas (`docs/SCRIPTS.md`).

#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>

#include "shared/platform/platform.h"
#include "tests/sim/checks.h"
#include "tests/sim/exhaustive.h"
#include "tests/sim/seeds.h"

namespace {

using namespace lalanh;
using namespace lalanh::sim;

int fails(const Error& error) {
  std::cerr << error.message(Language::kEnglish) << "\n";
  return 2;
}

int run_file(const std::string& path, const std::string& catalogue, PlayerOptions options) {
  const std::unique_ptr<Files> files = make_system_files();
  const Result<Bytes> text = files->read(path, 64U << 20U);
  if (!text.ok()) return fails(text.error());
  std::optional<Catalogue> read;
  if (catalogue.empty()) {
    options.catalogue = &Catalogue::builtin();
  } else if (catalogue != "free") {
    const Result<Bytes> pack = files->read(catalogue, 16U << 20U);
    if (!pack.ok()) return fails(pack.error());
    const EmbeddedFile file{catalogue, as_text(*pack)};
    Result<Catalogue> types = Catalogue::read({&file, 1});
    if (!types.ok()) return fails(types.error());
    options.catalogue = &read.emplace(std::move(*types));
  }
  Player player(options, [](const std::string& line) { std::cout << line << "\n"; });
  Checks checks(player);
  player.set_watcher(&checks);
  for (const ScriptLine& line : read_script(as_text(*text))) player.play(line);
  return 0;
}

void print(const SeedRun& run) {
  std::cout << "seed " << run.seed << ": invariant " << run.broken->invariant
            << " is broken: " << run.broken->what << "\n  faults: " << to_text(run.faults)
            << "\n  at line " << run.script.size() << ": " << write_line(run.script.back()) << "\n"
            << std::flush;
}

int run_seeds(std::uint64_t from, std::uint64_t to, bool verbose) {
  std::uint64_t failures = 0, confirmed = 0, states = 0;
  for (std::uint64_t seed = from; seed <= to; ++seed) {
    const SeedRun run = play_seed(seed);
    confirmed += run.confirmed;
    states += run.states;
    if (verbose) {
      std::cout << "seed " << seed << ": " << to_hex(ByteView(run.trace).first(8)) << ", "
                << run.script.size() << " lines, " << to_text(run.faults) << "\n";
    }
    if (!run.broken) continue;
    ++failures;
    print(run);
  }
  std::cout << to - from + 1 << " seeds, " << failures << " failed; " << confirmed
            << " events confirmed, " << states << " states compared\n";
  return failures == 0 ? 0 : 1;
}

int tell(const Exhausted& all, const std::string& what) {
  std::cout << what << ": " << all.runs << " runs" << (all.failed ? ", the last failed" : "")
            << "\n"
            << std::flush;
  if (!all.failed) return 0;
  print(*all.failed);
  for (const ScriptLine& line : all.failed->script) std::cout << write_line(line) << "\n";
  return 1;
}

int run_exhaustive(const std::string& what, std::uint64_t seeds, int steps) {
  int failures = 0;
  if (what == "cuts") {
    static const std::vector<std::string> kWork = {"a save", "taking in", "a sync", "an import",
                                                   "an upgrade"};
    for (std::size_t i = 0; i < kCutsIn; ++i) {
      for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        failures += tell(cut_at_every_write(static_cast<CutIn>(i), seed),
                         "power cuts in " + kWork[i] + ", seed " + std::to_string(seed));
      }
    }
  } else if (what == "bytes") {
    failures += tell(cut_at_every_byte(50, 1), "a link cut at every byte");
  } else {
    for (std::uint64_t program = 0; program < kPrograms; ++program) {
      failures += tell(
          every_order(steps, program, steps > 2),
          "every order of " + std::to_string(steps) + " steps, program " + std::to_string(program));
    }
  }
  return failures == 0 ? 0 : 1;
}

int shrink_seed(std::uint64_t seed) {
  const SeedRun run = play_seed(seed);
  if (!run.broken) {
    std::cout << "seed " << seed << " fails nowhere\n";
    return 0;
  }
  const SeedRun small = shrink(run);
  print(small);
  std::cout << "# seed " << seed << "\n";
  for (const ScriptLine& line : small.script) std::cout << write_line(line) << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (!start_crypto().ok()) return 2;
  CLI::App app("Plays scripts and random faults against real replicas of Lá Lành.");
  app.require_subcommand(1);
  std::string file;
  std::string catalogue;
  CLI::App* run = app.add_subcommand("run", "Plays a script and prints what its dumps ask for");
  run->add_option("FILE", file)->required();
  run->add_option("--catalogue", catalogue,
                  "A file of types, or \"free\"; the product's own if absent");
  PlayerOptions options;
  run->add_option("--seed", options.seed, "Of keys, disks and random bytes");
  run->add_flag("--lenient", options.lenient, "Passes over lines that make no sense");
  std::uint64_t from = 1, to = 1;
  bool verbose = false;
  CLI::App* seeds = app.add_subcommand("seeds", "Plays random runs");
  seeds->add_option("FROM", from)->required();
  seeds->add_option("TO", to)->required();
  seeds->add_flag("--verbose", verbose, "One line a seed");
  CLI::App* small = app.add_subcommand("shrink", "Makes the script of a failing seed small");
  small->add_option("SEED", from)->required();
  std::string what;
  std::uint64_t disks = 4;
  int steps = 2;
  CLI::App* every = app.add_subcommand("every", "Leaves nothing out: cuts, bytes or orders");
  every->add_option("WHAT", what)->required()->check(CLI::IsMember({"cuts", "bytes", "orders"}));
  every->add_option("--disks", disks, "Seeds of disks for each cut");
  every->add_option("--steps", steps, "Steps of each machine; of three, orders that commute once");
  CLI11_PARSE(app, argc, argv);
  try {
    if (run->parsed()) return run_file(file, catalogue, options);
    if (seeds->parsed()) return run_seeds(from, to, verbose);
    if (every->parsed()) return run_exhaustive(what, disks, steps);
    if (small->parsed()) return shrink_seed(from);
  } catch (const ScriptError& error) {
    std::cerr << file << ":" << error.line << ": " << error.why << "\n";
    return 2;
  } catch (const Unexpected& error) {
    std::cerr << file << ":" << error.line << ": " << error.what << "\n";
    return 1;
  } catch (const Broken& broken) {
    std::cerr << "invariant " << broken.invariant << " is broken: " << broken.what << "\n";
    return 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 2;
}
