// A backup's bytes are foreign ones: it may come from a found stick.
#include <catch2/catch.hpp>

#include "shared/backup/backup_file.h"
#include "shared/base/cbor.h"
#include "shared/base/memory_bytes.h"
#include "shared/trust/sealed_pieces.h"
#include "tests/support/simple_ports.h"

using namespace lalanh;

namespace {

Result<BackupHead> head_of(std::initializer_list<std::string> names) {
  Bytes bytes;
  cbor::Writer out(bytes);
  out.array(2);
  out.text("0.1");
  out.array(names.size());
  for (const std::string& name : names) {
    out.array(2);
    out.text(name);
    out.unsigned_integer(1);
  }
  return read_backup_head(bytes);
}

struct Sealed {
  testing::SeededRandom random{9};
  KeyPair pair = KeyPair::make(random);
  ContentKey key = ContentKey::make(random);

  /// A backup whose seal is whole, with this inside.
  Bytes with(ByteView inside) {
    BackupKeys keys;
    keys.boxes.push_back({pair.public_key(), *seal_box(key, pair.public_key(), random)});
    const Bytes front = write_backup_front({}, keys);
    MemorySink sink;
    REQUIRE(sink.write(front).ok());
    PieceWriter pieces(sink, key, {}, Bytes(front.end() - 16, front.end()));
    REQUIRE(pieces.begin().ok());
    REQUIRE(pieces.put(inside).ok());
    REQUIRE(pieces.end().ok());
    return sink.held;
  }
  std::string read(const Bytes& bytes) {
    MemorySource source(bytes);
    const Result<ReadBackupFront> front = read_backup_front(source, "x");
    if (!front.ok()) return front.error().name();
    const Result<BackupHead> head = read_backup(source, *front, key, {});
    return head.ok() ? "" : head.error().name();
  }
};

}  // namespace

TEST_CASE("a backup names its own files alone, each once: never a path") {
  CHECK(head_of({"lalanh.db", "device.key"}).ok());
  for (const char* name :
       {"../lalanh.db", "/etc/passwd", "root.key", "", "lalanh.db/", "serve.json"}) {
    CHECK(head_of({"lalanh.db", name}).error().name() == "format.malformed");
  }
  CHECK(head_of({"lalanh.db", "lalanh.db"}).error().name() == "format.malformed");
}

TEST_CASE("what is sealed and is no packed backup is refused") {
  Sealed sealed;
  CHECK(sealed.read(sealed.with(Bytes{1})) == "backup.altered");
  CHECK(sealed.read(sealed.with(Bytes(100'000, 0x28))) == "backup.altered");
  // The beginning of a zstd frame that never ends.
  CHECK(sealed.read(sealed.with(Bytes{0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58})) == "backup.altered");
}

TEST_CASE("a front of a later format, or of no format, is told apart") {
  Sealed sealed;
  Bytes bytes = sealed.with(Bytes{1});
  bytes[8] = 2;
  CHECK(sealed.read(bytes) == "format.newer");
  bytes[0] = 'x';
  CHECK(sealed.read(bytes) == "backup.not_one");
  CHECK(sealed.read({}) == "backup.not_one");
}
