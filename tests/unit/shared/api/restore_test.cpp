// Backups put back, and databases loaded again: nothing is lost on the way, wherever it is cut.
#include "shared/base/limits.h"
#include "tests/support/failing_files.h"
#include "tests/unit/shared/api/backup_help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace fs = std::filesystem;

TEST_CASE("what a server put back writes has new names, and it compares before it gives out") {
  World world;
  Node& server = world.add("xa", "14401", "province");
  world.add("thon", "1440101", "xa");
  fs::create_directory(world.path("stick"));
  const std::string path = back_up(server, world.path("stick")).text("path");
  household(world.node("thon"), "1440101", R"({"head":"Sau"})");
  world.sync("thon", "xa");
  const std::string later = digest(server);
  world.close("xa");
  const auto restore = restore_of(world, path, "xa");
  REQUIRE(restore->try_own_key());
  CHECK(must(restore->run()) == world.path("xa") + "/before-restore-1");
  Node& again = world.node("xa");
  CHECK_FALSE(again.store().compared());
  CHECK(digest(again) != later);
  household(again, "1440101", R"({"head":"Mới"})");
  world.sync("thon", "xa");
  CHECK(digest(again) == digest(world.node("thon")));
  CHECK(get(again, "/api/households").number("total") == 2);
}

TEST_CASE("a backup that was altered or cut at any byte is refused, and changes nothing") {
  World world;
  laptop(world);
  fs::create_directory(world.path("stick"));
  const std::string path =
      back_up(world.node("thon"), world.path("stick") + "/x.llbak").text("path");
  const Bytes whole = bytes_of_file(world, path);
  world.close("thon");
  const auto before = files_below(world, world.path("thon"));
  const auto try_one = [&](const Bytes& bytes) -> std::string {
    must(world.files->replace(path, bytes, false));
    const auto restore = Restore::open(*world.files, path, world.path("thon"));
    if (!restore.ok()) return restore.error().name();
    if (!(*restore)->try_own_key()) return "no key";
    return name_of((*restore)->run());
  };
  const std::size_t front = must(read_backup_front(*must(world.files->open(path)), path)).bytes;
  for (std::size_t at = 0; at < whole.size(); at += at < front + 64 ? 7 : 5'003) {
    Bytes bytes = whole;
    bytes[at] ^= 0x40;
    CHECK_FALSE(try_one(bytes).empty());
    bytes.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at));
    CHECK_FALSE(try_one(bytes).empty());
  }
  Bytes longer = whole;
  longer.push_back(0);
  CHECK(try_one(longer) == "backup.altered");
  CHECK(files_below(world, world.path("thon")) == before);
  CHECK(try_one(whole).empty());
}

TEST_CASE("a restore cut short at any change can be done again, and nothing is gone") {
  World world;
  const std::string path = backup_and_unsent(world);
  world.close("thon");
  // The newest state must be somewhere below the folder, whatever happens.
  const Bytes newest = bytes_of_file(world, world.path("thon") + "/lalanh.db");
  const std::string pristine = world.path("pristine");
  fs::copy(world.path("thon"), pristine, fs::copy_options::recursive);
  bool cut = true;
  int changes = 0;
  for (; cut; ++changes) {
    INFO("cut after " << changes << " changes");
    fs::remove_all(world.path("thon"));
    fs::copy(pristine, world.path("thon"), fs::copy_options::recursive);
    {
      FailingFiles failing(*world.files, changes);
      const auto first = must(Restore::open(failing, path, world.path("thon")));
      REQUIRE(first->try_own_key());
      cut = !first->run().ok();
    }
    const auto kept = [&] {
      for (const auto& [name, bytes] : files_below(world, world.path("thon"))) {
        if (bytes == newest) return true;
      }
      return false;
    };
    CHECK(kept());
    if (cut) {
      // The key may be aside already: the command finds it there.
      const auto second = restore_of(world, path, "thon");
      REQUIRE(second->try_own_key());
      const bool whole = fs::exists(NodeFiles(world.path("thon")).key);
      const std::string aside = must(second->run());
      CHECK(kept());
      // Where the key was gone, the folder that is named holds what was there before all this.
      if (!whole) CHECK(bytes_of_file(world, aside + "/lalanh.db") == newest);
      for (const auto& [name, bytes] : files_below(world, world.path("thon"))) {
        CHECK_FALSE(name.ends_with("/unfinished"));
      }
    }
    CHECK(get(world.node("thon"), "/api/households").number("total") == 1);
    world.close("thon");
  }
  CHECK(changes > 10);
}

