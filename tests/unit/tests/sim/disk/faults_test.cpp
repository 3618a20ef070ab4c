#include <set>

#include "tests/sim/disk/rng.h"
#include "tests/unit/tests/sim/disk/help.h"
#include "tests/unit/tests/sim/disk/raw_db.h"

using namespace lalanh;
using namespace lalanh::sim;
using namespace lalanh::testing;

namespace {

/// Writes ten households while calls of the kind fail from the n-th on; what was confirmed must be
/// there afterwards, in the running program and after a power cut. The names of the errors.
std::set<std::string> write_through(IoKind kind, std::uint64_t n, std::uint64_t count) {
  std::set<std::string> errors;
  Village village(n);
  Disk disk(n);
  must_do(village.open(disk));
  std::vector<std::string> confirmed;
  disk.fail_io(n, count, kind);
  for (int i = 0; i < 10; ++i) {
    const std::string head = "Household " + std::to_string(i);
    const Status status = village.write(head);
    if (status.ok()) {
      confirmed.push_back(head);
    } else {
      errors.insert(status.error().name());
    }
    if (i == 5) (void)village.store().core().db->checkpoint().ok();
  }
  disk.fail_io(0, 0, kind);
  must_do(village.write("last"));
  confirmed.push_back("last");
  REQUIRE(village.heads() == confirmed);
  disk.cut_power();
  disk.power_on();
  must_do(village.open(disk));
  REQUIRE(village.heads() == confirmed);
  check_clean(village.store());
  return errors;
}

}  // namespace

TEST_CASE(
    "a full disk refuses before it confirms, keeps what was, and goes on when there is room") {
  Village village(1);
  std::set<std::size_t> confirmed_counts;
  for (std::uint64_t room = 0; room < 200'000; room += 3'000) {
    INFO("room " << room);
    Disk disk(room);
    must_do(village.open(disk));
    must_do(village.write("first"));
    std::vector<std::string> confirmed = {"first"};
    const std::uint64_t capacity = disk.used() + room;
    disk.set_capacity(capacity);
    for (int i = 0; i < 20; ++i) {
      const Status status = village.write(std::to_string(i));
      if (!status.ok()) {
        REQUIRE(status.error().name() == "store.full");
        break;
      }
      confirmed.push_back(std::to_string(i));
    }
    confirmed_counts.insert(confirmed.size());
    REQUIRE(village.heads() == confirmed);
    REQUIRE(disk.used() <= capacity);
    disk.set_capacity(std::nullopt);
    must_do(village.write("after"));
    confirmed.push_back("after");
    disk.cut_power();
    disk.power_on();
    must_do(village.open(disk));
    REQUIRE(village.heads() == confirmed);
    check_clean(village.store());
  }
  CHECK(confirmed_counts.size() > 5);
}

TEST_CASE("a write, sync or truncation that fails confirms nothing, and loses nothing confirmed") {
  std::set<std::string> errors;
  for (const IoKind kind : {IoKind::kWrite, IoKind::kSync, IoKind::kTruncate}) {
    for (std::uint64_t n = 1; n < 40; ++n) {
      for (const std::uint64_t count : {1, 3}) {
        INFO("kind " << static_cast<int>(kind) << ", call " << n << ", " << count << " of them");
        errors.merge(write_through(kind, n, count));
      }
    }
  }
  CHECK(errors == std::set<std::string>{"store.io"});
}

TEST_CASE("on a disk that can only be read nothing is written, and the old is there afterwards") {
  Village village(2);
  Disk disk(2);
  must_do(village.open(disk));
  must_do(village.write("A"));
  const auto content = [&disk] {
    return std::pair(disk.read("village.db"), disk.read("village.db-wal"));
  };
  const auto before = content();
  disk.read_only(true);
  CHECK_FALSE(village.write("B").ok());
  village.close();
  CHECK_FALSE(village.open(disk).ok());
  CHECK(content() == before);
  disk.read_only(false);
  must_do(village.open(disk));
  CHECK(village.heads() == std::vector<std::string>{"A"});
}

