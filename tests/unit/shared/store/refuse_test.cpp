#include "tests/unit/shared/store/help.h"

using namespace lalanh;
using namespace lalanh::testing;

namespace {

/// Compression lies outside of what is signed: some bits of a frame change nothing of what it
/// decompresses to. Such a segment is the same one.
bool decodes_to_the_same(Store& store, const Bytes& segment, const Bytes& altered) {
  const Result<SegmentHeader> a = read_segment_header(segment);
  const Result<SegmentHeader> b = read_segment_header(altered);
  if (!b.ok() || !(b->scope == kVillageScope)) return false;
  const ScopeStreams nothing(1, kVillageScope);
  const ScopeStreams* held = must_have(store.core().known(kVillageScope));
  const ScopeStreams& names = held == nullptr ? nothing : *held;
  const Result<DecodedSegment> x = read_segment(segment, names);
  const Result<DecodedSegment> y = read_segment(altered, names);
  return x.ok() && y.ok() && !x->unresolved && !y->unresolved && a->writer == b->writer &&
         a->first == b->first && a->count == b->count && a->signature == b->signature &&
         x->segment.events == y->segment.events && a->start.has_value() == b->start.has_value() &&
         (!a->start ||
          (a->start->epoch == b->start->epoch && a->start->predecessor == b->start->predecessor &&
           a->start->certificate == b->start->certificate));
}

}  // namespace

TEST_CASE("a segment with any byte altered is refused and nothing is changed") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  const Dot dot = new_household(*laptop.store, "Bùi Văn Quyết");
  must_do(laptop.store->seal());
  write_one(*laptop.store, kVillageScope,
            set_event(*laptop.store, kVillageScope, dot, "head", Value::text("Bùi Văn Quyền")));
  const std::vector<Bytes> segments = segments_of(*laptop.store);
  REQUIRE(segments.size() == 2);
  for (const Bytes& segment : segments) {
    for (std::size_t i = 0; i < segment.size(); ++i) {
      for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
        Bytes altered = segment;
        altered[i] = static_cast<std::uint8_t>(altered[i] ^ flip);
        INFO("byte " << i << " of " << segment.size() << ", flip " << flip);
        if (decodes_to_the_same(*hall.store, segment, altered)) continue;
        const std::string before = fingerprint(*hall.store);
        const Taken taken = take_one(*hall.store, altered);
        // Where it names another place (a writer, a first counter), its beginning is not here.
        REQUIRE((taken.verdict == TakeVerdict::kRefused || taken.verdict == TakeVerdict::kAside));
        REQUIRE(taken.reason.has_value());
        if (taken.verdict == TakeVerdict::kRefused) REQUIRE(fingerprint(*hall.store) == before);
      }
    }
    must_do(hall.store->core().db->execute("DELETE FROM aside"));
    CHECK(take_one(*hall.store, segment).verdict == TakeVerdict::kTaken);
  }
  CHECK(seen(*hall.store) == seen(*laptop.store));
  check_clean(*hall.store);
}

TEST_CASE("a segment cut short, or with bytes behind it, is refused") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  new_household(*laptop.store, "A");
  const Bytes segment = segments_of(*laptop.store).at(0);
  const std::string before = fingerprint(*hall.store);
  for (std::size_t size = 0; size < segment.size(); ++size) {
    const Taken taken =
        take_one(*hall.store, Bytes(segment.begin(), segment.begin() + static_cast<long>(size)));
    REQUIRE(taken.verdict == TakeVerdict::kRefused);
  }
  Bytes longer = segment;
  longer.push_back(0);
  CHECK(take_one(*hall.store, longer).verdict == TakeVerdict::kRefused);
  CHECK(fingerprint(*hall.store) == before);
}

