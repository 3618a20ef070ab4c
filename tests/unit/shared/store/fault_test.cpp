#include <filesystem>
#include <fstream>

#include <sqlite3.h>

#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

int refuse_commit(void* left) {
  int& commits = *static_cast<int*>(left);
  return commits-- > 0 ? 0 : 1;
}

/// While it lives, the disk has room for so many more pages.
class SmallDisk {
 public:
  SmallDisk(Store& store, std::int64_t pages) : store_(store) {
    const std::int64_t now = must_have(store.core().db->integer("PRAGMA page_count"));
    must_do(limit(now + pages));
  }
  ~SmallDisk() { (void)limit(1'000'000).ok(); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  Status limit(std::int64_t pages) {
    return store_.core().db->execute("PRAGMA max_page_count=" + std::to_string(pages));
  }
  Store& store_;
};

Event long_event() {
  return create_event("household", {},
                      {{"wishes", Value::text(std::string(7'000, 'a'))},
                       {"note", Value::text(std::string(7'000, 'b'))}});
}

}  // namespace

TEST_CASE(
    "a full disk refuses an entry before it is confirmed, the next works when there is room") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  const Dot dot = new_household(*laptop.store, "A");
  const std::map<std::string, std::string> before = seen(*laptop.store);
  {
    const SmallDisk disk(*laptop.store, 2);
    WriteBatch batch = must_have(laptop.store->begin_write());
    std::optional<Error> error;
    for (int i = 0; i < 20 && !error; ++i) {
      const Result<Dot> added = batch.add(kVillageScope, long_event());
      if (!added.ok()) error = added.error();
    }
    if (!error) error = batch.commit().error();
    CHECK(error->name() == "store.full");
    SECTION("and what failed in part cannot be committed") {
      CHECK(batch.commit().error().name() == "store.full");
    }
  }
  CHECK(seen(*laptop.store) == before);
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("B")));
  check_clean(*laptop.store);
  tree.reopen(laptop);
  check_clean(*laptop.store);
  CHECK(must_have(laptop.store->history(kVillageScope, {}, 0)).size() == 2);
}

TEST_CASE("a full disk takes in nothing of a batch, and all of it later") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  new_household(*laptop.store, "A");
  carry(*laptop.store, *hall.store, kVillageScope);
  new_household(*hall.store, "open tail of the hall");
  const std::map<std::string, std::string> before = seen(*hall.store);
  for (int i = 0; i < 30; ++i) write_one(*laptop.store, kVillageScope, long_event());
  const std::vector<Bytes> segments = segments_of(*laptop.store);
  {
    const SmallDisk disk(*hall.store, 3);
    CHECK(hall.store->take_in(segments).error().name() == "store.full");
    CHECK(seen(*hall.store) == before);
  }
  check_clean(*hall.store);
  must_have(hall.store->take_in(segments));
  new_household(*hall.store, "after");
  check_clean(*hall.store);
  CHECK(must_have(hall.store->tips(kVillageScope)).size() == 2);
  carry(*hall.store, *laptop.store, kVillageScope);
  CHECK(seen(*hall.store) == seen(*laptop.store));
}

TEST_CASE("a commit that fails undoes memory too, draws a new epoch, and stays in the line") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  const Dot dot = new_household(*laptop.store, "A");
  const std::map<std::string, std::string> before = seen(*laptop.store);
  int commits = 0;
  sqlite3_commit_hook(laptop.store->core().db->handle(), refuse_commit, &commits);
  WriteBatch batch = must_have(laptop.store->begin_write());
  must_have(batch.add(kVillageScope,
                      set_event(*laptop.store, kVillageScope, dot, "head", Value::text("B"))));
  CHECK_FALSE(batch.commit().ok());
  CHECK(seen(*laptop.store) == before);
  // Sealing what is open failed as well: writing goes on only when that is done.
  CHECK_FALSE(laptop.store->begin_write().ok());
  CHECK_FALSE(laptop.store->seal().ok());
  CHECK(seen(*laptop.store) == before);
  sqlite3_commit_hook(laptop.store->core().db->handle(), nullptr, nullptr);
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("C")));
  check_clean(*laptop.store);
  const auto& rows = must_have(laptop.store->core().known(kVillageScope))->rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[1]->predecessor == Ref(rows[0]->no, 1));
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  carry(*laptop.store, *hall.store, kVillageScope);
  CHECK(seen(*hall.store) == seen(*laptop.store));
}

