// lalanh-gen: an invented province on the real units of Ninh Bình.

#include <cstdio>
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "tools/gen/run.h"

namespace {

using lalanh::gen::RunOptions;
using lalanh::gen::RunResult;

constexpr int kExitMissed = 1;
constexpr int kExitFailed = 2;

constexpr const char* kAbout =
    "Makes an invented register on the real units of Ninh Binh (list of 2021) that meets every\n"
    "count published under the standard of 2022-2025. No person in it is real.\n"
    "Exit: 0 done, 1 a published figure was missed, 2 wrong use or a disk error.";

struct Arguments {
  RunOptions options;
  std::string years = "2021-2024";
  std::string format = "csv";
  std::string look = "example";
  std::string check;
  bool tiny = false;
  bool quiet = false;
};

void describe(CLI::App& app, Arguments& given) {
  RunOptions& options = given.options;
  app.add_option("--out", options.out, "folder to write, empty or new");
  app.add_option("--seed", options.seed, "same seed, same bytes")->capture_default_str();
  app.add_option("--years", given.years,
                 "2024, 2021-2024 or 2022,2024; the register stands at "
                 "the end of the last")
      ->capture_default_str();
  app.add_option("--district", options.districts, "only this district (may be given again)");
  app.add_option("--commune", options.communes, "only this commune (may be given again)");
  app.add_option("--villages", options.villages, "only the first N villages of each commune")
      ->check(CLI::Range(1, 12));
  app.add_option("--households", options.households, "only the first N households of each village")
      ->check(CLI::Range(1, 100'000));
  app.add_flag("--tiny", given.tiny,
               "three communes of two districts, 2 villages each, 10 "
               "households a village");
  app.add_flag("--scores", options.scores, "also the points of form B");
  app.add_option("--format", given.format, "csv, ndjson (the input of lalanh-bench) or both")
      ->check(CLI::IsMember({"csv", "ndjson", "both"}))
      ->capture_default_str();
  app.add_option("--bench-households", options.bench_households, "ndjson: how many; 0 for all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--updates", options.updates, "ndjson: how many updates of 1 to 3 fields")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--bench-look", given.look,
                 "ndjson: answers and members drawn one by one as in "
                 "the example of the form, or as in the register")
      ->check(CLI::IsMember({"example", "register"}))
      ->capture_default_str();
  app.add_option("--check", given.check, "add a folder up again and compare it with the figures");
  app.add_flag("--force", options.force, "write into a folder that is not empty");
  app.add_flag("--quiet", given.quiet, "no progress and no list of figures");
}

void use_tiny(RunOptions& options) {
  options.communes = {"14404", "14413", "14545"};
  options.villages = 2;
  options.households = 10;
}

lalanh::Status finish(Arguments& given) {
  RunOptions& options = given.options;
  TRY_ASSIGN(options.years, lalanh::gen::parse_years(given.years));
  options.csv = given.format != "ndjson";
  options.ndjson = given.format != "csv";
  options.look = given.look == "example" ? lalanh::gen::BenchLook::kExample
                                         : lalanh::gen::BenchLook::kRegister;
  if (given.tiny) use_tiny(options);
  if (given.check.empty() == options.out.empty()) {
    return lalanh::Error(lalanh::ErrorCode::input_usage,
                         {{"why", "give either --out DIR or --check DIR"}});
  }
  return {};
}

void print_figures(const RunResult& result) {
  for (const auto& each : result.compared) {
    std::cout << (each.met() ? "met     " : "MISSED  ") << each.target->year << "  "
              << each.target->unit << "  "
              << lalanh::gen::kMeasureNames[static_cast<std::size_t>(each.target->measure)]
              << ": published " << each.target->value << ", found " << each.found << "\n";
  }
}

int print_result(const RunResult& result, bool quiet) {
  if (!quiet) print_figures(result);
  std::cout << result.villages << " villages, " << result.bytes / 1000 << " kB; ";
  if (result.compared.empty()) {
    std::cout << "a part: no published figure to compare\n";
  } else {
    std::cout << result.compared.size() << " published figures compared, "
              << (result.met() ? "all met" : "NOT all met") << "\n";
  }
  return result.met() ? 0 : kExitMissed;
}

int run_main(int argc, char** argv) {
  Arguments given;
  CLI::App app(kAbout, "lalanh-gen");
  describe(app, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitFailed;
  }
  const auto failed = [](const lalanh::Error& error) {
    std::cerr << error.message(lalanh::Language::kVietnamese) << "\n"
              << error.message(lalanh::Language::kEnglish) << "\n";
    return kExitFailed;
  };
  if (const lalanh::Status status = finish(given); !status) return failed(status.error());
  const auto progress = [&](std::size_t done, std::size_t all) {
    if (!given.quiet && (done % 100 == 0 || done == all)) {
      std::cerr << "  " << done << " / " << all << " villages\n";
    }
  };
  const auto result = given.check.empty() ? lalanh::gen::run(given.options, progress)
                                          : lalanh::gen::check(given.check);
  if (!result) return failed(result.error());
  return print_result(*result, given.quiet);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lalanh-gen: %s\n", error.what());
    return kExitFailed;
  }
}
