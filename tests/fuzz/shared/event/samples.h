#pragma once

#include "shared/event/compression.h"
#include "shared/event/segment_parts.h"
#include "tests/unit/shared/event/random_events.h"

/// Valid inputs of the targets of this folder, another for each seed.
namespace lalanh::fuzz {

inline Bytes valid_event(std::uint64_t seed) {
  test::EventMaker maker(seed);
  Bytes out;
  write_canonical(maker.event(), out);
  return out;
}

/// In the readers' scope, so that names are filled in.
inline Bytes valid_segment(std::uint64_t seed) {
  test::EventMaker maker(1);
  for (std::uint64_t i = 0; i < seed % 50; ++i) maker.rng().next();
  const std::vector<Event> events = maker.make(1 + seed % 12);
  return write_segment(maker.header, events, maker.names);
}

inline Bytes valid_columns(std::uint64_t seed) {
  test::EventMaker maker(1);
  for (std::uint64_t i = 0; i < seed % 50; ++i) maker.rng().next();
  const std::vector<Event> events = maker.make(1 + seed % 12);
  maker.header.first = static_cast<std::uint32_t>(events.size());
  maker.header.start.reset();
  const auto columns = segment_parts::write_columns(maker.header, events, maker.names,
                                                    word_list(newest_dictionary()));
  const std::size_t bits = columns.bits.bytes().size();
  Bytes out = {static_cast<std::uint8_t>(events.size() - 1), 0, static_cast<std::uint8_t>(bits),
               static_cast<std::uint8_t>(bits >> 8U)};
  append(out, columns.bits.bytes());
  append(out, columns.bytes);
  return out;
}

}  // namespace lalanh::fuzz