TEST_CASE("however often it is cut, a database and its log are put aside into one folder") {
  World world;
  const std::string path = backup_and_unsent(world);
  const std::string pristine = world.path("pristine");
  fs::copy(world.path("thon"), pristine, fs::copy_options::recursive);  // with its log
  const Bytes database = bytes_of_file(world, pristine + "/lalanh.db");
  const Bytes log = bytes_of_file(world, pristine + "/lalanh.db-wal");
  REQUIRE_FALSE(log.empty());
  world.close("thon");
  const std::string folder = world.path("thon");
  const bool restores = GENERATE(false, true);
  const auto put_aside = [&](Files& files) -> Status {
    if (!restores) {
      const Result<std::string> aside = put_database_aside(files, folder);
      return aside.ok() ? Status() : Status(aside.error());
    }
    const auto restore = must(Restore::open(files, path, folder));
    REQUIRE(restore->try_own_key());
    const Result<std::string> aside = restore->run();
    return aside.ok() ? Status() : Status(aside.error());
  };
  bool cut = true;
  for (int changes = 0; cut; ++changes) {
    INFO((restores ? "restore" : "rebuild") << " cut after " << changes << " changes");
    fs::remove_all(folder);
    fs::copy(pristine, folder, fs::copy_options::recursive);
    FailingFiles failing(*world.files, changes);
    cut = !put_aside(failing).ok();
    // What would open, lacks nothing.
    if (fs::exists(folder + "/lalanh.db") &&
        bytes_of_file(world, folder + "/lalanh.db") == database) {
      CHECK(fs::exists(folder + "/lalanh.db-wal"));
    }
    FailingFiles again(*world.files, 2);
    if (cut) (void)put_aside(again).ok();
    if (cut) must(put_aside(*world.files));
    std::size_t found = 0;
    for (const std::string& name : must(world.files->list(folder, 1'000))) {
      const std::string aside = folder + "/" + name;
      if (!fs::is_directory(aside) || !fs::exists(aside + "/lalanh.db")) continue;
      CHECK_FALSE(fs::exists(aside + "/unfinished"));
      if (bytes_of_file(world, aside + "/lalanh.db") != database) continue;
      ++found;
      REQUIRE(fs::exists(aside + "/lalanh.db-wal"));
      CHECK(bytes_of_file(world, aside + "/lalanh.db-wal") == log);
    }
    CHECK(found == 1);
  }
}

TEST_CASE("a database of an older version is backed up before it is changed, or not opened") {
  World world;
  laptop(world);
  const std::string before = digest(world.node("thon"));
  world.close("thon");
  const std::string path = NodeFiles(world.path("thon")).database;
  const auto version = [&] {
    DatabaseOptions options;
    options.path = path;
    const auto db = must(Database::open(options));
    return must(db->integer("PRAGMA user_version"));
  };
  const std::int64_t newest = version();
  {
    DatabaseOptions options;
    options.path = path;
    const auto db = must(Database::open(options));
    must(
        db->execute("DROP TABLE ticket; DROP TABLE receipt_above; DROP TABLE met;"
                    "ALTER TABLE stream DROP COLUMN waits; PRAGMA user_version=2"));
  }
  FailingFiles full(*world.files, 1'000'000);
  full.free = 1'000;
  NodeOptions options;
  options.folder = world.path("thon");
  options.clock = &world.clock;
  options.random = &world.random;
  options.files = &full;
  CHECK(name_of(Node::open(options)) == "backup.no_space");
  CHECK(version() == 2);
  CHECK(digest(world.node("thon")) == before);
  world.close("thon");
  CHECK(version() == newest);
  const auto names = must(world.files->list(world.path("thon") + "/backups", 100));
  REQUIRE(names == std::vector<std::string>{"upgrade-000001.llbak"});
  const auto restore =
      restore_of(world, world.path("thon") + "/backups/upgrade-000001.llbak", "thon");
  REQUIRE(restore->try_own_key());
  must(restore->run());
  CHECK(version() == 2);
}

TEST_CASE("a database that is lost or damaged is loaded again from the parent") {
  World world;
  Node& node = laptop(world);
  const std::string before = digest(node);
  CHECK(name_of(put_database_aside(*world.files, world.path("province"))) == "sync.is_top");
  CHECK(name_of(put_database_aside(*world.files, world.path("thon"))) == "store.locked");
  world.close("thon");
  const Bytes damaged(8'192, 0x55);
  must(world.files->replace(NodeFiles(world.path("thon")).database, damaged, true));
  NodeOptions options;
  options.folder = world.path("thon");
  options.clock = &world.clock;
  options.random = &world.random;
  options.files = world.files.get();
  CHECK_FALSE(Node::open(options).ok());
  const std::string aside = must(put_database_aside(*world.files, world.path("thon")));
  CHECK(bytes_of_file(world, aside + "/lalanh.db") == damaged);
  CHECK(name_of(Node::open(options)) == "store.gone");
  options.rebuild = true;
  must(Node::open(options));
  world.sync("thon", "province");
  CHECK(digest(world.node("thon")) == before);
}
