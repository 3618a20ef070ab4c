#include <map>

#include "shared/base/memory_bytes.h"
#include "sync/bundle/bundle_folder.h"
#include "tests/unit/sync/bundle/world.h"

namespace lalanh::test {
namespace {

/// A stick of so many bytes, in memory; may be pulled out or be full before that is known.
class Stick : public Files {
 public:
  explicit Stick(std::uint64_t room) : room_(room) {}
  std::map<std::string, Bytes> held;
  int opened = 0;                             ///< files, so far
  std::optional<std::uint64_t> lies_of_room;  ///< what free_bytes says instead

  Result<Bytes> read(const std::string& path, std::size_t) override { return held.at(path); }
  Status replace(const std::string&, ByteView, bool) override { return refused(); }
  bool exists(const std::string& path) override { return held.count(path) > 0; }
  Result<std::uint64_t> size(const std::string& path) override { return held.at(path).size(); }
  Status make_folder(const std::string&) override { return refused(); }
  Status remove(const std::string& path) override {
    held.erase(path);
    return {};
  }
  Status move(const std::string&, const std::string&) override { return refused(); }
  Result<std::unique_ptr<ByteSource>> open(const std::string& path) override {
    ++opened;
    if (!exists(path)) return refused();
    return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(held.at(path)));
  }
  Result<std::unique_ptr<ByteSink>> create(const std::string& path) override {
    return std::unique_ptr<ByteSink>(std::make_unique<Sink>(*this, path));
  }
  Result<std::vector<std::string>> list(const std::string& folder, std::size_t) override {
    std::vector<std::string> out;
    for (const auto& [path, bytes] : held) out.push_back(path.substr(folder.size() + 1));
    return out;
  }
  bool is_folder(const std::string& path) override { return path == "/stick"; }
  Result<std::uint64_t> free_bytes(const std::string&) override {
    return lies_of_room ? *lies_of_room : left();
  }
  Result<std::unique_ptr<FileLock>> lock(const std::string&) override { return refused(); }

 private:
  struct Sink : ByteSink {
    Sink(Stick& s, std::string p) : stick(s), path(std::move(p)) {}
    Status write(ByteView bytes) override {
      if (stick.left() < written.size() + bytes.size()) return Error{ErrorCode::store_full};
      append(written, bytes);
      return {};
    }
    Status finish() override {
      stick.held[path] = std::move(written);
      return {};
    }
    Stick& stick;
    std::string path;
    Bytes written;
  };
  static Error refused() { return {ErrorCode::system_file, {{"why", "not on a stick"}}}; }
  std::uint64_t left() const {
    std::uint64_t used = 0;
    for (const auto& [path, bytes] : held) used += bytes.size();
    return room_ > used ? room_ - used : 0;
  }
  std::uint64_t room_;
};

/// Some 300 KiB that do not shrink.
void fill(Commune& c) {
  for (int i = 0; i < 90; ++i) {
    std::string noise;
    for (int j = 0; j < 400; ++j) noise += std::to_string(c.tree.random.next());
    household(c.village.store(), kVillage, noise.substr(0, 7'000));
  }
}

const sync::BundleRequest kSmall{Direction::kUp, {}, limits::kBundlePartBytesMin};

TEST_CASE("A stick with too little room is refused before anything is written") {
  Commune c;
  fill(c);
  Stick stick(100 * 1'024);
  const auto written = sync::export_bundles(c.village.side(), stick, "/stick", kSmall);
  REQUIRE_FALSE(written.ok());
  CHECK(written.error().name() == "bundle.no_space");
  CHECK(written.error().value("needed") == "1");
  CHECK(stick.held.empty());
}

TEST_CASE("A stick that fills up midway keeps its whole parts, and the next export goes on") {
  Commune c;
  fill(c);
  Stick stick(200 * 1'024);
  stick.lies_of_room = 1U << 30U;
  const auto broken = sync::export_bundles(c.village.side(), stick, "/stick", kSmall);
  REQUIRE_FALSE(broken.ok());
  CHECK(broken.error().name() == "bundle.stick");
  CHECK(broken.error().value("done") == "1");
  REQUIRE(stick.held.size() == 1);
  Stick larger(64U << 20U);
  larger.held = stick.held;
  larger.held["/stick/~ll77-1.tmp"] = {1, 2, 3};
  larger.held["/stick/photo.jpg"] = {1, 2, 3};
  const auto rest = must(sync::export_bundles(c.village.side(), larger, "/stick", kSmall));
  CHECK(rest.on_stick > 0);
  CHECK(larger.held.size() == rest.files.size() + 2);
  CHECK(larger.exists("/stick/photo.jpg"));
  for (const auto& file : must(sync::import_bundles(c.hall.side(), larger, {"/stick"}))) {
    CHECK_FALSE(file.error.has_value());
  }
  check_equal(c.village, c.hall, kVillage);
}

TEST_CASE("Bundles of a folder are read oldest first, bad ones are named and passed over") {
  Commune c;
  Stick stick(64U << 20U);
  for (const char* name : {"/stick/c.llb", "/stick/B.LLB", "/stick/a.llb"}) {
    household(c.village.store(), kVillage, name);
    c.village.reopen();
    stick.held[name] = c.village.up();
  }
  stick.held["/stick/bad.llb"] = {1, 2, 3};
  stick.held["/stick/other.txt"] = {1};
  const auto files = must(sync::import_bundles(c.hall.side(), stick, {"/stick"}));
  REQUIRE(files.size() == 4);
  CHECK(files[0].path == "/stick/c.llb");
  CHECK(files[1].path == "/stick/B.LLB");
  CHECK(files[2].path == "/stick/a.llb");
  CHECK(files[3].error->name() == "bundle.not_one");
  for (const auto& file : files) CHECK((file.taken && file.taken->late) == false);
  check_equal(c.village, c.hall, kVillage);
  stick.held.clear();
  CHECK(sync::import_bundles(c.hall.side(), stick, {"/stick"}).error().name() == "bundle.none");
}

TEST_CASE(
    "A database is no bundle, and is not opened to see that: this process may have it in use") {
  Commune c;
  Stick stick(1'024);
  for (const char* name : {"/hall/lalanh.db", "/hall/audit.db-wal", "/hall/LALANH.DB-SHM"}) {
    stick.held[name] = {1, 2, 3};
    for (const auto& files : {must(sync::import_bundles(c.hall.side(), stick, {name})),
                              must(sync::inspect_bundles(c.hall.side(), stick, {name}))}) {
      REQUIRE(files.size() == 1);
      REQUIRE(files[0].error);
      CHECK(files[0].error->name() == "bundle.not_one");
    }
  }
  CHECK(stick.opened == 0);
}

TEST_CASE("Looking at a stick changes nothing") {
  Commune c;
  household(c.village.store(), kVillage, "one");
  Stick stick(64U << 20U);
  REQUIRE(sync::export_bundles(c.village.side(), stick, "/stick", {}).ok());
  const auto files = must(sync::inspect_bundles(c.hall.side(), stick, {"/stick"}));
  REQUIRE(files.size() == 1);
  CHECK(files[0].info->events == 1);
  CHECK(must(c.hall.store().events_in(kVillage)) == 0);
  CHECK(must(c.hall.ledger->seen(c.village.device.key->public_key())) == 0);
  const auto foreign = must(sync::inspect_bundles(c.neighbour.side(), stick, {"/stick"}));
  CHECK(foreign[0].error->name() == "bundle.not_for_us");
  CHECK(foreign[0].front->writer == SmallTree::kVillage);
}

}  // namespace
}  // namespace lalanh::test
