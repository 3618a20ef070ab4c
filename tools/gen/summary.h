#pragma once

#include <string>

#include "tools/gen/run.h"
#include "tools/gen/tally.h"

namespace lalanh::gen {

/// summary.json: what was asked for, the counts by year, district and commune, and each published
/// figure beside the one found. Only communes with villages in the folder are listed.
std::string summary_json(const RunOptions& options, const Tally& tally);

/// The cap on households a village that a summary.json names (0: none), or an error
/// (input.not_json).
Result<int> households_cap_of(const std::string& summary);

/// README.txt of the folder: that all persons are invented, what is in it, how it was made.
std::string folder_readme(const RunOptions& options);

}  // namespace lalanh::gen
