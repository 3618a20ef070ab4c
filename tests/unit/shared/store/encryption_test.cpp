#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "shared/store/database.h"
#include "tests/support/simple_ports.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

constexpr const char* kCanary = "Bùi Văn Chim Hoàng Yến";

DatabaseOptions options(const TemporaryFolder& folder, std::uint8_t key = 1,
                        const std::string& cipher = "aegis") {
  DatabaseOptions out;
  out.path = folder.file("x.db");
  out.create = true;
  if (key != 0) out.key = Bytes(32, key);
  out.cipher = cipher;
  return out;
}

std::unique_ptr<Database> opened(const DatabaseOptions& options) {
  Result<std::unique_ptr<Database>> db = Database::open(options);
  if (!db.ok()) FAIL(db.error().name());
  return std::move(*db);
}

void fill(Database& db, int rows) {
  REQUIRE(db.execute("CREATE TABLE IF NOT EXISTS t(a INTEGER PRIMARY KEY, b TEXT)").ok());
  Result<Statement> insert = db.prepare("INSERT INTO t(b) VALUES(?)");
  REQUIRE(insert.ok());
  for (int i = 0; i < rows; ++i) {
    const std::string text = kCanary + std::to_string(i);
    REQUIRE(insert->reset().bind_text(1, text).run().ok());
  }
}

std::int64_t rows(Database& db) { return *db.integer("SELECT count(*) FROM t"); }

std::string all_bytes(const TemporaryFolder& folder) {
  std::string out;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::ifstream in(entry.path(), std::ios::binary);
    out.append(std::istreambuf_iterator<char>(in), {});
  }
  return out;
}

/// The files as they lie while somebody has them open: what a kill leaves.
void copy_files(const TemporaryFolder& from, const TemporaryFolder& to) {
  for (const auto& entry : std::filesystem::directory_iterator(from.path())) {
    std::filesystem::copy(entry.path(), to.file(entry.path().filename().string()));
  }
}

}  // namespace

TEST_CASE("an encrypted database shows no text in any of its files, open or closed") {
  for (const char* cipher : {"aegis", "chacha20"}) {
    const TemporaryFolder folder;
    {
      const auto db = opened(options(folder, 1, cipher));
      fill(*db, 200);
      CHECK(all_bytes(folder).find(kCanary) == std::string::npos);
    }
    CHECK(all_bytes(folder).find(kCanary) == std::string::npos);
    CHECK(rows(*opened(options(folder, 1, cipher))) == 200);
  }
}

TEST_CASE("a database opens under the other cipher than the one named") {
  for (const char* cipher : {"aegis", "chacha20"}) {
    const TemporaryFolder folder;
    fill(*opened(options(folder, 1, cipher)), 3);
    const std::string other = std::string(cipher) == "aegis" ? "chacha20" : "aegis";
    CHECK(rows(*opened(options(folder, 1, other))) == 3);
  }
}

TEST_CASE("a wrong key changes nothing, not even a log that a killed program left") {
  for (const char* cipher : {"aegis", "chacha20"}) {
    const TemporaryFolder folder, left;
    const auto db = opened(options(folder, 1, cipher));
    fill(*db, 50);
    REQUIRE(db->checkpoint().ok());
    fill(*db, 50);
    copy_files(folder, left);
    const std::string before = all_bytes(left);
    for (const int key : {2, 0}) {
      const auto wrong = Database::open(options(left, static_cast<std::uint8_t>(key), cipher));
      REQUIRE_FALSE(wrong.ok());
      CHECK(wrong.error().code == ErrorCode::store_wrong_key);
    }
    CHECK(std::filesystem::file_size(left.file("x.db-wal")) > 10'000);
    CHECK(rows(*opened(options(left, 1, cipher))) == 100);
  }
}

TEST_CASE("an encrypted copy of a database in the clear is whole, and leaves the other as it is") {
  for (const char* cipher : {"aegis", "chacha20"}) {
    const TemporaryFolder folder;
    fill(*opened(options(folder, 0)), 500);
    CHECK(all_bytes(folder).find(kCanary) != std::string::npos);
    REQUIRE(encrypted_copy(folder.file("x.db"), folder.file("y.db"), Bytes(32, 9), cipher).ok());
    CHECK(rows(*opened(options(folder, 0))) == 500);
    for (const char* name : {"x.db", "x.db-wal", "x.db-shm"}) {
      std::filesystem::remove(folder.file(name));
    }
    std::filesystem::rename(folder.file("y.db"), folder.file("x.db"));
    CHECK(all_bytes(folder).find(kCanary) == std::string::npos);
    CHECK(Database::open(options(folder, 0)).error().code == ErrorCode::store_wrong_key);
    const auto db = opened(options(folder, 9, cipher));
    CHECK(rows(*db) == 500);
    CHECK(*db->integer("PRAGMA integrity_check") == 0);  // "ok" is no number
    fill(*db, 1);
    CHECK(rows(*db) == 501);
  }
}
