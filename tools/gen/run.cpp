#include "tools/gen/run.h"

#include <algorithm>
#include <set>

#include "tools/gen/csv.h"
#include "tools/gen/csv_form.h"
#include "tools/gen/files.h"
#include "tools/gen/quotas.h"
#include "tools/gen/summary.h"
#include "tools/gen/village.h"

namespace lalanh::gen {
namespace {

namespace fs = std::filesystem;

Error usage(const std::string& why) { return {ErrorCode::input_usage, {{"why", why}}}; }

fs::path village_folder(const fs::path& root, const VillageUnit& village) {
  const Tree& all = tree();
  return root / all.districts[village.district].code / all.communes[village.commune].code /
         village.code;
}

/// A run with its open files.
class Run {
 public:
  Run(const RunOptions& options, const Progress& progress)
      : options_(options), progress_(progress), bench_(options.seed, options.look) {}

  Result<RunResult> make() {
    TRY_ASSIGN(const std::vector<std::size_t> villages, chosen_villages(options_));
    TRY(begin());
    const std::vector<VillageQuota> quotas = plan(options_.seed);
    for (const std::size_t number : villages) {
      if (!options_.csv && bench_full()) break;
      TRY(add(tree().villages[number], quotas[number]));
      ++result_.villages;
      if (progress_) progress_(result_.villages, villages.size());
    }
    TRY(end(villages));
    return std::move(result_);
  }

 private:
  Status begin() {
    std::error_code code;
    if (!options_.force && fs::exists(options_.out, code) && !fs::is_empty(options_.out, code)) {
      return usage("the folder " + options_.out.string() +
                   " is not empty (--force writes into it)");
    }
    TRY(write("README.txt", folder_readme(options_)));
    if (options_.ndjson) TRY(bench_file_.open(options_.out / "households.ndjson"));
    return {};
  }

  Status write(const fs::path& name, const std::string& bytes) {
    result_.bytes += static_cast<std::int64_t>(bytes.size());
    return write_file(options_.out / name, bytes);
  }

  bool bench_full() const {
    return options_.bench_households > 0 &&
           static_cast<std::int64_t>(bench_.size()) >= options_.bench_households;
  }

  Status add(const VillageUnit& village, const VillageQuota& quota) {
    std::vector<Household> households = make_village(options_.seed, village, quota);
    if (options_.households > 0 &&
        households.size() > static_cast<std::size_t>(options_.households)) {
      households.resize(static_cast<std::size_t>(options_.households));
    }
    if (options_.csv) TRY(add_csv(village, households));
    if (options_.ndjson) TRY(add_bench(village, households));
    return {};
  }

  Status add_csv(const VillageUnit& village, const std::vector<Household>& households) {
    const CsvChoice choice{options_.years, options_.scores};
    const std::string rows = households_csv(households, choice);
    const std::string members = members_csv(households, choice);
    const fs::path folder = village_folder({}, village);
    TRY(write(folder / "households.csv", rows));
    TRY(write(folder / "members.csv", members));
    return result_.tally.add(village, rows, members);
  }

  Status add_bench(const VillageUnit& village, const std::vector<Household>& households) {
    const int year = options_.years.back();
    std::string lines;
    for (const Household& household : households) {
      if (bench_full()) break;
      if (stands(household, year)) lines += bench_.household(village, household, year);
    }
    result_.bytes += static_cast<std::int64_t>(lines.size());
    return bench_file_.add(lines);
  }

  Status end(const std::vector<std::size_t>& villages) {
    if (options_.csv) {
      TRY(write("units.csv", units_csv(villages)));
      TRY(write("summary.json", summary_json(options_, result_.tally)));
      if (options_.households == 0) result_.compared = result_.tally.compare();
    }
    if (!options_.ndjson) return {};
    TRY(bench_file_.close());
    GrowingFile file;
    TRY(file.open(options_.out / "updates.ndjson"));
    constexpr std::int64_t kPiece = 1000;
    for (std::int64_t done = 0; done < options_.updates && bench_.size() > 0; done += kPiece) {
      const std::string lines = bench_.updates(std::min(kPiece, options_.updates - done));
      result_.bytes += static_cast<std::int64_t>(lines.size());
      TRY(file.add(lines));
    }
    return file.close();
  }

