#pragma once

#include "shared/event/segment.h"
#include "shared/event/varint.h"

/// Inside shared/event: what the writer and the reader of segments share.
namespace lalanh::segment_parts {

inline constexpr std::uint8_t kFormat = 1;
inline constexpr std::uint8_t kStarts = 0x10;
inline constexpr std::uint8_t kHasPredecessor = 0x20;
inline constexpr std::uint8_t kHasCertificate = 0x40;

inline constexpr std::uint8_t kFormTips = 1;
inline constexpr std::uint8_t kFormPayload = 2;
inline constexpr std::uint8_t kFormExtras = 4;

inline constexpr std::uint64_t kEntityCreates = 0;
inline constexpr std::uint64_t kEntitySame = 1;
inline constexpr std::uint64_t kEntityScope = 2;
inline constexpr std::uint64_t kEntityDot = 3;

inline constexpr std::uint64_t kBaseNone = 0;
inline constexpr std::uint64_t kBaseCreate = 1;
inline constexpr std::uint64_t kBaseSame = 2;
inline constexpr std::uint64_t kBaseDots = 3;

/// The writer's predecessor while the stream itself may not be known to `names` yet.
inline std::optional<WriterId> predecessor_of(const SegmentHeader& header, const StreamNames& names,
                                              const WriterId& writer) {
  if (header.start && writer == header.writer) {
    if (!header.start->predecessor) return std::nullopt;
    return header.start->predecessor->writer;
  }
  return names.predecessor(writer);
}

inline std::array<std::uint8_t, 6> prefix_of(const WriterId& writer) {
  std::array<std::uint8_t, 6> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = writer.bytes[i];
  return out;
}

/// The front up to the columns; `body` is where the frame begins.
struct Front {
  SegmentHeader header;
  std::uint32_t dictionary = 0;
  std::size_t columns_size = 0;
  std::size_t body = 0;
};
Result<Front> read_front(ByteView bytes);

/// Columns to events. False in `resolved` where a writer cannot be filled in.
Result<std::vector<Event>> read_columns(ByteView columns, const SegmentHeader& header,
                                        const StreamNames& names, bool& resolved);
Bytes write_columns(const SegmentHeader& header, std::span<const Event> events,
                    const StreamNames& names);

}  // namespace lalanh::segment_parts
