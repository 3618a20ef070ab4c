#include <set>

#include "tests/sim/disk/file_node.h"
#include "tests/unit/tests/sim/disk/help.h"
#include "tests/unit/tests/sim/disk/raw_db.h"

using namespace lalanh;
using namespace lalanh::sim;
using namespace lalanh::testing;

namespace {

/// What a village does on its first days: writes, seals, writes, closes, opens. Stops where
/// something fails. `tried` has one more than `confirmed` where a commit failed.
void work(Village& village, const Disk& disk, const Bytes& key, std::vector<std::string>& tried,
          std::vector<std::string>& confirmed) {
  const auto write = [&](int number) {
    tried.push_back("Household " + std::to_string(number));
    const Status status = village.write(tried.back());
    if (status.ok()) confirmed.push_back(tried.back());
    return status.ok();
  };
  if (!village.open(disk, key).ok() || !write(1) || !write(2)) return;
  if (!village.store().seal().ok() || !write(3)) return;
  if (!village.store().core().db->checkpoint().ok() || !write(4)) return;
  village.close();
  if (!village.open(disk, key).ok() || !write(5)) return;
  village.close();
}

void check_prefix(const std::vector<std::string>& there, const std::vector<std::string>& tried,
                  const std::vector<std::string>& confirmed) {
  REQUIRE(there.size() >= confirmed.size());
  REQUIRE(there.size() <= tried.size());
  REQUIRE(there == std::vector<std::string>(
                       tried.begin(), tried.begin() + static_cast<std::ptrdiff_t>(there.size())));
}

struct Tally {
  std::set<std::size_t> confirmed;
  int kept_unconfirmed = 0;
  int lost_unconfirmed = 0;
};

void cut_everywhere(Village& village, std::uint64_t seed, const Bytes& key, Tally& tally) {
  for (std::uint64_t at = 1;; ++at) {
    INFO("seed " << seed << ", cut at mutation " << at);
    Disk disk(mix(seed, at));
    disk.cut_after_writes(at);
    std::vector<std::string> tried, confirmed;
    work(village, disk, key, tried, confirmed);
    const bool whole = disk.powered();
    disk.power_on();
    must_do(village.open(disk, key));
    const std::vector<std::string> there = village.heads();
    check_prefix(there, tried, confirmed);
    if (tried.size() > confirmed.size()) {
      ++(there.size() > confirmed.size() ? tally.kept_unconfirmed : tally.lost_unconfirmed);
    }
    tally.confirmed.insert(confirmed.size());
    if (at % 8 == 0) {
      check_clean(village.store());
      REQUIRE(must_have(village.store().core().db->integer(
                  "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check<>'ok'")) == 0);
    }
    must_do(village.write("Household 6"));
    REQUIRE(village.heads().back() == "Household 6");
    village.close();
    if (whole) return;
  }
}

/// Commits rows one after the other and cuts the power at some mutation; did a confirmed one get
/// lost?
bool loses_a_commit(std::uint64_t seed, const std::string& synchronous, bool lying) {
  Rng rng(seed);
  Disk disk(seed);
  int confirmed = 0;
  {
    RawDb db(disk, "raw.db");
    REQUIRE(db.run("PRAGMA journal_mode=WAL; CREATE TABLE t (n INTEGER)") == SQLITE_OK);
    REQUIRE(db.run("PRAGMA synchronous=" + synchronous) == SQLITE_OK);
    disk.lie_about_sync(lying);
    disk.cut_after_writes(1 + rng.below(40));
    while (db.run("INSERT INTO t VALUES (" + std::to_string(confirmed + 1) + ")") == SQLITE_OK) {
      ++confirmed;
    }
  }
  disk.lie_about_sync(false);
  disk.power_on();
  RawDb db(disk, "raw.db");
  const std::string integrity = db.text("PRAGMA integrity_check");
  if (!lying) REQUIRE(integrity == "ok");
  return integrity != "ok" ||
         db.text("SELECT count(*) >= " + std::to_string(confirmed) + " FROM t") != "1";
}

int losers(const std::string& synchronous, bool lying) {
  int out = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    if (loses_a_commit(seed, synchronous, lying)) ++out;
  }
  return out;
}

}  // namespace

