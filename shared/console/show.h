#pragma once

#include <string>
#include <vector>

#include "shared/api/exit_code.h"
#include "shared/api/http.h"
#include "shared/base/error.h"

/// What both programs print at a terminal.
namespace lalanh {

/// How results are shown: JSON on one line, or text for a person.
struct Manner {
  Language language = Language::kVietnamese;
  bool json = false;
  /// `text` says both, "Tiếng Việt · English": the part of this language.
  std::string pick(const std::string& text) const;
};

/// A reply of the JSON API to the command ({"household", "list"}, {"report"}, …): its value on
/// standard output, an error on standard error. The exit code says too that `verify` found a
/// difference, or that an `import` took nothing because of bad rows.
Exit show(const ApiReply& reply, const Manner& manner, const std::vector<std::string>& command);
/// An error on standard error: its sentence, or {"error":{...}} with `json`.
Exit show(const Error& error, const Manner& manner);
/// A sentence in the user's language, on standard output, or `json` with --json.
void say(const Manner& manner, const std::string& vi, const std::string& en,
         const std::string& json);

/// What helps where a parent was not reached because its ticket says a wrong address.
void add_wrong_address(std::string& vi, std::string& en);

}  // namespace lalanh
