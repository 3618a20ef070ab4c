#include "shared/trust/sealed_stream.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/simple_ports.h"

using namespace lalanh;

namespace {

const Bytes kBeside = {1, 2, 3};

TEST_CASE("a content key opens for the reader it was sealed to, and for nobody else") {
  REQUIRE(start_crypto().ok());
  testing::SeededRandom random(3);
  const KeyPair reader = KeyPair::make(random);
  const KeyPair other = KeyPair::make(random);
  const ContentKey key = ContentKey::make(random);
  const auto box = seal_box(key, reader.public_key(), random);
  REQUIRE(box.has_value());
  // Opening is libsodium's own crypto_box_seal_open: the box is one of its making.
  const auto opened = open_box(*box, reader);
  REQUIRE(opened.has_value());
  CHECK(opened->bytes() == key.bytes());
  CHECK_FALSE(open_box(*box, other).has_value());
  for (std::size_t i = 0; i < box->size(); ++i) {
    KeyBox changed = *box;
    changed[i] ^= 1U;
    const auto none = open_box(changed, reader);
    CHECK_FALSE(none.has_value());
  }
  CHECK_FALSE(open_box(ByteView(*box).first(79), reader).has_value());
  Hash no_point{};
  no_point.fill(0xff);
  CHECK_FALSE(seal_box(key, no_point, random).has_value());
}

TEST_CASE("a stream opens piece by piece, in order, to its last") {
  REQUIRE(start_crypto().ok());
  testing::SeededRandom random(3);
  const ContentKey key = ContentKey::make(random);
  StreamStartBytes start{};
  random.fill(start);
  SealedStream writer(key, start);
  std::vector<Bytes> sealed(3);
  writer.seal(as_bytes("one"), kBeside, false, sealed[0]);
  writer.seal({}, kBeside, false, sealed[1]);
  writer.seal(as_bytes("three"), kBeside, true, sealed[2]);
  CHECK(sealed[0].size() == 3 + kPieceSealBytes);
  Bytes out;
  SealedStream reader(key, start);
  CHECK(reader.open(sealed[0], kBeside, false, out));
  CHECK(as_text(out) == "one");
  CHECK(reader.open(sealed[1], kBeside, false, out));
  CHECK(out.empty());
  CHECK(reader.open(sealed[2], kBeside, true, out));
  CHECK(as_text(out) == "three");
  SealedStream early(key, start);
  CHECK_FALSE(early.open(sealed[0], kBeside, true, out));  // more follows
  SealedStream moved(key, start);
  CHECK_FALSE(moved.open(sealed[1], kBeside, false, out));
  SealedStream elsewhere(key, start);
  CHECK_FALSE(elsewhere.open(sealed[0], {}, false, out));
  CHECK_FALSE(elsewhere.open(ByteView(sealed[0]).first(16), kBeside, false, out));
}

}  // namespace
