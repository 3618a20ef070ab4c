#include <cstdio>
#include <exception>
#include <span>
#include <typeinfo>

#include "server/app/commands.h"
#include "shared/platform/platform.h"

namespace lalanh::server {
namespace {

Exit run(const std::vector<std::string>& arguments) {
  Options options;
  const Result<std::string> text = parse_options({arguments.begin() + 1, arguments.end()}, options);
  if (!text.ok()) return show(text.error(), options.manner);
  if (!text->empty()) {
    std::fputs(text->c_str(), stdout);
    return Exit::kDone;
  }
  const auto clock = make_system_clock();
  const auto random = make_system_random();
  if (!random.ok()) return show(random.error(), options.manner);
  const auto files = make_system_files();
  return run_command(options, {*clock, **random, *files});
}

}  // namespace
}  // namespace lalanh::server

int main(int argc, char** argv) {
  try {
    lalanh::ignore_broken_pipes();
    lalanh::keep_files_private();
    return static_cast<int>(lalanh::server::run(lalanh::utf8_arguments(argc, argv)));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "lalanhd: %s\n", typeid(failure).name());
    return static_cast<int>(lalanh::Exit::kFailed);
  }
}
