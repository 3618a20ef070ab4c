// What the project relies on in our SQLite: version, compile options, ciphers.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include <catch2/catch.hpp>
#include <sqlite3.h>

namespace {

// One open database, closed at the end of the test.
class Database {
 public:
  explicit Database(const std::string& name) {
    REQUIRE(sqlite3_open(name.c_str(), &db_) == SQLITE_OK);
  }
  ~Database() { sqlite3_close(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  sqlite3* handle() { return db_; }
  int run(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); }

  // The first column of the first row, or "(none)".
  std::string text(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) == SQLITE_OK);
    std::string value = "(none)";
    if (sqlite3_step(statement) == SQLITE_ROW) {
      const auto* bytes = sqlite3_column_text(statement, 0);
      value = bytes == nullptr ? "(null)" : reinterpret_cast<const char*>(bytes);
    }
    sqlite3_finalize(statement);
    return value;
  }

 private:
  sqlite3* db_ = nullptr;
};

// A file name in the temporary folder; the file and its companions go at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view name)
      : path_((std::filesystem::temp_directory_path() / name).string() + "." +
              std::to_string(reinterpret_cast<std::uintptr_t>(this))) {
    remove();
  }
  ~TemporaryFile() { remove(); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  void remove() {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
      std::filesystem::remove(path_ + suffix, ignored);
    }
  }
  std::string path_;
};

constexpr std::string_view kKey =
    "raw:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

// Chooses the cipher and sets the key, as shared/store does.
int unlock(Database& database, std::string_view key, const char* cipher = "aegis") {
  const int index = sqlite3mc_cipher_index(cipher);
  REQUIRE(index > 0);
  REQUIRE(sqlite3mc_config(database.handle(), "cipher", index) == index);
  return sqlite3_key(database.handle(), key.data(), static_cast<int>(key.size()));
}

}  // namespace

TEST_CASE("The header and the code are of the same SQLite, ours and not Debian's") {
  CHECK(std::string(sqlite3_libversion()) == SQLITE_VERSION);
  CHECK(std::string(sqlite3_sourceid()) == SQLITE_SOURCE_ID);
  CHECK(sqlite3_libversion_number() >= 3053000);
}

TEST_CASE("SQLite has the compile options that the store relies on") {
  for (const char* option :
       {"ENABLE_FTS5", "ENABLE_COLUMN_METADATA", "THREADSAFE=1", "DQS=0", "OMIT_SHARED_CACHE",
        "OMIT_LOAD_EXTENSION", "OMIT_DEPRECATED", "LIKE_DOESNT_MATCH_BLOBS",
        "DEFAULT_SYNCHRONOUS=2", "DEFAULT_WAL_SYNCHRONOUS=2", "MAX_MMAP_SIZE=0", "TEMP_STORE=2"}) {
    INFO(option);
    CHECK(sqlite3_compileoption_used(option) == 1);
  }
}

TEST_CASE("A save in WAL mode is synchronous=FULL without being asked") {
  TemporaryFile file("lalanh-sqlite-wal");
  Database database(file.path());
  CHECK(database.text("PRAGMA journal_mode=WAL") == "wal");
  CHECK(database.text("PRAGMA synchronous") == "2");
}

TEST_CASE("A name in double quotes that is no column is an error, not a text") {
  Database database(":memory:");
  CHECK(database.run("SELECT \"no_such_column\"") == SQLITE_ERROR);
}

TEST_CASE("FTS5 finds Vietnamese text without diacritics") {
  Database database(":memory:");
  REQUIRE(database.run("CREATE VIRTUAL TABLE t USING fts5(name, tokenize='unicode61 "
                       "remove_diacritics 2')") == SQLITE_OK);
  REQUIRE(database.run("INSERT INTO t VALUES ('Nguyễn Thị Hồng')") == SQLITE_OK);
  CHECK(database.text("SELECT name FROM t WHERE t MATCH 'hong'") == "Nguyễn Thị Hồng");
}

TEST_CASE("An AEGIS database opens with its key and with no other") {
  TemporaryFile file("lalanh-sqlite-aegis");
  {
    Database database(file.path());
    REQUIRE(unlock(database, kKey) == SQLITE_OK);
    REQUIRE(database.run("CREATE TABLE t(a TEXT) STRICT; INSERT INTO t VALUES ('hộ nghèo')") ==
            SQLITE_OK);
  }
  {
    Database database(file.path());
    REQUIRE(unlock(database, kKey) == SQLITE_OK);
    CHECK(database.text("SELECT a FROM t") == "hộ nghèo");
  }
  std::string wrong(kKey);
  wrong.back() = 'e';
  Database locked(file.path());
  REQUIRE(unlock(locked, wrong) == SQLITE_OK);
  CHECK(locked.run("SELECT a FROM t") == SQLITE_NOTADB);
  Database plain(file.path());
  CHECK(plain.run("SELECT a FROM t") == SQLITE_NOTADB);
}

TEST_CASE("ChaCha20 is there for machines without AES, and no weaker cipher is") {
  CHECK(sqlite3mc_cipher_index("chacha20") > 0);
  for (const char* cipher : {"rc4", "aes128cbc", "aes256cbc", "sqlcipher"}) {
    INFO(cipher);
    CHECK(sqlite3mc_cipher_index(cipher) <= 0);
  }
}

// chacha20.db was written by Multiple Ciphers' own code, before libsodium's took its place.
TEST_CASE("A ChaCha20 database of the cipher's plain code opens, and is written on") {
  TemporaryFile file("lalanh-sqlite-chacha20");
  std::filesystem::copy_file("tests/unit/tools/sqlite/chacha20.db", file.path());
  {
    Database database(file.path());
    REQUIRE(unlock(database, kKey, "chacha20") == SQLITE_OK);
    CHECK(database.text("SELECT count(*) || ' ' || sum(id) FROM t WHERE name = 'name ' || id") ==
          "200 20100");
    CHECK(database.run("UPDATE t SET name = upper(name)") == SQLITE_OK);
  }
  Database database(file.path());
  REQUIRE(unlock(database, kKey, "chacha20") == SQLITE_OK);
  CHECK(database.text("SELECT count(*) FROM t WHERE name = 'NAME ' || id") == "200");
  CHECK(database.text("PRAGMA integrity_check") == "ok");
}