TEST_CASE("what is written after SQLite has ended a transaction by itself is refused") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  Database& db = *laptop.store->core().db;
  {
    Transaction transaction = must_have(Transaction::begin(db));
    must_do(db.execute("INSERT INTO meta (key, value) VALUES ('before', 1)"));
    // As it does at some faults of the disk.
    REQUIRE(sqlite3_exec(db.handle(), "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);
    CHECK_FALSE(db.execute("INSERT INTO meta (key, value) VALUES ('after', 1)").ok());
    CHECK_FALSE(transaction.commit().ok());
  }
  CHECK(must_have(db.integer("SELECT count(*) FROM meta WHERE key IN ('before', 'after')")) == 0);
  new_household(*laptop.store, "A");
  check_clean(*laptop.store);
}

TEST_CASE("whichever commit of a history fails, the rest is as if it had not been tried") {
  for (int failing = 0; failing < 12; ++failing) {
    INFO("commit " << failing);
    SmallTree tree(static_cast<std::uint64_t>(failing) + 1);
    SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
    SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
    const Dot dot = new_household(*laptop.store, "A");
    carry(*laptop.store, *hall.store, kVillageScope);
    int commits = failing;
    sqlite3_commit_hook(hall.store->core().db->handle(), refuse_commit, &commits);
    for (int i = 0; i < 4; ++i) {
      write_one(*laptop.store, kVillageScope,
                set_event(*laptop.store, kVillageScope, dot, "head", Value::text("B")));
      (void)hall.store->take_in(segments_of(*laptop.store)).ok();
      Result<WriteBatch> batch = hall.store->begin_write();
      if (batch.ok() && batch->add(kVillageScope, create_event("household", {}, {})).ok()) {
        (void)batch->commit().ok();
      }
      (void)hall.store->seal().ok();
    }
    sqlite3_commit_hook(hall.store->core().db->handle(), nullptr, nullptr);
    for (int i = 0; i < 2; ++i) {
      carry(*laptop.store, *hall.store, kVillageScope);
      carry(*hall.store, *laptop.store, kVillageScope);
    }
    REQUIRE(seen(*hall.store) == seen(*laptop.store));
    check_clean(*hall.store);
    check_clean(*laptop.store);
  }
}

TEST_CASE("a database of a newer program, of another program, or no database, is named and kept") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  new_household(*laptop.store, "A");
  const auto open = [&]() { return open_with(tree, laptop, [](StoreOptions&) {}).error().name(); };
  SECTION("newer") {
    must_do(laptop.store->core().db->execute("PRAGMA user_version=99"));
    laptop.store.reset();
    CHECK(open() == "store.newer");
    DatabaseOptions options;
    options.path = laptop.path;
    const std::unique_ptr<Database> db = must_have(Database::open(options));
    CHECK(must_have(db->integer("PRAGMA user_version")) == 99);
    CHECK(must_have(db->integer("SELECT count(*) FROM tail")) == 1);
  }
  SECTION("another program's") {
    must_do(laptop.store->core().db->execute("PRAGMA application_id=7"));
    laptop.store.reset();
    CHECK(open() == "store.not_ours");
  }
  SECTION("text") {
    laptop.store.reset();
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(laptop.path + end);
    std::ofstream(laptop.path) << "this is a letter and not a database, as long as a page header\n"
                                  "must be to be looked at, which is a hundred bytes and more";
    CHECK(open() == "store.wrong_key");
    CHECK(std::filesystem::file_size(laptop.path) > 100);
  }
}