  const RunOptions& options_;
  const Progress& progress_;
  BenchForm bench_;
  GrowingFile bench_file_;
  RunResult result_;
};

bool chosen(const std::vector<std::string>& codes, const std::string& code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

Status check_codes(const RunOptions& options) {
  std::set<std::string> districts;
  std::set<std::string> communes;
  for (const DistrictUnit& district : tree().districts) districts.insert(district.code);
  for (const CommuneUnit& commune : tree().communes) communes.insert(commune.code);
  const auto check_all = [](const auto& codes, const auto& known) -> Status {
    for (const std::string& code : codes) {
      if (!known.contains(code)) return Error(ErrorCode::register_unknown_unit, {{"unit", code}});
    }
    return {};
  };
  TRY(check_all(options.districts, districts));
  return check_all(options.communes, communes);
}

}  // namespace

bool RunResult::met() const {
  return std::all_of(compared.begin(), compared.end(),
                     [](const Compared& each) { return each.met(); });
}

Result<std::vector<int>> parse_years(const std::string& text) {
  const Error wrong =
      usage("years are 2021 to 2024, such as 2024, 2021-2024 or 2022,2024, not '" + text + "'");
  std::set<int> years;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, comma - at);
    const std::size_t dash = part.find('-');
    const auto first = whole_number(part.substr(0, dash));
    const auto last = dash == std::string::npos ? first : whole_number(part.substr(dash + 1));
    if (!first || !last || *first < kFirstYear || *last > kLastYear || *first > *last) return wrong;
    for (long long year = *first; year <= *last; ++year) years.insert(static_cast<int>(year));
    at = comma + 1;
  }
  return std::vector<int>(years.begin(), years.end());
}

Result<std::vector<std::size_t>> chosen_villages(const RunOptions& options) {
  TRY(check_codes(options));
  const Tree& all = tree();
  const bool everything = options.districts.empty() && options.communes.empty();
  std::vector<std::size_t> result;
  for (const CommuneUnit& commune : all.communes) {
    if (!everything && !chosen(options.districts, all.districts[commune.district].code) &&
        !chosen(options.communes, commune.code)) {
      continue;
    }
    std::size_t count = commune.villages.size();
    if (options.villages > 0) count = std::min(count, static_cast<std::size_t>(options.villages));
    result.insert(result.end(), commune.villages.begin(),
                  commune.villages.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return result;
}

Result<RunResult> run(const RunOptions& options, const Progress& progress) {
  return Run(options, progress).make();
}

Result<RunResult> check(const fs::path& folder) {
  TRY_ASSIGN(const std::string summary, read_file(folder / "summary.json"));
  TRY_ASSIGN(const FolderClaims claims, claims_of(summary));
  RunResult result;
  for (const VillageUnit& village : tree().villages) {
    const fs::path place = village_folder(folder, village);
    std::error_code code;
    if (!fs::exists(place, code)) continue;
    TRY_ASSIGN(const std::string households, read_file(place / "households.csv"));
    TRY_ASSIGN(const std::string members, read_file(place / "members.csv"));
    TRY(result.tally.add(village, households, members));
    result.bytes += static_cast<std::int64_t>(households.size() + members.size());
    ++result.villages;
  }
  if (result.villages != claims.villages) {
    return Error(ErrorCode::format_truncated,
                 {{"where", folder.string() + ": " + std::to_string(result.villages) + " of " +
                                std::to_string(claims.villages) + " villages"}});
  }
  if (!claims.capped) result.compared = result.tally.compare();
  return result;
}

}  // namespace lalanh::gen
