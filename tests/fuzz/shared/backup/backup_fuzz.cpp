#include <algorithm>

#include "shared/backup/backup_file.h"
#include "shared/base/memory_bytes.h"
#include "shared/trust/sealed_pieces.h"
#include "tests/fuzz/main/words.h"
#include "tests/support/simple_ports.h"

/// The bytes as a backup, as its head, and as what a reader finds inside of a seal that is whole.
namespace {

using namespace lalanh;

/// Files in memory, for what goes into a backup.
class OneFile final : public Files {
 public:
  Result<std::unique_ptr<ByteSource>> open(const std::string&) override {
    return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(as_bytes("SQLite format 3")));
  }
  Result<Bytes> read(const std::string&, std::size_t) override { return none(); }
  Status replace(const std::string&, ByteView, bool) override { return none(); }
  bool exists(const std::string&) override { return false; }
  Result<std::uint64_t> size(const std::string&) override { return none(); }
  Status make_folder(const std::string&) override { return none(); }
  Status remove(const std::string&) override { return none(); }
  Status move(const std::string&, const std::string&) override { return none(); }
  Result<std::unique_ptr<ByteSink>> create(const std::string&) override { return none(); }
  Result<std::vector<std::string>> list(const std::string&, std::size_t) override { return none(); }
  bool is_folder(const std::string&) override { return false; }
  Result<std::uint64_t> free_bytes(const std::string&) override { return none(); }
  Result<std::unique_ptr<FileLock>> lock(const std::string&) override { return none(); }

 private:
  static Error none() { return Error{ErrorCode::system_internal}; }
};

struct Ours {
  KeyPair pair = KeyPair::from_seed(Hash{2});
  testing::SeededRandom random{1};
  ContentKey key = ContentKey::make(random);
  BackupFront front;
  BackupKeys keys;
  Bytes whole;
  Ours() {
    front.unit = UnitNo(3'700'012);
    front.unit_code = "1440101";
    front.unit_name = "Thôn Một";
    front.device = DeviceNo(7);
    keys.boxes.push_back({pair.public_key(), *seal_box(key, pair.public_key(), random)});
    OneFile files;
    MemorySink sink;
    LALANH_CHECK(write_backup(files, random, sink, front, keys, key, "0.1",
                              {{"lalanh.db", "x"}, {"device.key", "y"}}, {})
                     .ok());
    whole = std::move(sink.held);
  }
};

Ours& ours() {
  LALANH_CHECK(start_crypto().ok());
  static Ours out;
  return out;
}

bool reads(ByteView bytes) {
  MemorySource source(bytes);
  const Result<ReadBackupFront> front = read_backup_front(source, "x");
  if (!front.ok()) return false;
  return read_backup(source, *front, ours().key, {}).ok();
}

/// A file whose seal is whole, with this inside.
Bytes sealed(ByteView inside) {
  MemorySink sink;
  const Bytes front = write_backup_front(ours().front, ours().keys);
  LALANH_CHECK(sink.write(front).ok());
  PieceWriter pieces(sink, ours().key, {}, Bytes(front.end() - 16, front.end()));
  LALANH_CHECK(pieces.begin().ok() && pieces.put(inside).ok() && pieces.end().ok());
  return sink.held;
}

}  // namespace

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  corpus.file("whole", ours().whole);
  corpus.file("front", write_backup_front(ours().front, ours().keys));
  const Bytes head = write_backup_head({"0.1", {{"lalanh.db", 15}, {"device.key", 15}}});
  corpus.file("head", ByteView(head).subspan(4));
  const Result<ReadBackupFront> front = [] {
    MemorySource source(ours().whole);
    return read_backup_front(source, "x");
  }();
  LALANH_CHECK(front.ok());
  MemorySource source(ours().whole);
  Result<PieceReader> pieces =
      PieceReader::open(source, ours().key, front->bytes, front->check, ErrorCode::backup_altered);
  LALANH_CHECK(pieces.ok());
  const Result<ByteView> packed = pieces->some();
  LALANH_CHECK(packed.ok());
  corpus.file("packed", *packed);
  cbor_words(corpus);
  corpus.word(ByteView(ours().whole).first(9));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const Bytes& whole = ours().whole;
  LALANH_CHECK(!reads(bytes) || std::equal(bytes.begin(), bytes.end(), whole.begin(), whole.end()));
  const Result<BackupHead> head = read_backup_head(bytes);
  if (head.ok()) {
    const Bytes again = write_backup_head(*head);
    LALANH_CHECK(read_backup_head(ByteView(again).subspan(4)).ok());
  }
  if (size > 0) (void)reads(sealed(bytes));
  return 0;
}