TEST_CASE("what a device wrote that was certified for more than its issuer's unit never counts") {
  SmallTree tree;
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  SmallTree::Device thief = tree.certified_by(hall, SmallTree::kDistrict, 66);
  SmallTree::Device honest = tree.certified_by(hall, SmallTree::kVillage, 67);
  SmallTree::Device district = tree.device(SmallTree::kDistrict, 3);
  new_household(*thief.store, "A");
  const Bytes forged = segments_of(*thief.store).at(0);
  const Taken taken = take_one(*district.store, forged);
  CHECK(taken.verdict == TakeVerdict::kRefused);
  CHECK(taken.reason->name() == "trust.bad_certificate");
  // Where the tree is not here yet it waits, and goes on to.
  UnitTree known;
  SmallTree::Device rebuilt = tree.device(SmallTree::kDistrict, 4);
  rebuilt.store->set_tree([&]() -> const UnitTree& { return known; });
  CHECK(take_one(*rebuilt.store, forged).verdict == TakeVerdict::kTaken);
  new_household(*honest.store, "B");
  carry(*honest.store, *rebuilt.store, kVillageScope);
  CHECK(must_have(rebuilt.store->waiting_events()) == 2);
  known.add(tree.tree.facts());
  must_do(rebuilt.store->tree_changed());
  CHECK(must_have(rebuilt.store->waiting_events()) == 1);
  CHECK(seen(*rebuilt.store) == seen(*honest.store));
  check_clean(*rebuilt.store);
  // What the root itself certified needs no tree.
  const UnitTree none;
  SmallTree::Device province = tree.device(SmallTree::kProvince, 1);
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  laptop.store->set_tree([&]() -> const UnitTree& { return none; });
  const Scope reference{SmallTree::kProvince, Channel::kReference};
  write_one(*province.store, reference, create_event("unit", {}, {}));
  carry(*province.store, *laptop.store, reference);
  CHECK(must_have(laptop.store->waiting_events()) == 0);
}

TEST_CASE("a stream that follows another key's is refused") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device thief = tree.device(SmallTree::kVillage, 12);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  const Dot dot = new_household(*laptop.store, "A");
  REQUIRE(carry(*laptop.store, *hall.store, kVillageScope).size() == 1);
  REQUIRE(carry(*laptop.store, *thief.store, kVillageScope).size() == 1);
  const ScopeStreams& streams = *must_have(thief.store->core().known(kVillageScope));
  const StreamRow& followed = *streams.rows().back();
  SegmentHeader header;
  header.scope = kVillageScope;
  header.first = 1;
  header.start =
      StreamStart{{7}, Predecessor{followed.writer, followed.held}, thief.certificate.bytes};
  const Hash before = stream_hash(header.scope, header.start->certificate, header.start->epoch,
                                  header.start->predecessor, followed.head);
  header.writer = writer_of(before);
  const Event event = field_event(dot, "B");
  const std::string was = fingerprint(*hall.store);
  const Taken taken =
      take_one(*hall.store, signed_segment(thief, header, {&event, 1}, before, streams));
  CHECK(taken.verdict == TakeVerdict::kRefused);
  REQUIRE(taken.reason.has_value());
  CHECK(taken.reason->name() == "trust.bad_certificate");
  CHECK(fingerprint(*hall.store) == was);
}

TEST_CASE("a forged segment does not stop the good ones of its batch") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  new_household(*laptop.store, "A");
  std::vector<Bytes> segments = segments_of(*laptop.store);
  segments.insert(segments.begin(), segments[0]);
  segments[0][segments[0].size() - 1] ^= 1;
  const std::vector<Taken> taken = must_have(hall.store->take_in(segments));
  CHECK(taken[0].verdict == TakeVerdict::kRefused);
  CHECK(taken[1].verdict == TakeVerdict::kTaken);
  CHECK(taken[1].new_events == 1);
}