TEST_CASE(
    "what was confirmed survives a power cut at any mutation, the rest is whole or not at all") {
  Village village(1);
  Tally tally;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) cut_everywhere(village, seed, {}, tally);
  CHECK(tally.confirmed == std::set<std::size_t>{0, 1, 2, 3, 4, 5});
  CHECK(tally.kept_unconfirmed > 0);
  CHECK(tally.lost_unconfirmed > 0);
}

TEST_CASE("an encrypted database survives a power cut at any mutation as well") {
  Village village(2);
  Tally tally;
  cut_everywhere(village, 4, Bytes(32, 7), tally);
  CHECK(tally.confirmed.size() == 6);
}

TEST_CASE("with synchronous=NORMAL some cut loses a confirmed commit, with FULL none does") {
  CHECK(losers("FULL", false) == 0);
  CHECK(losers("NORMAL", false) > 10);
}

TEST_CASE("a disk that lies about syncs loses confirmed commits, whatever SQLite does") {
  CHECK(losers("FULL", true) > 10);
}

TEST_CASE("a write of many sectors may be torn, and the rest of the file is as it was") {
  int whole = 0, none = 0, torn = 0, garbage = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    DiskOptions options;
    options.seed = seed;
    options.sector = 512;
    options.powersafe_overwrite = true;
    Disk disk(options);
    const Bytes before(16'384, 'a'), after(8'192, 'b');
    FileNode node;
    node.write(0, before);
    node.sync();
    node.write(4'000, after);
    Rng rng(seed);
    const Bytes there = node.after_cut(rng, {512, true, true}).all();
    REQUIRE(there.size() == before.size());
    REQUIRE(Bytes(there.begin(), there.begin() + 4'000) == Bytes(4'000, 'a'));
    REQUIRE(Bytes(there.begin() + 12'192, there.end()) == Bytes(16'384 - 12'192, 'a'));
    const auto old = std::count(there.begin() + 4'000, there.begin() + 12'192, 'a');
    const auto fresh = std::count(there.begin() + 4'000, there.begin() + 12'192, 'b');
    if (old + fresh < 8'192) ++garbage;
    ++(old == 8'192 ? none : fresh == 8'192 ? whole : torn);
  }
  CHECK(whole > 20);
  CHECK(none > 20);
  CHECK(torn > 50);
  CHECK(garbage > 5);
}

TEST_CASE("without powersafe overwrite a cut may spoil what lies beside a write in its sector") {
  int spoilt = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    FileNode node;
    node.write(0, Bytes(8'192, 'a'));
    node.sync();
    node.write(100, Bytes(10, 'b'));
    Rng rng(seed);
    const Bytes there = node.after_cut(rng, {4'096, false, true}).all();
    REQUIRE(Bytes(there.begin() + 4'096, there.end()) == Bytes(4'096, 'a'));
    if (there[50] != 'a' || there[51] != 'a') ++spoilt;
  }
  CHECK(spoilt > 5);
}

TEST_CASE("after a cut open files only fail, until the power is on and they are opened again") {
  Village village(3);
  Disk disk(5);
  must_do(village.open(disk));
  must_do(village.write("A"));
  disk.cut_power();
  CHECK_FALSE(disk.powered());
  CHECK(village.write("B").error().name() == "store.io");
  CHECK_FALSE(village.open(disk).ok());
  disk.power_on();
  must_do(village.open(disk));
  CHECK(village.heads() == std::vector<std::string>{"A"});

  RawDb old(disk, "village.db");
  CHECK(old.text("SELECT count(*) FROM stream") == "1");
  disk.cut_power();
  disk.power_on();
  CHECK(old.text("SELECT count(*) FROM stream").rfind("error ", 0) == 0);
}

TEST_CASE("programs that are killed leave their last writes to the next start") {
  Village village(4);
  Disk disk(6);
  must_do(village.open(disk));
  must_do(village.write("A"));
  disk.lie_about_sync(true);
  must_do(village.write("B"));
  disk.kill_programs();
  CHECK_FALSE(village.write("C").ok());
  must_do(village.open(disk));
  CHECK(village.heads() == std::vector<std::string>{"A", "B"});
}
