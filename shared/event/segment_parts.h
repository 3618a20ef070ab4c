#pragma once

#include "shared/event/number_column.h"
#include "shared/event/segment.h"
#include "shared/event/word_list.h"

/// Inside shared/event: what the writer and the reader of segments share.
namespace lalanh::segment_parts {

inline constexpr std::uint8_t kFormat = 1;
inline constexpr std::uint8_t kStarts = 0x10;
inline constexpr std::uint8_t kHasPredecessor = 0x20;
inline constexpr std::uint8_t kHasCertificate = 0x40;

/// Bits of the flags of a form of op.
inline constexpr std::uint8_t kFormTips = 1;
inline constexpr std::uint8_t kFormPayload = 2;
inline constexpr std::uint8_t kFormExtras = 4;
/// Top bit of a form's first byte: a byte of flags follows.
inline constexpr std::uint8_t kFormFlags = 0x80;
/// Beside the kinds of Value: the values of this form are of several kinds.
inline constexpr std::uint8_t kMixedKinds = 6;
inline constexpr std::uint8_t kValueKinds = 6;

/// The greatest keys that an op (tips, payload) and an event (none yet) have a meaning for.
inline constexpr std::uint64_t kOpKeysKnown = 2;
inline constexpr std::uint64_t kEventKeysKnown = 0;

inline constexpr std::uint64_t kEntityCreates = 0;
inline constexpr std::uint64_t kEntitySame = 1;
inline constexpr std::uint64_t kEntityScope = 2;
inline constexpr std::uint64_t kEntityStep = 3;  ///< .. 10: -4..-1 and 1..4 from the one before
inline constexpr std::int64_t kEntityStepMax = 4;
inline constexpr std::uint64_t kEntityDot = kEntityStep + 2 * kEntityStepMax;

inline constexpr std::uint64_t kBaseNone = 0;
inline constexpr std::uint64_t kBaseCreate = 1;
inline constexpr std::uint64_t kBaseSame = 2;
inline constexpr std::uint64_t kBaseDots = 3;

/// Events with this many ops or more are not written twice: later ones name the row of forms.
inline constexpr std::size_t kShapeOps = 4;
/// Up to so many booleans of a form lie in the bits; more are bytes, which compress when they are
/// mostly alike.
inline constexpr std::size_t kBooleanBits = 16;
/// Texts of a form are numbered where each comes back so often, and they are not more than that.
inline constexpr std::size_t kTextRepeats = 4;
inline constexpr std::size_t kDistinctTexts = 256;
/// Steps back along predecessors in one segment's list of writers, and its length: each costs a
/// look-up in a database. Six bytes a name, no segment of ours has as many.
inline constexpr std::uint64_t kLineSteps = 16'384;
inline constexpr std::size_t kWritersMax = 2 * kLineSteps;

/// Does an op of this kind name what it replaces? All others have an empty base.
inline bool has_base(OpKind kind) {
  return kind != OpKind::kCreate && kind != OpKind::kAdd && kind != OpKind::kAppend;
}

/// The writer's predecessor while the stream itself may not be known to `names` yet.
inline std::optional<WriterId> predecessor_of(const SegmentHeader& header, const StreamNames& names,
                                              const WriterId& writer) {
  if (header.start && writer == header.writer) {
    if (!header.start->predecessor) return std::nullopt;
    return header.start->predecessor->writer;
  }
  return names.predecessor(writer);
}

/// The front up to the columns; `body` is where the bits begin, and the frame after them.
struct Front {
  SegmentHeader header;
  std::uint32_t dictionary = 0;
  std::size_t columns_size = 0;
  std::size_t bits_size = 0;
  std::size_t body = 0;
};
Result<Front> read_front(ByteView bytes);

/// What a segment holds after its front: bytes to be compressed, and bits that would not gain.
struct Columns {
  Bytes bytes;
  BitWriter bits;
};

/// Columns to events. False in `resolved` where a writer cannot be filled in.
Result<std::vector<Event>> read_columns(ByteView columns, ByteView bits, const WordList& words,
                                        const SegmentHeader& header, const StreamNames& names,
                                        bool& resolved);
Columns write_columns(const SegmentHeader& header, std::span<const Event> events,
                      const StreamNames& names, const WordList& words);

}  // namespace lalanh::segment_parts
