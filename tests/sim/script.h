#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "shared/base/result.h"

namespace lalanh::sim {

using Json = nlohmann::json;

/// One line of a script (`docs/SCRIPTS.md`), its keys checked; names and labels are not.
struct ScriptLine {
  int number = 0;  ///< of the line in the file, from 1
  std::string op;
  Json keys;

  std::string text(const char* key) const { return keys.at(key).get<std::string>(); }
  std::string text_or(const char* key, const char* otherwise) const;
};

/// What is wrong in a script, and where. Ends a run with exit status 2.
struct ScriptError {
  int line = 0;
  std::string why;
};

/// Reads a script; throws ScriptError. `#` begins a comment line.
std::vector<ScriptLine> read_script(std::string_view text);
/// The line as it is written in files.
std::string write_line(const ScriptLine& line);

}  // namespace lalanh::sim
