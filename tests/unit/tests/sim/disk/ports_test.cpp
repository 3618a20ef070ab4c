#include <set>

#include <catch2/catch.hpp>

#include "tests/sim/disk/clock.h"
#include "tests/sim/disk/rng.h"
#include "tests/sim/disk/sim_files.h"

using namespace lalanh;
using namespace lalanh::sim;

namespace {

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

}  // namespace

TEST_CASE("a replaced file is the old one or the new one, whole, whenever the power goes") {
  const Bytes old(9'000, 'o'), fresh(20'000, 'f');
  std::set<std::uint8_t> after_failure;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    for (std::uint64_t at = 1; at <= 6; ++at) {
      INFO("seed " << seed << ", cut at mutation " << at);
      Disk disk(mix(seed, at));
      SimFiles files(disk);
      REQUIRE(files.make_folder(disk.path("thôn/khóa")).ok());
      const std::string path = disk.path("thôn/khóa/thiết bị.key");
      REQUIRE(files.replace(path, old, true).ok());
      const std::uint64_t before = disk.mutations();
      disk.cut_after_writes(at);
      const bool done = files.replace(path, fresh, true).ok();
      CHECK(done == (at == 6));
      if (done) CHECK(disk.mutations() - before == 5);
      if (done) disk.cut_power();
      CHECK_FALSE(files.exists(path));  // the power is off
      disk.power_on();
      const Result<Bytes> read = files.read(path, 100'000);
      REQUIRE(read.ok());
      REQUIRE((*read == fresh || (!done && *read == old)));
      if (!done) after_failure.insert(read->front());
    }
  }
  CHECK(after_failure == std::set<std::uint8_t>{'o', 'f'});
}

TEST_CASE("files, folders and locks answer as those of the system do") {
  Disk disk(1);
  SimFiles files(disk);
  const std::string folder = disk.path("a/b"), path = folder + "/f";
  CHECK(files.replace(path, {}, false).error().name() == "system.file");
  REQUIRE(files.make_folder(folder).ok());
  REQUIRE(files.make_folder(folder).ok());
  CHECK(files.exists(folder));
  CHECK_FALSE(files.exists(path));
  REQUIRE(files.replace(path, bytes_of("123456"), false).ok());
  CHECK(files.read(path, 6).value() == bytes_of("123456"));
  CHECK(files.read(path, 5).error().name() == "format.limit");
  CHECK(files.read(folder, 5).error().name() == "system.file");
  CHECK(files.make_folder(path + "/g").error().name() == "system.file");
  CHECK(files.read("/elsewhere/f", 5).error().name() == "system.file");
  CHECK(files.read("", 5).error().name() == "system.file");
  CHECK(files.remove(path).ok());
  CHECK(files.remove(path).ok());
  CHECK_FALSE(files.exists(path));
  CHECK(disk.files().empty());

  auto lock = files.lock(disk.path("a/lock"));
  REQUIRE(lock.ok());
  CHECK(files.lock(disk.path("a/lock")).error().name() == "store.locked");
  lock.value().reset();
  lock = files.lock(disk.path("a/lock"));
  REQUIRE(lock.ok());
  disk.cut_power();
  disk.power_on();
  REQUIRE(files.make_folder(folder).ok());
  const auto again = files.lock(disk.path("a/lock"));
  REQUIRE(again.ok());
  lock.value().reset();  // of the life before: lets go of nothing
  CHECK(files.lock(disk.path("a/lock")).error().name() == "store.locked");

  disk.set_capacity(10);
  CHECK(files.replace(path, Bytes(11, 1), false).error().name() == "store.full");
  CHECK(files.replace(path, Bytes(10, 1), false).ok());
  disk.read_only(true);
  CHECK(files.replace(path, Bytes(1, 1), false).error().name() == "store.read_only");
}

