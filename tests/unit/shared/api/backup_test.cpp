// Backups made: whose keys open them, what they hold, when they are made.
#include <atomic>
#include <thread>

#include "shared/base/limits.h"
#include "tests/support/failing_files.h"
#include "tests/unit/shared/api/backup_help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace fs = std::filesystem;

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
