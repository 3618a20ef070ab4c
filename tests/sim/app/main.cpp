// lalanh-sim: plays scripts and seeds against real replicas (`docs/SCRIPTS.md`).

#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>

#include "shared/platform/platform.h"
#include "tests/sim/checks.h"
#include "tests/sim/seeds.h"

namespace {

using namespace lalanh;
using namespace lalanh::sim;

int run_file(const std::string& path, const std::string& catalogue) {
  const std::unique_ptr<Files> files = make_system_files();
  const Result<Bytes> text = files->read(path, 64U << 20U);
  if (!text.ok()) {
    std::cerr << text.error().message(Language::kEnglish) << "\n";
    return 2;
  }
  PlayerOptions options;
  if (catalogue != "free") options.catalogue = &Catalogue::builtin();
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
  run->add_option("--catalogue", catalogue, "A file of types, or \"free\"; the product's own if absent");
  std::uint64_t from = 1, to = 1;
  bool verbose = false;
  CLI::App* seeds = app.add_subcommand("seeds", "Plays random runs");
  seeds->add_option("FROM", from)->required();
  seeds->add_option("TO", to)->required();
  seeds->add_flag("--verbose", verbose, "One line a seed");
  CLI::App* small = app.add_subcommand("shrink", "Makes the script of a failing seed small");
  small->add_option("SEED", from)->required();
  CLI11_PARSE(app, argc, argv);
  try {
    if (run->parsed()) return run_file(file, catalogue);
    if (seeds->parsed()) return run_seeds(from, to, verbose);
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
