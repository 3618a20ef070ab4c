// Segments that mean harm: bombs, counts that lie, names that cannot be filled in; and the sizes
// that honest ones have.
#include "shared/base/limits.h"

#include <catch2/catch.hpp>

#include "shared/event/compression.h"
#include "shared/event/segment_parts.h"
#include "tests/unit/shared/event/random_events.h"

using namespace lalanh;
using namespace lalanh::segment_parts;
using lalanh::test::EventMaker;
using lalanh::test::TestNames;

namespace {

std::string refusal(const Bytes& bytes, const StreamNames& names) {
  const auto found = read_segment(bytes, names);
  if (!found) return found.error().name();
  return found->unresolved ? "unresolved" : "taken";
}

/// A front as an attacker writes it, around any columns.
struct Forged {
  std::uint64_t count = 1;
  std::uint64_t first = 2;
  std::uint64_t dictionary = 0;
  std::uint64_t columns_size = 0;
  std::uint64_t bits_size = 0;
  std::uint8_t flags = 1;
  Bytes body;

  Bytes bytes() const {
    Bytes out = {flags};
    put_varint(out, 7'400'024);
    out.insert(out.end(), 12, 0xaa);
    put_varint(out, first);
    put_varint(out, count);
    out.insert(out.end(), 64, 0xbb);
    put_varint(out, dictionary);
    put_varint(out, columns_size);
    put_varint(out, bits_size);
    append(out, body);
    return out;
  }
};

Forged around(const Bytes& columns) {
  Forged out;
  out.columns_size = columns.size();
  out.body = compress(columns, 0);
  return out;
}

/// Letters that do not compress, and a 00.
Bytes noise_of(std::size_t size) {
  static test::Rng rng(1);
  Bytes out;
  while (out.size() < size) out.push_back(static_cast<std::uint8_t>(' ' + rng.below(95)));
  out.push_back(0);
  return out;
}

/// Columns of events that all share one text, by hand: `texts` of `text_bytes`, in `events` events
/// of `ops` appends each.
/// `noise` strings keep the ratio of compression within its limit.
Bytes shared_text(std::size_t events, std::size_t ops, std::size_t text_bytes,
                  std::size_t noise = 0) {
  Bytes out = {0};  // no writers
  put_varint(out, 1 + noise);
  append(out, Bytes{'a', 0});
  for (; noise > 0; --noise) append(out, noise_of(200));
  append(out, Bytes{1, static_cast<std::uint8_t>(4 * 8 + 3), 0, 'n', 0});  // append of text "n"
  const auto numbers = [&] { append(out, events > 1 ? Bytes{2 * 32, 2, 0, 0} : Bytes{0, 2}); };
  numbers();
  put_varint(out, events * 4);
  numbers();
  for (int i = 0; i < 2; ++i) {  // actors, verbs
    put_varint(out, 0);
    put_varint(out, events);
  }
  put_varint(out, kEntityDot);
  out.insert(out.end(), events - 1, static_cast<std::uint8_t>(kEntitySame));
  append(out, Bytes{0, 2});  // the entity's counter
  put_varint(out, ops);
  out.insert(out.end(), events - 1, 0);  // all others have the forms of the first
  out.insert(out.end(), events - 1, 0);
  out.insert(out.end(), ops, 0);
  put_varint(out, 1);  // one distinct text
  out.insert(out.end(), text_bytes, 'x');
  out.push_back(0);
  out.push_back(0);  // no events with other keys
  return out;
}

}  // namespace

TEST_CASE("columns made by hand are taken where they keep the limits") {
  const TestNames names;
  Forged good = around(shared_text(3, 4, 10));
  good.count = 3;
  const auto found = read_segment(good.bytes(), names);
  if (!found) FAIL(found.error().message(Language::kEnglish));
  REQUIRE(found->segment.events.size() == 3);
  CHECK(found->segment.events[2].ops[3].value == Value::text("xxxxxxxxxx"));
}

