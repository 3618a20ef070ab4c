#include <filesystem>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>

#include "shared/platform/platform.h"

#if !defined(_WIN32)
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace lalanh;

namespace {

/// A folder of the test's own, removed at its end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    const auto random = make_system_random();
    path_ = std::filesystem::temp_directory_path().string() + "/lalanh-test-" +
            std::to_string(random.value()->next_u64());
    REQUIRE(make_system_files()->make_folder(path_).ok());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(std::filesystem::u8path(path_)); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

std::size_t names_in(const std::string& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    static_cast<void>(entry);
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("a file with a Vietnamese name in a Vietnamese folder is written and read back") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  const std::string folder = temporary.path() + "/Xã Tủa Thàng/thôn Làng Vùa";
  const std::string path = folder + "/dữ liệu.db";
  REQUIRE(files->make_folder(folder).ok());
  REQUIRE(files->make_folder(folder).ok());  // there already: nothing to do
  REQUIRE_FALSE(files->exists(path));
  const Bytes content = {0, 13, 10, 26, 255};  // nothing is translated on the way
  REQUIRE(files->replace(path, content, false).ok());
  CHECK(files->exists(path));
  CHECK(files->read(path, 5).value() == content);
  CHECK(std::filesystem::exists(std::filesystem::u8path(path)));
  REQUIRE(files->remove(path).ok());
  CHECK_FALSE(files->exists(path));
  CHECK(files->remove(path).ok());  // gone already
}

TEST_CASE("the size of a file is known without opening it, and a folder has none") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  const std::string path = temporary.path() + "/tệp";
  REQUIRE(files->replace(path, bytes_of("123456"), false).ok());
  CHECK(files->size(path).value() == 6);
  for (const std::string& other : {temporary.path(), temporary.path() + "/none", std::string()}) {
    const auto size = files->size(other);
    REQUIRE_FALSE(size.ok());
    CHECK(size.error().name() == "system.file");
  }
}

TEST_CASE("a file larger than the reader allows is refused by size") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  const std::string path = temporary.path() + "/f";
  REQUIRE(files->replace(path, bytes_of("123456"), false).ok());
  CHECK(files->read(path, 6).ok());
  const auto read = files->read(path, 5);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().name() == "format.limit");
}

TEST_CASE("file errors name the action, the path and the reason") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  const std::string missing = temporary.path() + "/không có";
  const auto read = files->read(missing, 10);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().name() == "system.file");
  CHECK(read.error().value("action") == "read");
  CHECK(read.error().value("path") == missing);
  CHECK_FALSE(read.error().value("why").empty());
  CHECK(files->read(temporary.path(), 10).error().name() == "system.file");  // a folder
  CHECK(files->replace(missing + "/f", {}, false).error().name() == "system.file");
  REQUIRE(files->replace(temporary.path() + "/f", {}, false).ok());
  CHECK(files->make_folder(temporary.path() + "/f/g").error().name() == "system.file");
}

TEST_CASE("a path that is empty, holds a NUL or is not UTF-8 is refused") {
  const auto files = make_system_files();
  for (const std::string& path : {std::string(), std::string("a\0b", 3), std::string("a\xff")}) {
    CHECK(files->read(path, 10).error().name() == "system.file");
    CHECK(files->replace(path, {}, false).error().name() == "system.file");
    CHECK(files->lock(path).error().name() == "system.file");
    CHECK(files->remove(path).error().name() == "system.file");
    CHECK(files->make_folder(path).error().name() == "system.file");
    CHECK_FALSE(files->exists(path));
  }
}

TEST_CASE("a lock file excludes everyone else until it is let go") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  const std::string path = temporary.path() + "/lalanh.lock";
  auto first = files->lock(path);
  REQUIRE(first.ok());
  const auto second = make_system_files()->lock(path);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().name() == "store.locked");
  CHECK(second.error().value("path") == path);
  CHECK(files->lock(temporary.path() + "/other.lock").ok());
  first.value().reset();
  CHECK(files->lock(path).ok());
}

