#pragma once

#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/console/show.h"

namespace CLI {
class App;
}  // namespace CLI

namespace lalanh {

/// The manner that a command line asks for, found without understanding the rest of it: even a
/// mistake is answered in the language asked for. Takes --lang en, --lang=en and --json anywhere.
Manner manner_of(const std::vector<std::string>& arguments);

/// Adds --lang and --json to a program, for its help; their values are those of manner_of.
void add_manner(CLI::App& app);

/// Reads a command line (without the program's name, UTF-8) into what `app` was bound to. Help
/// texts of `app` say both languages, "Tiếng Việt · English"; one is shown. The text to print where
/// help or version was asked for, and nothing is to be run; else "". Errors: input.unknown_word,
/// input.missing_word, input.bad_option, each naming the word.
Result<std::string> parse_command_line(CLI::App& app, const std::vector<std::string>& arguments,
                                       const Manner& manner);

}  // namespace lalanh