TEST_CASE("an encrypted database opens with its key alone, and holds no name in clear") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  laptop.store.reset();
  laptop.path = tree.folder.file("secret.db");
  const auto open = [&](std::uint8_t first, const std::string& cipher) {
    return open_with(tree, laptop, [&](StoreOptions& options) {
      if (first != 0) options.database.key = Bytes(32, first);
      options.database.cipher = cipher;
    });
  };
  for (const char* cipher : {"aegis", "chacha20"}) {
    std::filesystem::remove(laptop.path);
    laptop.store = must_have(open(7, cipher));
    CHECK(must_have(laptop.store->core().db->integer("PRAGMA synchronous")) == 2);
    new_household(*laptop.store, "Bùi Văn Quyết");
    laptop.store.reset();
    CHECK(open(8, cipher).error().name() == "store.wrong_key");
    CHECK(open(0, cipher).error().name() == "store.wrong_key");
    std::ifstream in(laptop.path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    CHECK(bytes.size() > 4'096);
    CHECK(bytes.find("Quyết") == std::string::npos);
    CHECK(bytes.find("SQLite format") == std::string::npos);
    laptop.store = must_have(open(7, cipher));
    check_clean(*laptop.store);
    laptop.store.reset();
  }
  CHECK_FALSE(open(7, "rot13").ok());
}

TEST_CASE("every database writes ahead with synchronous FULL, under our application id") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  Database& db = *laptop.store->core().db;
  CHECK(must_have(db.integer("PRAGMA synchronous")) == 2);
  CHECK(must_have(db.integer("PRAGMA application_id")) == 0x4C614C61);
  CHECK(must_have(
            db.integer("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode='wal'")) == 1);
  CHECK(must_have(db.integer("SELECT count(*) FROM pragma_table_list WHERE schema='main' AND"
                             " type='table' AND strict=0 AND name NOT LIKE 'sqlite%'")) == 0);
}

TEST_CASE("verify tells a state, a head or an order that was changed behind the program's back") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device other = tree.device(SmallTree::kVillage, 12);
  const Dot dot = new_household(*laptop.store, "A");
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("B")));
  must_do(laptop.store->seal());
  const auto changed = [&](const char* sql) {
    SmallTree::Device copy = tree.clone(laptop);
    must_do(copy.store->core().db->execute(sql));
    tree.reopen(copy);
    return !must_have(copy.store->verify()).differences.empty();
  };
  CHECK_FALSE(changed("SELECT 1"));
  CHECK(changed("UPDATE stream SET folded_order=77"));
  CHECK(changed("UPDATE scope SET heads=zeroblob(32)"));
  CHECK(changed("UPDATE stream SET head=zeroblob(32)"));
  CHECK(changed("DELETE FROM entity"));
  CHECK(changed("UPDATE entity SET type=type+1"));
}

TEST_CASE("verify ends with what it found, whichever byte of the log was changed in the file") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  const Dot dot = new_household(*laptop.store, "A");
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("B")));
  must_do(laptop.store->seal());
  const std::string digest = to_hex(must_have(laptop.store->verify()).digest);
  const auto read = [&] {
    Statement select = must_have(laptop.store->core().db->prepare("SELECT bytes FROM segment"));
    REQUIRE(must_have(select.step()));
    const ByteView view = select.blob(0);
    return Bytes(view.begin(), view.end());
  };
  const Bytes bytes = read();
  std::size_t found = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    INFO("byte " << at);
    Bytes bad = bytes;
    bad[at] ^= 1;
    {
      Statement update = must_have(laptop.store->core().db->prepare("UPDATE segment SET bytes=?"));
      update.bind(1, bad);
      must_do(update.run());
    }
    const Result<VerifyReport> report = laptop.store->verify();
    REQUIRE(report.ok());
    // A few bits of a compressed frame mean nothing: the events are the same then.
    const bool same = report->differences.empty();
    CHECK((!same || to_hex(report->digest) == digest));
    found += same ? 0 : 1;
  }
  CHECK(found * 100 > bytes.size() * 95);
}
