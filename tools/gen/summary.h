#pragma once

#include <string>

#include "tools/gen/run.h"
#include "tools/gen/tally.h"

namespace lalanh::gen {

/// summary.json: what was asked for, the counts by year, district and commune, and each published
/// figure beside the one found. Only communes with villages in the folder are listed.
std::string summary_json(const RunOptions& options, const Tally& tally);

/// What a summary.json says of its folder.
struct FolderClaims {
  std::size_t villages;  ///< how many were written
  bool capped;           ///< whether villages were cut to some of their households
};

/// The claims of a summary.json, or an error (input.not_json).
Result<FolderClaims> claims_of(const std::string& summary);

/// README.txt of the folder: that all persons are invented, what is in it, how it was made.
std::string folder_readme(const RunOptions& options);

}  // namespace lalanh::gen