TEST_CASE("an event on what no event created changes nothing, at any node") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  const Dot dot = new_household(*laptop.store, "A");
  const Dot edit =
      write_one(*laptop.store, kVillageScope,
                set_event(*laptop.store, kVillageScope, dot, "head", Value::text("B")));
  must_do(laptop.store->seal());
  const Bytes segment = next_segment(laptop, field_event(edit, "on an edit"));
  carry(*laptop.store, *hall.store, kVillageScope);
  const Hash digest = must_have(hall.store->state_digest());
  CHECK(take_one(*hall.store, segment).verdict == TakeVerdict::kTaken);
  CHECK(must_have(hall.store->state_digest()) == digest);
  CHECK(must_have(hall.store->waiting_events()) == 0);
  check_clean(*hall.store);
}

TEST_CASE("a broken device cannot use up the orders: one event raises them by 2^24 at most") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  const Dot dot = new_household(*laptop.store, "A");
  must_do(laptop.store->seal());
  ScopeStreams* streams = must_have(laptop.store->core().known(kVillageScope));
  const StreamRow& row = *streams->rows().back();
  Event wild = field_event(dot, "wild");
  wild.order = ~std::uint64_t{0} >> 2U;
  SegmentHeader header;
  header.scope = kVillageScope;
  header.writer = row.writer;
  header.first = row.held + 1;
  const Bytes segment = signed_segment(laptop, header, {&wild, 1}, row.head, *streams);
  carry(*laptop.store, *hall.store, kVillageScope);
  CHECK(take_one(*hall.store, segment).verdict == TakeVerdict::kTaken);
  CHECK(must_have(hall.store->core().known(kVillageScope))->order_max() ==
        1 + limits::kOrderStepMax);
  check_clean(*hall.store);
}

TEST_CASE("an own event that names what is not here, or is too large to send, is not taken") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  const Dot dot = new_household(*laptop.store, "A");
  const std::string before = fingerprint(*laptop.store);
  WriteBatch batch = must_have(laptop.store->begin_write());
  Event unknown = field_event(dot, "B");
  unknown.ops[0].base = {Dot{WriterId{{1, 2, 3}}, 1}};
  CHECK(batch.add(kVillageScope, unknown).error().name() == "register.not_found");
  Event future = field_event(dot, "B");
  future.ops[0].base = {Dot{dot.writer, dot.counter + 1}};
  CHECK(batch.add(kVillageScope, future).error().name() == "register.not_found");
  Event large = field_event(dot, "B");
  for (int i = 0; i < 25; ++i) {
    Op op;
    op.name = "field" + std::to_string(i);
    std::string noise;
    while (noise.size() < 8'000) noise += static_cast<char>('!' + tree.random.below(90));
    op.value = Value::text(noise);
    large.ops.push_back(std::move(op));
  }
  CHECK(batch.add(kVillageScope, large).error().name() == "input.too_large");
  CHECK(batch.add(kVillageScope, field_event(dot, "good")).ok());
  must_do(batch.commit());
  CHECK(fingerprint(*laptop.store) != before);
  check_clean(*laptop.store);
}

TEST_CASE("an event that names itself, or what follows it in its stream, is refused") {
  SmallTree tree;
  SmallTree::Device laptop = tree.device(SmallTree::kVillage, 11);
  SmallTree::Device hall = tree.device(SmallTree::kCommune, 5);
  const Dot dot = new_household(*laptop.store, "A");
  carry(*laptop.store, *hall.store, kVillageScope);
  const std::string before = fingerprint(*hall.store);
  const std::uint32_t later = GENERATE(2U, 3U, 4'000'000U);  // the event is the second
  const Dot named{dot.writer, later};
  const int place = GENERATE(0, 1, 2);
  Event event = field_event(place == 0 ? named : dot, "B");
  if (place == 1) event.ops.front().base = {named};
  if (place == 2) event.ops.front().value = Value::dot(named);
  const Taken taken = take_one(*hall.store, next_segment(laptop, event));
  CHECK(taken.verdict == TakeVerdict::kRefused);
  CHECK(taken.reason->name() == "format.malformed");
  CHECK(fingerprint(*hall.store) == before);
}
