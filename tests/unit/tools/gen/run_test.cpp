#include "tools/gen/run.h"

#include <map>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tools/gen/files.h"

using namespace lalanh::gen;
namespace fs = std::filesystem;

namespace {

/// A folder that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static int count = 0;
    path_ = fs::temp_directory_path() /
            ("lalanh-gen-test-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    fs::create_directories(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code code;
    fs::remove_all(path_, code);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

using Files = std::map<std::string, std::string>;

Files files_of(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[fs::relative(entry.path(), folder).generic_string()] = read_file(entry.path()).value();
  }
  return files;
}

Files make(RunOptions options) {
  const TemporaryFolder folder;
  options.out = folder.path();
  const auto result = run(options, {});
  REQUIRE(result.ok());
  REQUIRE(result->met());
  return files_of(folder.path());
}

RunOptions one_commune() {
  RunOptions options;
  options.communes = {"14404"};
  options.villages = 3;
  return options;
}

}  // namespace

TEST_CASE("the same seed gives the same bytes in every file") {
  RunOptions options = one_commune();
  options.ndjson = true;
  options.updates = 300;
  const Files files = make(options);
  REQUIRE(files.size() == 4 + 2 * 3 + 1);
  REQUIRE(make(options) == files);
  options.seed = 2;
  REQUIRE(make(options) != files);
}

TEST_CASE("a part has the same bytes as in the whole") {
  RunOptions whole;
  whole.districts = {"370"};
  const Files all = make(whole);
  RunOptions part;
  part.communes = {"14371", "14377"};
  part.villages = 2;
  std::size_t compared = 0;
  for (const auto& [name, bytes] : make(part)) {
    if (name.find('/') == std::string::npos) continue;
    REQUIRE(all.at(name) == bytes);
    ++compared;
  }
  REQUIRE(compared == 2 * 2 * 2);
}

TEST_CASE("a cap on households gives the beginning of the whole file") {
  const Files all = make(one_commune());
  RunOptions capped = one_commune();
  capped.households = 5;
  const std::string name = "372/14404/1440402/members.csv";
  const std::string bytes = make(capped).at(name);
  REQUIRE(bytes.size() < all.at(name).size());
  REQUIRE(all.at(name).starts_with(bytes));
}

TEST_CASE("fewer years give the rows of these years unchanged") {
  const std::string name = "372/14404/1440401/households.csv";
  const std::string all = make(one_commune()).at(name);
  RunOptions options = one_commune();
  options.years = {2022};
  const std::string one = make(options).at(name);
  std::size_t rows = 0;
  for (std::size_t at = 0; at < one.size();) {
    const std::size_t end = one.find('\n', at) + 1;
    REQUIRE(all.find(one.substr(at, end - at)) != std::string::npos);
    at = end;
    ++rows;
  }
  REQUIRE(rows > 50);
}

TEST_CASE("a folder that was changed by hand is found out") {
  const TemporaryFolder folder;
  RunOptions options;
  options.districts = {"369"};
  options.years = {2022};
  options.out = folder.path();
  REQUIRE(run(options, {}).ok());
  const auto good = check(folder.path());
  REQUIRE(good.ok());
  REQUIRE(good->compared.size() == 8);
  REQUIRE(good->met());
  const fs::path file = folder.path() / "369/14320/1432001/members.csv";
  std::string bytes = read_file(file).value();
  bytes.erase(bytes.rfind('\n', bytes.size() - 2) + 1);
  REQUIRE(write_file(file, bytes).ok());
  const auto bad = check(folder.path());
  REQUIRE(bad.ok());
  REQUIRE_FALSE(bad->met());
  fs::remove_all(file.parent_path());
  REQUIRE(check(folder.path()).error().name() == "format.truncated");
}

TEST_CASE("a folder with files in it is left alone") {
  const TemporaryFolder folder;
  REQUIRE(write_file(folder.path() / "mine.txt", "mine").ok());
  RunOptions options = one_commune();
  options.out = folder.path();
  REQUIRE(run(options, {}).error().name() == "input.usage");
  REQUIRE(files_of(folder.path()).size() == 1);
}

TEST_CASE("years and codes that do not exist are refused") {
  REQUIRE(parse_years("2021-2024").value() == std::vector<int>{2021, 2022, 2023, 2024});
  REQUIRE(parse_years("2024,2022").value() == std::vector<int>{2022, 2024});
  for (const char* wrong : {"", "2020", "2024-2021", "2021-", "x", "2021,,2022", "2021-2025"}) {
    REQUIRE_FALSE(parse_years(wrong).ok());
  }
  RunOptions options;
  options.communes = {"99999"};
  REQUIRE(chosen_villages(options).error().name() == "register.unknown_unit");
}
