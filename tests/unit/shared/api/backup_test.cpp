// Backups made and put back: whose keys open them, and that nothing is lost on the way.
#include "shared/api/backup.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include "shared/api/restore.h"
#include "shared/base/limits.h"
#include "tests/support/failing_files.h"
#include "tests/unit/shared/api/users.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace fs = std::filesystem;

namespace {

constexpr const char* kCanary = "Chim Hoàng Yến";
constexpr std::int64_t kDayMs = 86'400'000;

std::string digest(Node& node) {
  const Got verified = post(node, "/api/verify");
  INFO(verified.body);
  REQUIRE(verified.yes("ok"));
  return verified.text("digest");
}

Got back_up(Node& node, const std::string& path) {
  return post(node, "/api/backup", R"({"path":")" + path + R"("})");
}

std::unique_ptr<Restore> restore_of(World& world, const std::string& backup,
                                    const std::string& name) {
  return must(Restore::open(*world.files, backup, world.path(name)));
}

std::string name_of(const Status& status) { return status.ok() ? "" : status.error().name(); }
template <class T>
std::string name_of(const Result<T>& result) {
  return result.ok() ? "" : result.error().name();
}

/// A village's laptop with one household, synced.
Node& laptop(World& world) {
  Node& node = world.add("thon", "1440101", "province");
  household(node, "1440101", std::string(R"({"head":")") + kCanary + R"("})");
  world.sync("thon", "province");
  return node;
}

Hash recovery_seed(World& world, const std::string& name) {
  const KeyPair pair = KeyPair::make(world.random);
  must(world.files->replace(NodeFiles(world.path(name)).recovery,
                            as_bytes(to_hex(pair.public_key()) + "\n"), false));
  return pair.seed();
}

bool contains(const Bytes& bytes, std::string_view text) {
  return as_text(bytes).find(text) != std::string_view::npos;
}

Bytes bytes_of_file(World& world, const std::string& path) {
  return must(world.files->read(path, std::size_t{1} << 30U));
}

/// All files below a folder, with their bytes.
std::map<std::string, Bytes> files_below(World& world, const std::string& folder) {
  std::map<std::string, Bytes> out;
  for (const fs::directory_entry& each : fs::recursive_directory_iterator(folder)) {
    if (each.is_regular_file()) {
      out[each.path().string()] = bytes_of_file(world, each.path().string());
    }
  }
  return out;
}

/// A laptop, its backup on a stick, and a household that came later and is not in it.
std::string backup_and_unsent(World& world) {
  laptop(world);
  fs::create_directory(world.path("stick"));
  std::string path = back_up(world.node("thon"), world.path("stick") + "/x.llbak").text("path");
  household(world.node("thon"), "1440101", R"({"head":"Chưa Gửi"})");
  return path;
}

}  // namespace

TEST_CASE("a server's backup opens by its own key or the recovery key, and by nothing else") {
  World world;
  Node& server = world.add("xa", "14401", "province");
  laptop(world);
  world.sync("xa", "province");
  const std::string before = digest(server);
  fs::create_directory(world.path("stick"));

  const Got own = back_up(server, world.path("stick"));
  REQUIRE(own.status == 200);
  CHECK_FALSE(own.yes("elsewhere"));
  const auto alone = restore_of(world, own.text("path"), "moi");
  CHECK(alone->front().unit_name == "Xã Thử");
  CHECK(alone->logins().empty());
  CHECK_FALSE(alone->try_own_key());
  CHECK(name_of(alone->open_with_password("x", "y")) == "backup.no_key");

  const Hash seed = recovery_seed(world, "xa");
  const Got both = back_up(server, world.path("stick") + "/x.llbak");
  CHECK(both.yes("elsewhere"));
  CHECK_FALSE(contains(bytes_of_file(world, both.text("path")), kCanary));
  const auto restore = restore_of(world, both.text("path"), "moi");
  CHECK(name_of(restore->open_with_recovery(KeyPair::make(world.random).seed())) ==
        "backup.no_key");
  must(restore->open_with_recovery(seed));
  CHECK(must(restore->check()).program == "0.1");
  CHECK(restore->of_server() == true);
  CHECK_FALSE(restore->now().database);
  CHECK(must(restore->run()) == "");
  CHECK(digest(world.node("moi")) == before);

  const auto here = restore_of(world, own.text("path"), "xa");
  CHECK(here->try_own_key());
  CHECK(here->now().same_device);
  CHECK(name_of(here->run()) == "store.locked");  // the node is open
}

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

TEST_CASE("a laptop's backup opens by the password of that day, on any machine") {
  World world;
  laptop(world);
  Desk& desk = world.desk("thon");
  add_user(desk, "tam", "village_head");
  Node& node = world.node("thon");
  const std::string session = must(desk.sign_in("tam", kPassword));
  fs::create_directory(world.path("stick"));
  const Got done =
      as(node, session, "POST", "/api/backup", R"({"path":")" + world.path("stick") + R"("})");
  REQUIRE(done.status == 200);
  CHECK(done.yes("elsewhere"));
  CHECK_FALSE(contains(bytes_of_file(world, done.text("path")), kCanary));
  CHECK(as(node, session, "GET", "/api/status").text("backup.time").empty());

  const auto restore = restore_of(world, done.text("path"), "moi");
  CHECK(restore->logins() == std::vector<std::string>{"tam"});
  CHECK_FALSE(restore->try_own_key());
  CHECK(name_of(restore->open_with_password("tam", "sai mật khẩu")) == "accounts.wrong_password");
  CHECK(restore->locked());
  must(restore->open_with_password("tam", kPassword));
  CHECK(restore->role() == "village_head");
  CHECK_FALSE(restore->of_server());  // not read yet
  must(restore->check());
  CHECK(restore->of_server() == false);
  must(restore->run());
  Desk& new_desk = world.desk("moi");
  CHECK(new_desk.locked());
  must(new_desk.sign_in("tam", kPassword));
  Node& restored = world.node("moi");
  const std::string proof = new_desk.proof("tam");
  CHECK(as(restored, proof, "GET", "/api/households?q=chim").number("total") == 1);
  CHECK_FALSE(contains(bytes_of_file(world, world.path("moi") + "/lalanh.db"), kCanary));
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

TEST_CASE("automatic backups are kept by number, whatever the clocks say") {
  World world;
  Node& node = laptop(world);
  const std::string folder = world.path("thon");
  CHECK(get(node, "/api/status").text("backup.path").empty());
  for (std::size_t i = 0; i < limits::kBackupsKept + 3; ++i) {
    world.clock.wall_ms += i % 2 == 0 ? 40 * kDayMs : -70 * kDayMs;
    must(make_automatic_backup(backup_of(node), i % 4 == 3));
  }
  const auto names = must(world.files->list(folder + "/backups", 100));
  // Eight daily ones and two before upgrades were made: the oldest daily one went.
  CHECK(names.size() == limits::kBackupsKept + limits::kUpgradeBackupsKept);
  CHECK(names.front() == "daily-000002.llbak");
  CHECK(get(node, "/api/status").text("backup.path") == folder + "/backups/daily-000010.llbak");
}

TEST_CASE("a running program backs up once a day, and tries again after an hour") {
  World world;
  Node& node = laptop(world);
  BackupClock backups(world.clock, *world.files, world.path("thon"));
  CHECK(backups.due());
  backups.tried(false);
  CHECK_FALSE(backups.due());
  world.clock.advance(3'600'001);
  CHECK(backups.due());
  must(make_automatic_backup(backup_of(node), false));
  backups.tried(true);
  CHECK_FALSE(backups.due());
  world.clock.wall_ms += 30 * kDayMs;  // set by somebody: no reason for another one
  CHECK_FALSE(backups.due());
  world.clock.advance(limits::kBackupEveryMs);
  CHECK(backups.due());
  // A program that has just started looks at what is there.
  must(make_automatic_backup(backup_of(node), false));
  CHECK_FALSE(BackupClock(world.clock, *world.files, world.path("thon")).due());
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
    must(db->execute(
        "DROP TABLE ticket; DROP TABLE receipt_above; DROP TABLE met;"
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

TEST_CASE("room is looked at before anything is written, and a bad path is refused") {
  World world;
  Node& node = laptop(world);
  fs::create_directory(world.path("stick"));
  CHECK(back_up(node, world.path("stick") + "/x.txt").error() == "input.wrong_file");
  CHECK(back_up(node, world.path("nothing") + "/x.llbak").error() == "system.file");
  const BackupOf real = backup_of(node);
  FailingFiles full(*world.files, 1'000'000);
  full.free = 2'000;
  NodeOptions options = node.options();
  options.files = &full;
  const BackupOf of{options, real.settings, real.key, real.device};
  CHECK(name_of(make_backup(of, world.path("stick"))) == "backup.no_space");
  CHECK(must(world.files->list(world.path("stick"), 10)).empty());
  // Nothing that passed is left, and a stop ends it.
  options.files = world.files.get();
  options.stopped = [] { return true; };
  CHECK(name_of(make_backup(of, world.path("stick"))) == "system.cancelled");
  CHECK(must(world.files->list(world.path("stick"), 10)).empty());
  for (const std::string& name : must(world.files->list(world.path("thon"), 100))) {
    CHECK_FALSE(name.starts_with(Files::kUnfinished));
  }
}

TEST_CASE("a backup takes the place of an older one of the same machine, of nothing else") {
  World world;
  Node& node = laptop(world);
  world.add("khac", "1440102", "province");
  world.add("ben", "1440101", "province");
  fs::create_directory(world.path("stick"));
  const std::string path = world.path("stick") + "/x.llbak";
  CHECK(back_up(node, path).status == 200);
  household(node, "1440101", R"({"head":"Sau"})");
  CHECK(back_up(node, path).status == 200);
  const Bytes kept = bytes_of_file(world, path);
  CHECK(back_up(world.node("khac"), path).error() == "system.exists");
  CHECK(back_up(world.node("ben"), path).error() == "system.exists");  // of the same unit
  CHECK(bytes_of_file(world, path) == kept);
  const Bytes other(100, 0x55);
  must(world.files->replace(path, other, false));
  CHECK(back_up(node, path).error() == "system.exists");
  CHECK(bytes_of_file(world, path) == other);
}

TEST_CASE("a backup made while others write is the state of one moment") {
  World world;
  laptop(world);
  world.close("thon");
  const auto random = must(make_system_random());
  const auto clock = make_system_clock();
  NodeOptions options;
  options.folder = world.path("thon");
  options.clock = clock.get();
  options.random = random.get();
  options.files = world.files.get();
  fs::create_directory(world.path("stick"));
  std::vector<std::string> paths;
  {
    const auto node = must(Node::open(options));
    std::atomic<bool> stop{false};
    std::thread writer([&] {
      for (int i = 0; !stop; ++i) {
        ApiRequest request;
        request.method = "POST";
        request.path = "/api/households";
        request.body = R"({"unit":"1440101","fields":{"head":"Hộ )" + std::to_string(i) + R"("}})";
        if (node->handle(request).status != 200) break;
      }
    });
    for (int i = 0; i < 3; ++i) {
      paths.push_back(world.path("stick") + "/" + std::to_string(i) + ".llbak");
      CHECK(back_up(*node, paths.back()).status == 200);
    }
    stop = true;
    writer.join();
  }
  for (const std::string& path : paths) {
    const auto restore = restore_of(world, path, "thon");
    REQUIRE(restore->try_own_key());
    must(restore->run());
    digest(world.node("thon"));
    world.close("thon");
  }
}
