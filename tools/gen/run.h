#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "tools/gen/bench_form.h"
#include "tools/gen/tally.h"
#include "tools/gen/years.h"

namespace lalanh::gen {

/// What `lalanh-gen` was asked for.
struct RunOptions {
  std::filesystem::path out;
  std::uint64_t seed = 1;
  std::vector<int> years = {2021, 2022, 2023, 2024};  ///< rising, at least one
  std::vector<std::string> districts;  ///< codes; with no code at all, the whole province
  std::vector<std::string> communes;   ///< codes, in addition to those of `districts`
  int villages = 0;                    ///< the first of each commune; 0 for all
  int households = 0;                  ///< the first of each village; 0 for all
  bool scores = false;
  bool csv = true;
  bool ndjson = false;
  BenchLook look = BenchLook::kExample;
  std::int64_t updates = 12'000;
  std::int64_t bench_households = 12'000;  ///< 0 for all
  bool force = false;                      ///< write into a folder that is not empty
};

/// What a run wrote.
struct RunResult {
  Tally tally;
  std::size_t villages = 0;
  std::int64_t bytes = 0;
  std::vector<Compared> compared;  ///< empty where a part was asked for
  bool met() const;
};

/// Called after each village: done, of how many.
using Progress = std::function<void(std::size_t, std::size_t)>;

/// Reads "2024", "2021-2024" or "2022,2024"; anything else is an error (input.usage).
Result<std::vector<int>> parse_years(const std::string& text);

/// The numbers of the villages that the options ask for, rising; an unknown code is an error
/// (register.unknown_unit).
Result<std::vector<std::size_t>> chosen_villages(const RunOptions& options);

/// Makes the files. Memory is that of one village and, for the bench form, of what updates need.
/// Errors: input.usage for a folder with files in it, store.io where writing fails (what was
/// written stays there).
Result<RunResult> run(const RunOptions& options, const Progress& progress);

/// Adds a folder up again and compares it with what was published; nothing is written. Where the
/// folder was made with a cap on households, nothing is compared. A village that summary.json
/// counts and that is not there is an error (format.truncated).
Result<RunResult> check(const std::filesystem::path& folder);

}  // namespace lalanh::gen
