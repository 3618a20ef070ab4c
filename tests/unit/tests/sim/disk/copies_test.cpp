#include "tests/unit/tests/sim/disk/help.h"
#include "tests/unit/tests/sim/disk/raw_db.h"

using namespace lalanh;
using namespace lalanh::sim;
using namespace lalanh::testing;

namespace {

using Heads = std::vector<std::string>;

/// All files of a disk after a cut in the middle of work, one after the other.
Bytes cut_bytes(std::uint64_t seed) {
  seed_sqlite(seed);
  Disk disk(seed);
  {
    RawDb db(disk, "raw.db");
    db.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE t (n INTEGER)");
    disk.cut_after_writes(10);
    for (int i = 0; i < 20; ++i) db.run("INSERT INTO t VALUES (" + std::to_string(i) + ")");
  }
  disk.power_on();
  Bytes out;
  for (const std::string& name : disk.files()) {
    append(out, as_bytes(name));
    append(out, disk.read(name).value());
  }
  return out;
}

}  // namespace

TEST_CASE("a clone has what the running machine sees, unsynced too, and both go their own way") {
  Village village(1), other(1);
  Disk disk(1);
  must_do(village.open(disk));
  must_do(village.write("A"));
  disk.lie_about_sync(true);
  must_do(village.write("B"));
  const std::unique_ptr<Disk> copy = disk.clone(2);
  must_do(other.open(*copy));
  CHECK(other.heads() == Heads{"A", "B"});
  must_do(other.write("C of the copy"));
  must_do(village.write("C"));
  CHECK(other.heads() == Heads{"A", "B", "C of the copy"});
  CHECK(village.heads() == Heads{"A", "B", "C"});
  CHECK_FALSE(disk.contains("C of the copy"));
  copy->cut_power();  // and what was unsynced on the old one is durable on the new one
  copy->power_on();
  must_do(other.open(*copy));
  CHECK(other.heads() == Heads{"A", "B", "C of the copy"});
}

TEST_CASE("a snapshot stays as it was while the disk goes on, and can be put back at any time") {
  Village village(2);
  Disk disk(3);
  std::vector<DiskImage> images;
  must_do(village.open(disk));
  for (int i = 0; i < 200; ++i) {
    must_do(village.write(std::to_string(i)));
    images.push_back(disk.snapshot());
  }
  for (const std::size_t at : {150U, 3U, 199U}) {
    village.close();
    disk.restore(images[at]);
    must_do(village.open(disk));
    const Heads heads = village.heads();
    CHECK(heads.size() == at + 1);
    CHECK(heads.back() == std::to_string(at));
    check_clean(village.store());
    must_do(village.write("written after it was put back"));
  }
  CHECK(images[3].files() == images[150].files());
}

TEST_CASE("a program that ran while its disk was put back only fails") {
  Village village(3);
  Disk disk(4);
  must_do(village.open(disk));
  const DiskImage image = disk.snapshot();
  must_do(village.write("A"));
  disk.restore(image);
  CHECK_FALSE(village.write("B").ok());
  must_do(village.open(disk));
  CHECK(village.heads().empty());
}

TEST_CASE("the same seed leaves the same bytes after a cut, another one others") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) REQUIRE(cut_bytes(seed) == cut_bytes(seed));
  CHECK(cut_bytes(1) != cut_bytes(2));
}

TEST_CASE("a text is found wherever it lies on the disk, and not where it is enciphered") {
  Village village(5), secret(5);
  Disk disk(5), enciphered(6);
  must_do(village.open(disk));
  must_do(village.write("Bùi Văn Quyết"));
  CHECK(disk.contains("Bùi Văn Quyết"));
  CHECK_FALSE(disk.contains("Bùi Văn Quyền"));
  must_do(secret.open(enciphered, Bytes(32, 7)));
  must_do(secret.write("Bùi Văn Quyết"));
  CHECK(secret.heads() == Heads{"Bùi Văn Quyết"});
  CHECK_FALSE(enciphered.contains("Bùi Văn Quyết"));
  CHECK_FALSE(enciphered.contains("SQLite format"));
}

TEST_CASE("hundreds of machines stand side by side, each with its own files") {
  std::vector<std::unique_ptr<Disk>> disks;
  std::vector<std::unique_ptr<RawDb>> open;
  for (std::uint64_t i = 0; i < 300; ++i) {
    disks.push_back(std::make_unique<Disk>(i));
    open.push_back(std::make_unique<RawDb>(*disks.back(), "own.db"));
    REQUIRE(open.back()->run("PRAGMA journal_mode=WAL; CREATE TABLE t (n INTEGER);"
                             "INSERT INTO t VALUES (" +
                             std::to_string(i) + ")") == SQLITE_OK);
  }
  for (std::size_t i = 0; i < 300; ++i)
    CHECK(open[i]->text("SELECT n FROM t") == std::to_string(i));
  disks[7].reset();  // gone under its program: it fails, and only that one
  CHECK_FALSE(open[7]->run("INSERT INTO t VALUES (1)") == SQLITE_OK);
  CHECK(open[8]->run("INSERT INTO t VALUES (1)") == SQLITE_OK);
}
