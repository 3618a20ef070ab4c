#include "tools/bench/input.h"

#include "tools/gen/run.h"

namespace lalanh::bench {
namespace {

/// The reader wants both files in one folder under their usual names.
Status gather(const std::string& from, const std::filesystem::path& to) {
  std::error_code failed;
  std::filesystem::create_symlink(std::filesystem::absolute(from), to, failed);
  if (!failed) return {};
  return Error{ErrorCode::system_file,
               {{"action", "open"}, {"path", from}, {"why", failed.message()}}};
}

}  // namespace

Result<dictionary::Form> read_input(const InputOptions& options,
                                    const std::filesystem::path& folder) {
  if (options.households.empty() != options.updates.empty()) {
    return Error{ErrorCode::input_usage, {{"why", "give --households and --updates together"}}};
  }
  if (options.households.empty()) {
    gen::RunOptions made;
    made.out = folder;
    made.csv = false;
    made.ndjson = true;
    made.years = {2024};
    // A district of 39,000 households is made sooner than the province.
    if (options.count <= 30'000) made.districts = {"373"};
    made.bench_households = options.count;
    made.updates = options.count;
    TRY(gen::run(made, [](std::size_t, std::size_t) {}));
  } else {
    std::filesystem::create_directories(folder);
    TRY(gather(options.households, folder / "households.ndjson"));
    TRY(gather(options.updates, folder / "updates.ndjson"));
  }
  return dictionary::read_form(folder);
}

}  // namespace lalanh::bench
