#include "tests/unit/sync/bundle/world.h"

namespace lalanh::test {
namespace {

/// What a bad file may be called.
bool is_refusal(const std::string& name) {
  return name == "bundle.not_one" || name == "bundle.cut" || name == "bundle.altered" ||
         name == "format.newer";
}

std::int64_t rows(Desk& desk) {
  return must(desk.store().core().db->integer(
      "SELECT (SELECT count(*) FROM segment) + (SELECT count(*) FROM aside)"
      " + (SELECT count(*) FROM bundle_peer) + (SELECT count(*) FROM contact)"));
}

/// Fifty events that make several pieces of a bundle.
void much(SmallTree& tree, Store& store, Scope scope) {
  std::string noise;
  for (int i = 0; i < 50; ++i) {
    noise.clear();
    for (int j = 0; j < 400; ++j) noise += std::to_string(tree.random.next());
    household(store, scope, noise.substr(0, 7'000));
  }
}

/// The bundle as its writer would seal it with more behind its signature.
Bytes going_on(Desk& writer, Desk& reader, const Bytes& bundle, ByteView more) {
  MemorySource source(bundle);
  const sync::ReadFront read = must(sync::read_front(source));
  std::optional<ContentKey> key;
  for (const KeyBox& box : read.boxes) {
    if (!key) key = open_box(box, *reader.device.key);
  }
  REQUIRE(key);
  const Bytes check(read.check().begin(), read.check().end());
  PieceReader pieces =
      must(PieceReader::open(source, *key, read.bytes.size(), check, ErrorCode::bundle_altered));
  Bytes plain;
  for (ByteView some = must(pieces.some()); !some.empty(); some = must(pieces.some())) {
    append(plain, some);
  }
  plain.resize(plain.size() - sizeof(Signature));
  sync::BundleFront front = read.front;
  front.file_bytes += more.size();
  const Bytes bytes = sync::write_front(front, read.boxes);
  Hasher hasher;
  hasher.add(bytes);
  hasher.add(plain);
  MemorySink sink;
  PieceWriter out(sink, *key, {}, Bytes(bytes.end() - 16, bytes.end()));
  REQUIRE(sink.write(bytes).ok());
  REQUIRE(out.begin().ok());
  REQUIRE(out.put(plain).ok());
  REQUIRE(out.put(writer.device.key->sign(sync::bundle_signed_bytes(hasher.done()))).ok());
  REQUIRE(out.put(more).ok());
  REQUIRE(out.end().ok());
  return std::move(sink.held);
}

TEST_CASE("A bundle cut short at any byte is refused and changes nothing") {
  Commune c;
  household(c.village.store(), kVillage, "one");
  const Bytes up = c.village.up();
  for (std::size_t n = 0; n < up.size(); ++n) {
    const auto read = c.hall.read(Bytes(up.begin(), up.begin() + static_cast<std::ptrdiff_t>(n)));
    if (read.ok() || !is_refusal(read.error().name())) FAIL("at byte " << n);
  }
  CHECK(rows(c.hall) == 0);
  CHECK(must(c.hall.read(up)).summary.events_received == 1);
}

TEST_CASE("A bundle with any byte changed is refused and changes nothing") {
  Commune c;
  household(c.village.store(), kVillage, "one");
  const Bytes up = c.village.up();
  for (std::size_t n = 0; n < up.size(); ++n) {
    Bytes changed = up;
    changed[n] ^= static_cast<std::uint8_t>(1U << (n % 8));
    const auto read = c.hall.read(changed);
    if (read.ok() || !is_refusal(read.error().name())) FAIL("at byte " << n);
  }
  Bytes longer = up;
  longer.push_back(0);
  CHECK(c.hall.read(longer).error().name() == "bundle.altered");
  CHECK(rows(c.hall) == 0);
}

TEST_CASE("A bundle that is altered near its end is refused before its front is taken") {
  Commune c;
  REQUIRE(c.hall.read(c.village.up()).ok());     // or the hall knew nobody to write to
  much(c.tree, c.hall.store(), kHallReference);  // a batch of its own, before the records
  much(c.tree, c.hall.store(), kVillage);
  const Bytes down = c.hall.down(SmallTree::kVillage);
  const std::int64_t before = rows(c.village);
  Bytes changed = down;
  changed.back() ^= 1U;
  CHECK(c.village.read(changed).error().name() == "bundle.altered");
  CHECK(rows(c.village) == before);
  CHECK(must(c.village.read(down)).summary.events_received == 100);
}

TEST_CASE("A bundle that goes on after its signature is refused, whoever sealed it") {
  Commune c;
  household(c.village.store(), kVillage, "one");
  const Bytes up = c.village.up();
  const Bytes longer = going_on(c.village, c.hall, up, as_bytes("x"));
  CHECK(c.hall.read(longer).error().name() == "bundle.altered");
  CHECK(rows(c.hall) == 0);
  CHECK(must(c.hall.read(going_on(c.village, c.hall, up, {}))).summary.events_received == 1);
}

TEST_CASE("Pieces of a large bundle that are left out, doubled or exchanged are found") {
  Commune c;
  much(c.tree, c.village.store(), kVillage);
  const Bytes up = c.village.up();
  constexpr std::size_t kPiece = kPieceBytes + kPieceSealBytes;
  MemorySource source(up);
  const std::size_t start = must(sync::read_front(source)).bytes.size() + 24;
  REQUIRE(up.size() > start + 2 * kPiece);
  const auto at = [&](std::size_t piece) {
    return up.begin() + static_cast<std::ptrdiff_t>(start + piece * kPiece);
  };
  Bytes exchanged(up.begin(), at(0));
  exchanged.insert(exchanged.end(), at(1), at(2));
  exchanged.insert(exchanged.end(), at(0), at(1));
  exchanged.insert(exchanged.end(), at(2), up.end());
  CHECK(c.hall.read(exchanged).error().name() == "bundle.altered");
  Bytes left_out(up.begin(), at(0));
  left_out.insert(left_out.end(), at(1), up.end());
  CHECK(c.hall.read(left_out).error().name() == "bundle.cut");
  CHECK(rows(c.hall) == 0);
  CHECK(must(c.hall.read(up)).summary.events_received == 50);
}

TEST_CASE("Other files are no bundles, and a newer format says so") {
  Commune c;
  CHECK(c.hall.read({}).error().name() == "bundle.not_one");
  CHECK(c.hall.read({'P', 'K', 3, 4}).error().name() == "bundle.not_one");
  Bytes up = c.village.up();
  up[8] = 2;
  CHECK(c.hall.read(up).error().name() == "format.newer");
}

TEST_CASE("A machine that dies between two batches goes on when it reads the bundle again") {
  Commune c;
  for (int i = 0; i < 40; ++i) {
    household(c.village.store(), kVillage, "Hộ " + std::to_string(i));
    c.village.reopen();
  }
  const Bytes up = c.village.up();
  int asked = 0;
  sync::BundleSide side = c.hall.side();
  side.stopped = [&] { return ++asked > 0; };
  MemorySource source(up);
  CHECK(sync::import_bundle(side, source).error().name() == "system.cancelled");
  c.hall.reopen();
  const auto taken = must(c.hall.read(up));
  CHECK_FALSE(taken.late);
  CHECK(must(c.hall.store().events_in(kVillage)) == 40);
}

}  // namespace
}  // namespace lalanh::test
