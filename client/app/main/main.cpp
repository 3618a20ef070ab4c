#include <cstdio>
#include <exception>

#include "client/app/backend.h"
#include "client/app/commands.h"
#include "shared/platform/platform.h"

/// `lalanh`: the program of villages and communes.
int main(int argc, char** argv) {
  using namespace lalanh;
  try {
    keep_files_private();
    std::vector<std::string> arguments = utf8_arguments(argc, argv);
    arguments.erase(arguments.begin());
    client::Options options;
    const Result<std::string> text =
        client::read_options(arguments, client::program_version(), options);
    if (!text.ok()) return static_cast<int>(show(text.error(), options.manner));
    if (!text->empty()) {
      std::fputs(text->c_str(), stdout);
      return 0;
    }
    return static_cast<int>(client::run(options));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "lalanh: %s\n", failure.what());
    return static_cast<int>(Exit::kFailed);
  }
}
