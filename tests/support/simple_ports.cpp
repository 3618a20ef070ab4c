#include "tests/support/simple_ports.h"

#include <random>

namespace lalanh::testing {

TemporaryFolder::TemporaryFolder() {
  std::random_device device;
  do {
    path_ = std::filesystem::temp_directory_path() / ("lalanh-test-" + std::to_string(device()));
  } while (!std::filesystem::create_directory(path_));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::path() const {
  const std::u8string text = path_.u8string();
  return {text.begin(), text.end()};
}

std::string TemporaryFolder::file(const std::string& name) const { return path() + "/" + name; }

}  // namespace lalanh::testing
