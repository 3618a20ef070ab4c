#include "shared/trust/sealed_pieces.h"

#include <catch2/catch.hpp>

#include "shared/base/memory_bytes.h"
#include "tests/support/simple_ports.h"

using namespace lalanh;

namespace {

struct Sealed {
  testing::SeededRandom random{5};
  ContentKey key = ContentKey::make(random);
  Bytes beside = {1, 2, 3};

  Bytes write(ByteView plain, std::size_t step) {
    MemorySink sink;
    PieceWriter writer(sink, key, {}, beside);
    REQUIRE(writer.begin().ok());
    for (std::size_t at = 0; at < plain.size(); at += step) {
      REQUIRE(writer.put(plain.subspan(at, (std::min)(step, plain.size() - at))).ok());
    }
    REQUIRE(writer.end().ok());
    CHECK(writer.written() == sink.held.size());
    return sink.held;
  }

  /// All of it, or nothing where anything is wrong.
  std::optional<Bytes> read(ByteView sealed, ByteView next_to) {
    MemorySource source(sealed);
    Result<PieceReader> reader = PieceReader::open(
        source, key, 0, Bytes(next_to.begin(), next_to.end()), ErrorCode::backup_altered);
    if (!reader.ok()) return std::nullopt;
    Bytes out;
    while (!reader->at_end()) {
      const Result<ByteView> some = reader->some();
      if (!some.ok()) return std::nullopt;
      append(out, *some);
    }
    return out;
  }
};

}  // namespace

TEST_CASE("a sealed stream of any length comes back, and takes what was said") {
  Sealed sealed;
  for (const std::size_t size : {std::size_t{1}, kPieceBytes - 1, kPieceBytes, kPieceBytes + 1,
                                 3 * kPieceBytes, 3 * kPieceBytes + 17}) {
    Bytes plain(size);
    sealed.random.fill(plain);
    const Bytes bytes = sealed.write(plain, 1'000);
    CHECK(bytes.size() == sealed_stream_bytes(size));
    CHECK(sealed.write(plain, size) == bytes);
    CHECK(sealed.read(bytes, sealed.beside) == plain);
    CHECK_FALSE(sealed.read(bytes, {}));
    MemorySource source(bytes);
    Result<PieceReader> reader =
        PieceReader::open(source, sealed.key, 0, sealed.beside, ErrorCode::backup_altered);
    REQUIRE(reader.ok());
    Bytes part(size);
    REQUIRE(reader->take(std::span(part).first(size / 2)).ok());
    REQUIRE(reader->take(std::span(part).subspan(size / 2)).ok());
    CHECK(part == plain);
    CHECK(reader->at_end());
    std::uint8_t more = 0;
    CHECK(reader->take({&more, 1}).error().name() == "backup.altered");
  }
}

TEST_CASE("a sealed stream that was cut, between pieces too, is known") {
  Sealed sealed;
  const Bytes bytes = sealed.write(Bytes(2 * kPieceBytes + 9, 4), 777);
  const std::size_t whole = kPieceBytes + kPieceSealBytes;
  for (const std::size_t size : {std::size_t{0}, std::size_t{23}, std::size_t{24}, 24 + whole - 1,
                                 24 + whole, 24 + 2 * whole, bytes.size() - 1}) {
    CHECK_FALSE(sealed.read(ByteView(bytes).first(size), sealed.beside));
  }
  Bytes swapped(bytes.begin(), bytes.begin() + 24);
  append(swapped, ByteView(bytes).subspan(24 + whole, whole));
  append(swapped, ByteView(bytes).subspan(24, whole));
  append(swapped, ByteView(bytes).subspan(24 + 2 * whole));
  CHECK_FALSE(sealed.read(swapped, sealed.beside));
}