TEST_CASE("replacing leaves no temporary file behind, whether it succeeds or fails") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  REQUIRE(files->replace(temporary.path() + "/f", bytes_of("one"), false).ok());
  REQUIRE(files->replace(temporary.path() + "/f", bytes_of("two"), false).ok());
  REQUIRE(files->make_folder(temporary.path() + "/folder").ok());
  CHECK_FALSE(files->replace(temporary.path() + "/folder", bytes_of("x"), false).ok());
  CHECK(names_in(temporary.path()) == 2);
  CHECK(files->read(temporary.path() + "/f", 3).value() == bytes_of("two"));
}

TEST_CASE("two threads that replace one file leave one of the two contents whole") {
  const TemporaryFolder temporary;
  const std::string path = temporary.path() + "/f";
  const auto files = make_system_files();
  const Bytes a(10'000, 'a');
  const Bytes b(5'000, 'b');
  const auto work = [&](const Bytes& content) {
    for (int i = 0; i < 20; ++i) static_cast<void>(files->replace(path, content, false));
  };
  std::thread other(work, std::cref(a));
  work(b);
  other.join();
  const Bytes left = files->read(path, 10'000).value();
  CHECK((left == a || left == b));
  CHECK(names_in(temporary.path()) == 1);
}

TEST_CASE("free space of a folder is told, and of a missing one refused") {
  const TemporaryFolder temporary;
  CHECK(free_bytes(temporary.path()).value() > 0);
  CHECK(free_bytes(temporary.path() + "/missing").error().name() == "system.file");
}

#if !defined(_WIN32)

TEST_CASE("a secret file is readable by its owner alone, also when it replaces a public one") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  const std::string path = temporary.path() + "/device.key";
  const mode_t before = ::umask(0);
  REQUIRE(files->replace(path, bytes_of("public"), false).ok());
  REQUIRE(files->replace(path, bytes_of("secret"), true).ok());
  ::umask(before);
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777U) == 0600U);
  REQUIRE(::stat(temporary.path().c_str(), &about) == 0);
  CHECK((about.st_mode & 0777U) == 0700U);
}