TEST_CASE("a byte that was changed on the disk is found by the cipher, whichever it is") {
  Village village(3);
  Disk disk(3);
  const Bytes key(32, 7);
  must_do(village.open(disk, key));
  for (int i = 0; i < 5; ++i) must_do(village.write(std::to_string(i)));
  village.close();
  const DiskImage image = disk.snapshot();
  const std::size_t size = disk.read("village.db")->size();
  Rng rng(3);
  for (int i = 0; i < 40; ++i) {
    disk.restore(image);
    const std::uint64_t at = rng.below(size);
    INFO("offset " << at);
    const std::uint8_t old = disk.read("village.db")->at(static_cast<std::size_t>(at));
    disk.corrupt("village.db", at, static_cast<std::uint8_t>(old ^ 1U));
    const Status opened = village.open(disk, key);
    if (!opened.ok()) continue;
    // What opening did not read, a look at every page does.
    const Result<std::int64_t> wrong = village.store().core().db->integer(
        "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check<>'ok'");
    CHECK((!wrong.ok() || *wrong > 0 || at < 100));
  }
}

TEST_CASE("two connections see each other's commits, and one writes at a time") {
  Disk disk(4);
  RawDb one(disk, "shared.db"), two(disk, "shared.db");
  REQUIRE(one.run("PRAGMA journal_mode=WAL; CREATE TABLE t (n INTEGER)") == SQLITE_OK);
  REQUIRE(one.run("INSERT INTO t VALUES (1)") == SQLITE_OK);
  CHECK(two.text("SELECT count(*) FROM t") == "1");
  REQUIRE(one.run("BEGIN IMMEDIATE; INSERT INTO t VALUES (2)") == SQLITE_OK);
  CHECK(two.text("SELECT count(*) FROM t") == "1");
  CHECK((two.run("INSERT INTO t VALUES (3)") & 0xff) == SQLITE_BUSY);
  REQUIRE(one.run("COMMIT") == SQLITE_OK);
  CHECK(two.text("SELECT count(*) FROM t") == "2");
  REQUIRE(two.run("INSERT INTO t VALUES (3)") == SQLITE_OK);
  CHECK(one.text("SELECT count(*) FROM t") == "3");
  REQUIRE(one.run("BEGIN; SELECT * FROM t") == SQLITE_OK);
  REQUIRE(two.run("INSERT INTO t VALUES (4)") == SQLITE_OK);
  CHECK(one.text("SELECT count(*) FROM t") == "3");  // as when its transaction began
  REQUIRE(one.run("COMMIT") == SQLITE_OK);
  CHECK(one.text("SELECT count(*) FROM t") == "4");
  REQUIRE(two.run("PRAGMA wal_checkpoint(TRUNCATE)") == SQLITE_OK);
  CHECK(disk.read("shared.db-wal")->empty());
}

TEST_CASE("a rollback journal is kept to as well, across any cut") {
  for (std::uint64_t at = 1; at < 60; ++at) {
    INFO("cut at mutation " << at);
    Disk disk(at);
    int confirmed = 0;
    {
      RawDb db(disk, "old.db");
      REQUIRE(db.run("PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;"
                     "CREATE TABLE t (n INTEGER, pad TEXT)") == SQLITE_OK);
      RawDb reader(disk, "old.db");
      disk.cut_after_writes(at);
      while (confirmed < 8 &&
             db.run("INSERT INTO t VALUES (1, hex(zeroblob(3000)))") == SQLITE_OK) {
        ++confirmed;
        REQUIRE(reader.text("SELECT count(*) FROM t") == std::to_string(confirmed));
      }
    }
    disk.power_on();
    RawDb db(disk, "old.db");
    REQUIRE(db.text("PRAGMA integrity_check") == "ok");
    const std::string count = db.text("SELECT count(*) FROM t");
    REQUIRE((count == std::to_string(confirmed) || count == std::to_string(confirmed + 1)));
  }
}

TEST_CASE(
    "a read that fails at a start is told or harms nothing, and nothing confirmed is lost by it") {
  Village village(5);
  Disk disk(5);
  for (const Bytes& key : {Bytes(), Bytes(32, 7)}) {
    disk.restore({});
    must_do(village.open(disk, key));
    for (int i = 0; i < 5; ++i) must_do(village.write(std::to_string(i)));
    disk.kill_programs();
    const DiskImage image = disk.snapshot();  // with a WAL that is read at the next start
    int told = 0;
    for (std::uint64_t n = 1; n < 90; ++n) {
      INFO("read " << n << (key.empty() ? "" : ", encrypted"));
      village.close();
      disk.restore(image);
      disk.fail_io(n, 1, IoKind::kRead);
      const Status status = village.open(disk, key);
      disk.fail_io(0, 0, IoKind::kRead);
      if (!status.ok()) {
        ++told;
        CHECK(status.error().name() == "store.io");
      }
      must_do(village.open(disk, key));
      REQUIRE(village.heads().size() == 5);
    }
    CHECK(told > 50);
  }
}
