// What a backup does with the files beside it: those in use, and those that a cut left.
#include <filesystem>

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "shared/api/backup.h"
#include "tests/unit/shared/api/world.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace fs = std::filesystem;

namespace {

std::string backup_body(const std::string& path) { return R"({"path":")" + path + R"("})"; }

#if !defined(_WIN32)
/// Does this process hold a lock on the file? Another one is asked: nobody sees his own.
bool locked_by_us(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const int fd = ::open(path.c_str(), O_RDWR);
    if (fd < 0 || ::fcntl(fd, F_GETLK, &lock) != 0) _exit(2);
    _exit(lock.l_type == F_UNLCK ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) != 2);
  return WEXITSTATUS(status) == 1;
}
#endif

}  // namespace

#if !defined(_WIN32)
TEST_CASE("a backup leaves the locks on the database that is in use") {
  World world;
  Node& node = world.add("xa", "14401", "province");
  const std::string database = world.path("xa") + "/lalanh.db";
  REQUIRE(locked_by_us(database));
  fs::create_directory(world.path("stick"));
  REQUIRE(post(node, "/api/backup", backup_body(world.path("stick"))).status == 200);
  CHECK(locked_by_us(database));
  must(make_automatic_backup(backup_of(node), false));
  CHECK(locked_by_us(database));
}
#endif

TEST_CASE("an automatic backup removes what one that was cut short has left, and nothing else") {
  World world;
  Node& node = world.add("xa", "14401", "province");
  must(make_automatic_backup(backup_of(node), false));
  const std::string folder = world.path("xa") + "/backups";
  for (const char* name : {"~ll123-4.tmp", "~LL123-4.tmp", "~ll", "~llx", "mine.tmp"}) {
    must(world.files->replace(folder + "/" + name, as_bytes("x"), false));
  }
  SECTION("not while another is being made, whose file it is") {
    const auto held = must(world.files->lock(world.path("xa") + "/backup.lock"));
    CHECK_FALSE(make_automatic_backup(backup_of(node), false).ok());
    CHECK(world.files->exists(folder + "/~ll123-4.tmp"));
  }
  SECTION("in its own folder") {
    must(make_automatic_backup(backup_of(node), false));
    CHECK(must(world.files->list(folder, 100)) ==
          std::vector<std::string>{"daily-000001.llbak", "daily-000002.llbak", "mine.tmp",
                                   "~LL123-4.tmp", "~ll", "~llx"});
  }
  SECTION("not on a stick, where others write too") {
    const std::string stick = world.path("stick");
    fs::create_directory(stick);
    must(world.files->replace(stick + "/~ll9-1.tmp", as_bytes("x"), false));
    REQUIRE(post(node, "/api/backup", backup_body(stick)).status == 200);
    CHECK(world.files->exists(stick + "/~ll9-1.tmp"));
    CHECK(world.files->exists(folder + "/~ll123-4.tmp"));
  }
}
