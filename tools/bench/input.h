#pragma once

#include <filesystem>
#include <string>

#include "tools/dictionary/form.h"

namespace lalanh::bench {

struct InputOptions {
  std::string households;  ///< ndjson; with `updates`, or both empty
  std::string updates;
  int count = 12'000;  ///< of households and of updates, where they are made
};

/// Reads the files, or makes invented ones in `folder`. Errors: input.usage, system.file,
/// input.not_json.
Result<dictionary::Form> read_input(const InputOptions& options,
                                    const std::filesystem::path& folder);

}  // namespace lalanh::bench