TEST_CASE("a small segment cannot unfold into gigabytes") {
  const TestNames names;
  // 60,000 events of 4 ops with one text of 8 KB would be two gigabytes.
  Forged bomb = around(shared_text(60'000, 4, 8'000, 10));
  bomb.count = 60'000;
  CHECK(bomb.bytes().size() < 3'000);
  CHECK(refusal(bomb.bytes(), names) == "format.malformed");
  // 400 ops in each of 1,000 events are more than a segment may have.
  Forged ops = around(shared_text(1'000, 400, 1, 10));
  ops.count = 1'000;
  CHECK(refusal(ops.bytes(), names) == "format.malformed");
  // The frame claims little and holds much, or the other way round.
  Forged claim = around(noise_of(20'000));
  claim.columns_size = 10;
  CHECK(refusal(claim.bytes(), names) == "format.malformed");
  claim.columns_size = 19'999;
  CHECK(refusal(claim.bytes(), names) == "format.malformed");
  claim.columns_size = 20'003;
  CHECK(refusal(claim.bytes(), names) == "format.malformed");
  Forged ratio = around(Bytes(3'000'000, 0));
  CHECK(refusal(ratio.bytes(), names) == "format.limit");
  Forged large = around(Bytes(100, 0));
  large.columns_size = limits::kSegmentColumnsMax + 1;
  CHECK(refusal(large.bytes(), names) == "format.limit");
}

TEST_CASE("a front with numbers that lie is refused before anything is made for them") {
  const TestNames names;
  const auto with = [&](auto change) {
    Forged forged = around(shared_text(3, 4, 10));
    forged.count = 3;
    change(forged);
    return refusal(forged.bytes(), names);
  };
  CHECK(with([](Forged&) {}) == "taken");
  CHECK(with([](Forged& f) { f.count = 0; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.count = 2; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.count = 4; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.count = 65'536; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.count = 65'537; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.count = ~std::uint64_t{0}; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.first = 0; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.first = 1; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.first = limits::kStreamEventsMax; }) == "format.limit");
  CHECK(with([](Forged& f) { f.first = limits::kStreamEventsMax - 2; }) == "taken");
  CHECK(with([](Forged& f) { f.bits_size = 10'000; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.bits_size = 1; }) != "taken");
  CHECK(with([](Forged& f) { f.dictionary = newest_dictionary() + 1; }) == "format.newer");
  CHECK(with([](Forged& f) { f.flags = 2; }) == "format.newer");
  CHECK(with([](Forged& f) { f.flags = 0; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.flags = 0x81; }) == "format.malformed");
  CHECK(with([](Forged& f) { f.flags = 0x21; }) == "format.malformed");
  CHECK(refusal(Bytes(limits::kSegmentBytesMax + 1, 1), names) == "format.limit");
  CHECK(refusal({}, names) == "format.malformed");
}

TEST_CASE(
    "every byte of a segment may be altered, and the reader takes it or refuses it in peace") {
  EventMaker maker(3);
  const std::vector<Event> events = maker.make(25);
  const Bytes whole = write_segment(maker.header, events, maker.names);
  std::size_t taken = 0;
  std::size_t alike = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes bytes = whole;
      bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ (1U << bit));
      const auto found = read_segment(bytes, maker.names);
      if (!found || found->unresolved) continue;
      // What is taken is another front (signature, scope) or other events, as the chain will tell.
      ++taken;
      const SegmentHeader& header = found->segment.header;
      const bool same = header.signature == maker.header.signature &&
                        header.scope == maker.header.scope && header.first == maker.header.first &&
                        header.writer == maker.header.writer && found->segment.events == events;
      const bool same_start =
          header.start.has_value() == maker.header.start.has_value() &&
          (!header.start || (header.start->epoch == maker.header.start->epoch &&
                             header.start->predecessor == maker.header.start->predecessor &&
                             header.start->certificate == maker.header.start->certificate));
      alike += same && same_start ? 1 : 0;
    }
  }
  CHECK(taken > 64 * 8);
  // Compression is the carrier's, so a few bits of the frame may differ and mean the same.
  CHECK(alike < 64);
}

TEST_CASE("writers that begin alike are told apart, whichever of them are known") {
  EventMaker maker(5);
  std::vector<Event> events = maker.make(10);
  const Bytes bytes = write_segment(maker.header, events, maker.names);
  TestNames more = maker.names;
  for (const WriterId& writer : maker.names.writers()) {
    WriterId alike = writer;
    alike.bytes.back() ^= 1U;
    more.add(alike, std::nullopt);
  }
  const auto read = read_segment(bytes, more);
  REQUIRE(read.ok());
  CHECK_FALSE(read->unresolved);
  CHECK(read->segment.events == events);
}

TEST_CASE("a writer that cannot be filled in leaves the segment unresolved, not refused") {
  EventMaker maker(5);
  std::vector<Event> events = maker.make(10);
  const Bytes bytes = write_segment(maker.header, events, maker.names);
  CHECK(refusal(bytes, maker.names) == "taken");
  const TestNames empty;
  CHECK(refusal(bytes, empty) == "unresolved");
  // The front is read all the same, so that the missing beginning can be asked for.
  const auto header = read_segment_header(bytes);
  REQUIRE(header.ok());
  CHECK(header->writer == maker.header.writer);
}

TEST_CASE(
    "a line of ten years of evenings is named in a byte or two, one beyond the limit by its "
    "bytes") {
  test::Rng rng(8);
  TestNames names;
  std::vector<WriterId> line;
  for (std::uint64_t i = 0; i < kLineSteps + 10; ++i) {
    const WriterId writer = test::random_writer(rng);
    names.add(writer, line.empty() ? std::nullopt : std::optional(line.back()));
    line.push_back(writer);
  }
  SegmentHeader header;
  header.writer = line.back();
  header.first = 2;
  header.count = 1;
  const auto size_with = [&](const WriterId& named) {
    EventMaker maker(1);
    Event event;
    event.actor = "a";
    event.verb = "v";
    event.entity = {named, 1};
    event.ops.push_back({OpKind::kKeep, "", {}, {}, {}, {}, {}});
    const std::vector<Event> events = {event};
    const Bytes bytes = write_segment(header, events, names);
    const auto found = read_segment(bytes, names);
    REQUIRE(found.ok());
    REQUIRE(found->segment.events == events);
    return write_columns(header, events, names, word_list(0)).bytes.size();
  };
  const std::size_t own = size_with(line.back());
  CHECK(size_with(line[line.size() - 2]) == own + 1);
  CHECK(size_with(line[line.size() - 3'651]) == own + 2);
  CHECK(size_with(line[1]) == own + 13);
}

TEST_CASE("an evening's segments have the sizes that a bad link can carry") {
  EventMaker maker(9);
  Event event;
  event.time = TimeMs(1'767'225'600'000);
  event.actor = "Nguyễn Văn An, Trưởng thôn";
  event.verb = "correct";
  event.entity = {maker.header.writer, 1};
  event.ops.push_back(
      {OpKind::kSet, "income", Value::integer(1'230'000), {event.entity}, {}, {}, {}});
  std::vector<Event> events;
  const auto size_of = [&](std::uint32_t count) {
    while (events.size() < count) {
      event.order += 1;
      event.time.value += 61'234 + static_cast<std::int64_t>(maker.rng().below(50'000));
      event.entity.counter = 1 + static_cast<std::uint32_t>(maker.rng().below(70'000));
      event.ops[0].base = {event.entity};
      event.ops[0].value =
          Value::integer(static_cast<std::int64_t>(maker.rng().below(300)) * 10'000);
      events.push_back(event);
    }
    maker.header.first = 1;
    maker.header.count = count;
    maker.header.start = StreamStart{};
    maker.header.start->predecessor = Predecessor{maker.names.writers()[0], 9};
    return write_segment(maker.header, events, maker.names).size();
  };
  CHECK(size_of(1) < 160);
  CHECK(size_of(10) < 220);
  CHECK(size_of(1'000) < 7'500);
}