TEST_CASE("files are read and written in pieces, and folders told apart and listed") {
  Disk disk(3);
  SimFiles files(disk);
  REQUIRE(files.make_folder(disk.path("a/b")).ok());
  const auto sink = files.create(disk.path("a/x"));
  REQUIRE(sink.ok());
  REQUIRE((*sink)->write(bytes_of("one ")).ok());
  REQUIRE((*sink)->write(bytes_of("two")).ok());
  CHECK_FALSE(files.exists(disk.path("a/x")));
  REQUIRE((*sink)->finish().ok());
  const auto source = files.open(disk.path("a/x"));
  REQUIRE(source.ok());
  CHECK((*source)->size() == 7);
  Bytes part(3);
  CHECK((*source)->read(4, part).ok());
  CHECK(part == bytes_of("two"));
  CHECK((*source)->read(5, part).error().name() == "format.truncated");
  CHECK(files.open(disk.path("a/b")).error().name() == "system.file");
  CHECK(files.list(disk.path("a"), 2).value() == std::vector<std::string>{"b", "x"});
  CHECK(files.list(disk.path("a"), 1).error().name() == "format.limit");
  CHECK(files.list(disk.path("a/x"), 2).error().name() == "system.file");
  CHECK(files.is_folder(disk.path("a/b")));
  CHECK_FALSE(files.is_folder(disk.path("a/x")));
  disk.set_capacity(disk.used() + 5);
  CHECK(files.free_bytes(disk.path("a")).value() == 5);
}

TEST_CASE("a name is durable with its folder's sync and not before, as POSIX has it") {
  std::set<bool> there;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Disk disk(seed);
    SimFiles files(disk);
    REQUIRE(files.replace(disk.path("kept"), Bytes(3, 1), false).ok());
    const auto lock = files.lock(disk.path("unsynced"));
    disk.cut_power();
    disk.power_on();
    CHECK(files.exists(disk.path("kept")));
    there.insert(files.exists(disk.path("unsynced")));
  }
  CHECK(there.size() == 2);
}

TEST_CASE("machines share the true time and each has its own wall clock, drift and boot") {
  TrueTime time(1'000'000'000'000);
  SimClock right(time), wrong(time);
  CHECK(right.now() == TimeMs(1'000'000'000'000));
  wrong.set_wall(SimClock::k2000);
  wrong.set_drift(100);
  time.advance(1'000'000'000);
  CHECK(right.now() == TimeMs(1'001'000'000'000));
  CHECK(right.steady_ms() == 1'000'000'000);
  CHECK(wrong.now() == TimeMs(SimClock::k2000 + 1'000'100'000));
  CHECK(wrong.steady_ms() == 1'000'100'000);
  wrong.reboot();
  CHECK(wrong.steady_ms() == 0);
  wrong.set_drift(-200);
  time.advance(1'000'000);
  CHECK(wrong.steady_ms() == 999'800);
  wrong.set_wall(SimClock::k2099);
  wrong.shift_wall(-5);
  CHECK(wrong.now() == TimeMs(SimClock::k2099 - 5));
  wrong.set_right();
  CHECK(wrong.error_ms() == 0);
}

TEST_CASE("a seed gives the same choices everywhere, and forks do not disturb one another") {
  Rng rng(7);
  CHECK(rng.next() == 0xb358faf74ef9765aULL);
  Rng drawn(7);
  for (int i = 0; i < 100; ++i) drawn.next();
  CHECK(rng.fork("disk", 3).next() == drawn.fork("disk", 3).next());
  CHECK(rng.fork("disk", 3).next() != rng.fork("disk", 4).next());
  CHECK(rng.fork("disk").next() != rng.fork("link").next());
  int heads = 0;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 10'000; ++i) {
    if (rng.chance(0.25)) ++heads;
    seen.insert(rng.below(10));
    const std::int64_t drawn_between = rng.between(-3, 3);
    REQUIRE((drawn_between >= -3 && drawn_between <= 3));
  }
  CHECK((heads > 2'300 && heads < 2'700));
  CHECK(seen.size() == 10);
  CHECK_FALSE(rng.chance(0));
  CHECK(rng.chance(1));
  SimRandom one(9), two(9);
  Bytes first(13), second(13);
  one.fill(first);
  two.fill(second);
  CHECK(first == second);
  CHECK(one.next_u64() == two.next_u64());
}