TEST_CASE("a process killed while it replaces a file leaves the old content or the new") {
  const TemporaryFolder temporary;
  const std::string path = temporary.path() + "/f";
  const auto files = make_system_files();
  const Bytes old_content(200'000, 'o');
  const Bytes new_content(300'000, 'n');
  for (int round = 0; round < 20; ++round) {
    REQUIRE(files->replace(path, old_content, false).ok());
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      while (true) {
        static_cast<void>(files->replace(path, new_content, false));
        static_cast<void>(files->replace(path, old_content, false));
      }
    }
    ::usleep(static_cast<useconds_t>(500 + round * 700));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    const Bytes left = files->read(path, 300'000).value();
    CHECK((left == old_content || left == new_content));
  }
}

TEST_CASE("a lock ends with the process that held it, even when it is killed") {
  const TemporaryFolder temporary;
  const std::string path = temporary.path() + "/lalanh.lock";
  const auto files = make_system_files();
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto held = files->lock(path);
    const char byte = held.ok() ? '1' : '0';
    if (::write(ready[1], &byte, 1) == 1) ::pause();
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK(byte == '1');
  CHECK(files->lock(path).error().name() == "store.locked");
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(files->lock(path).ok());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("reading a pipe that nobody writes is refused at once") {
  const TemporaryFolder temporary;
  const std::string path = temporary.path() + "/pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(make_system_files()->read(path, 10).error().name() == "system.file");
}

#endif

TEST_CASE("a file in pieces has its name when it is whole, and leaves nothing where it is not") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  const std::string path = temporary.path() + "/gói.llb";
  {
    auto sink = files->create(path);
    REQUIRE(sink.ok());
    REQUIRE((*sink)->write(bytes_of("một")).ok());
    const auto names = files->list(temporary.path(), 9);
    REQUIRE(names.ok());
    REQUIRE(names->size() == 1);
    CHECK((*names)[0].rfind(std::string(Files::kUnfinished), 0) == 0);
  }
  CHECK(names_in(temporary.path()) == 0);
  for (const char* text : {"old and longer", "new"}) {
    auto sink = files->create(path);
    REQUIRE(sink.ok());
    REQUIRE((*sink)->write(bytes_of(text)).ok());
    REQUIRE((*sink)->write({}).ok());
    REQUIRE((*sink)->finish().ok());
  }
  CHECK(files->read(path, 9).value() == bytes_of("new"));
  CHECK(names_in(temporary.path()) == 1);
  CHECK_FALSE(files->create(temporary.path() + "/none/f").ok());
}

TEST_CASE("a file is read at any place, and not beyond its end") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  const std::string path = temporary.path() + "/f";
  REQUIRE(files->replace(path, bytes_of("0123456789"), false).ok());
  auto source = files->open(path);
  REQUIRE(source.ok());
  CHECK((*source)->size() == 10);
  Bytes out(3);
  REQUIRE((*source)->read(7, out).ok());
  CHECK(out == bytes_of("789"));
  CHECK((*source)->read(8, out).error().name() == "format.truncated");
  CHECK((*source)->read(100, out).error().name() == "format.truncated");
  CHECK((*source)->read(10, {}).ok());
  CHECK_FALSE(files->open(temporary.path()).ok());
  CHECK_FALSE(files->open(temporary.path() + "/none").ok());
}

TEST_CASE("a folder is listed by name, up to a limit") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  for (const char* name : {"/b", "/a", "/ả"}) {
    REQUIRE(files->replace(temporary.path() + name, {}, false).ok());
  }
  REQUIRE(files->make_folder(temporary.path() + "/c").ok());
  CHECK(files->list(temporary.path(), 4).value() == std::vector<std::string>{"a", "b", "c", "ả"});
  CHECK(files->list(temporary.path(), 3).error().name() == "format.limit");
  CHECK_FALSE(files->list(temporary.path() + "/none", 3).ok());
  CHECK(files->is_folder(temporary.path() + "/c"));
  CHECK_FALSE(files->is_folder(temporary.path() + "/a"));
  CHECK(files->free_bytes(temporary.path()).value() > 0);
}

TEST_CASE("a path from the root stays, another is put behind the current folder") {
  CHECK(absolute_path("/a/b") == "/a/b");
  const std::string here = std::filesystem::current_path().string();
  CHECK(absolute_path("a/b") == here + "/a/b");
}

TEST_CASE("a folder has one real path, however it is spelled") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  const auto in = [&](const char* name) { return temporary.path() + "/" + name; };
  REQUIRE(files->make_folder(in("a/b")).ok());
  const std::string real = real_path(in("a"));
  CHECK(real_path(in("a/")) == real);
#if !defined(_WIN32)
  std::filesystem::create_directory_symlink(in("a"), in("link"));
  for (const char* other : {"./a", "a/.", "a//", "a/b/..", "link", "link/b/.."}) {
    CHECK(real_path(in(other)) == real);
  }
#endif
  CHECK(real_path(in("none")) == absolute_path(in("none")));
  CHECK(real_path("").empty());
}

TEST_CASE("a file that is moved has its new name alone, and takes nobody's place") {
  const TemporaryFolder temporary;
  const auto files = make_system_files();
  const std::string from = temporary.path() + "/một";
  const std::string to = temporary.path() + "/hai";
  CHECK(files->move(from, to).error().name() == "system.file");
  REQUIRE(files->replace(from, as_bytes("1"), true).ok());
  REQUIRE(files->move(from, to).ok());
  CHECK_FALSE(files->exists(from));
  REQUIRE(files->replace(from, as_bytes("2"), true).ok());
  CHECK(files->move(from, to).error().name() == "system.exists");
  CHECK(as_text(*files->read(to, 10)) == "1");
  CHECK(as_text(*files->read(from, 10)) == "2");
}
