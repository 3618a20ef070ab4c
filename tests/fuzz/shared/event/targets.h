#pragma once

#include <algorithm>

#include "shared/base/limits.h"
#include "shared/event/compression.h"
#include "shared/event/segment_parts.h"
#include "tests/unit/shared/event/random_events.h"

/// What must hold for any bytes. The fuzz targets and the tests over mutated inputs both call
/// these; a broken rule ends the program.
namespace lalanh::fuzz {

/// The scope that all foreign segments are read in.
inline const test::EventMaker& reader() {
  static const test::EventMaker maker(1);
  return maker;
}

inline void any_event(ByteView bytes) {
  const auto event = read_canonical(bytes);
  if (!event) return;
  LALANH_CHECK(check_event(*event).ok());
  Bytes again;
  write_canonical(*event, again);
  LALANH_CHECK(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
}

inline void same_again(const SegmentHeader& header, const std::vector<Event>& events) {
  std::size_t total = 0;
  for (const Event& event : events) {
    Bytes canonical;
    write_canonical(event, canonical);
    total += canonical.size();
    const auto read = read_canonical(canonical);
    LALANH_CHECK(read.ok() && *read == event);
  }
  LALANH_CHECK(total <= 2 * limits::kSegmentCanonicalMax);
  // Our own writing of the same events is read as the same events.
  const auto columns =
      segment_parts::write_columns(header, events, reader().names, word_list(newest_dictionary()));
  bool resolved = false;
  const auto back =
      segment_parts::read_columns(columns.bytes, columns.bits.bytes(),
                                  word_list(newest_dictionary()), header, reader().names, resolved);
  LALANH_CHECK(back.ok() && resolved && *back == events);
}

inline void any_segment(ByteView bytes) {
  const auto segment = read_segment(bytes, reader().names);
  if (!segment || segment->unresolved) return;
  LALANH_CHECK(segment->segment.events.size() == segment->segment.header.count);
  same_again(segment->segment.header, segment->segment.events);
}

/// Columns without zstd around them: two bytes of count, two of the bits' length, bits, columns.
inline void any_columns(ByteView bytes) {
  if (bytes.size() < 4) return;
  SegmentHeader header = reader().header;
  header.first = 1 + bytes[0];
  header.start.reset();
  header.count = 1U + bytes[0] + 256U * bytes[1];
  const std::size_t bits = std::min<std::size_t>(bytes[2] + 256U * bytes[3], bytes.size() - 4);
  bool resolved = false;
  const auto events =
      segment_parts::read_columns(bytes.subspan(4 + bits), bytes.subspan(4, bits),
                                  word_list(newest_dictionary()), header, reader().names, resolved);
  if (events && resolved) same_again(header, *events);
}

inline void any_cbor(ByteView bytes) {
  cbor::Reader in(bytes);
  const ByteView item = in.raw(limits::kDepthMax);
  if (!in.ok()) {
    LALANH_CHECK(item.empty());
    LALANH_CHECK(!in.error("here").name().empty());
    return;
  }
  LALANH_CHECK(item.size() <= bytes.size() && item.size() == in.position());
  cbor::Reader values(bytes);
  const Value value = read_value(values);
  if (!values.ok()) return;
  Bytes again;
  cbor::Writer out(again);
  write(out, value);
  const ByteView used = bytes.first(values.position());
  LALANH_CHECK(std::equal(again.begin(), again.end(), used.begin(), used.end()));
}

}  // namespace lalanh::fuzz
