// lalanh-bench: what the product must reach, each figure beside a bound measured in the same run.

#include <cstdio>
#include <exception>
#include <iostream>
#include <set>

#include <CLI/CLI.hpp>

#include "shared/platform/platform.h"
#include "tools/bench/input.h"
#include "tools/bench/measures.h"

namespace {

using lalanh::bench::Context;
using lalanh::bench::Figure;

constexpr int kExitMissed = 1;
constexpr int kExitFailed = 2;

constexpr const char* kAbout =
    "Measures Lá Lành beside a bound that keeps a row an event and a row an entity and checks\n"
    "nothing. Five alternating runs, the median counts. Input is invented: the files of\n"
    "lalanh-gen --format ndjson, or made here.\n"
    "Exit: 0 every goal met, 1 a goal missed, 2 wrong use or a fault.";

struct Arguments {
  bool json = false;
  std::vector<std::string> only;
  lalanh::bench::InputOptions input;
  std::string dir = ".";
  std::string answer_once;
  int runs = 5;
};

void describe(CLI::App& app, Arguments& given) {
  app.add_flag("--json", given.json, "one JSON object a line");
  app.add_option("--only", given.only, "only this figure, or all that begin so (\"wire.\")");
  app.add_option("--households", given.input.households, "ndjson of households");
  app.add_option("--updates", given.input.updates, "ndjson of updates of the same households");
  app.add_option("--count", given.input.count, "households and updates, where they are made here")
      ->check(CLI::Range(10, 100'000))
      ->capture_default_str();
  app.add_option("--dir", given.dir, "where the temporary folder is made: its disk is measured")
      ->capture_default_str();
  app.add_option("--runs", given.runs, "alternating runs")
      ->check(CLI::Range(1, 101))
      ->capture_default_str();
  app.add_option("--answer-once", given.answer_once)->group("");
}

/// A folder of this process below `--dir`, removed at the end.
class Workplace {
 public:
  explicit Workplace(const std::string& dir)
      : path_(std::filesystem::absolute(dir) /
              ("lalanh-bench-" + std::to_string(lalanh::process_id()))) {
    std::filesystem::create_directories(path_);
  }
  ~Workplace() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

lalanh::Status measure(const Arguments& given, const std::string& program, bool& met) {
  const Workplace workplace(given.dir);
  Context context;
  context.folder = workplace.path();
  context.runs = given.runs;
  context.program = program;
  context.wanted = [&](const std::string& name) {
    return given.only.empty() ||
           std::any_of(given.only.begin(), given.only.end(), [&](const std::string& only) {
             return name.compare(0, only.size(), only) == 0;
           });
  };
  context.done = [&](const Figure& figure) {
    met = met && figure.met();
    std::cout << (given.json ? to_json(figure) : to_line(figure)) << std::endl;
  };
  TRY_ASSIGN(context.form, lalanh::bench::read_input(given.input, workplace.path() / "input"));
  TRY(lalanh::bench::measure_local(context));
  TRY(lalanh::bench::measure_ingest(context));
  TRY(lalanh::bench::measure_wire(context));
  TRY(lalanh::bench::measure_report(context));
  return lalanh::bench::measure_village(context);
}

int run_main(int argc, char** argv) {
  Arguments given;
  CLI::App app(kAbout, "lalanh-bench");
  describe(app, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitFailed;
  }
  bool met = true;
  const lalanh::Status status = given.answer_once.empty()
                                    ? measure(given, argv[0], met)
                                    : lalanh::bench::answer_once(given.answer_once);
  if (!status.ok()) {
    std::cerr << status.error().message(lalanh::Language::kVietnamese) << "\n"
              << status.error().message(lalanh::Language::kEnglish) << "\n";
    return kExitFailed;
  }
  return met ? 0 : kExitMissed;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lalanh-bench: %s\n", error.what());
    return kExitFailed;
  }
}
