#pragma once

#include <string>

#include "shared/api/exit_code.h"
#include "shared/api/http.h"
#include "shared/base/error.h"
#include "shared/catalogue/json.h"

namespace lalanh::server {

/// How results are shown: JSON on one line, or text for a person.
struct Manner {
  Language language = Language::kVietnamese;
  bool json = false;
};

/// A reply of the JSON API to the command ("report", "status", …): its value on standard output as
/// the client prints it, an error on standard error.
Exit show(const ApiReply& reply, const Manner& manner, const std::string& command);
/// An error on standard error: its sentence, or {"error":{...}} with `json`.
Exit show(const Error& error, const Manner& manner);
/// A sentence in the user's language, on standard output, or `json` with --json.
void say(const Manner& manner, const std::string& vi, const std::string& en,
         const std::string& json);

}  // namespace lalanh::server
