#pragma once

#include <optional>
#include <vector>

#include "shared/base/limits.h"
#include "shared/event/event.h"

namespace lalanh {

/// The last event that this database wrote itself in the scope before this stream.
struct Predecessor {
  WriterId writer;
  std::uint32_t counter = 0;
  friend bool operator==(const Predecessor&, const Predecessor&) = default;
};

/// What a stream's first segment carries (`identity.md`, Segments).
struct StreamStart {
  std::array<std::uint8_t, 8> epoch{};
  std::optional<Predecessor> predecessor;
  /// The certificate's bytes; empty: the predecessor's.
  Bytes certificate;
};

/// h(0) of a stream. `predecessor_hash` is h at the predecessor's counter; both or neither.
Hash stream_hash(Scope scope, ByteView certificate, const std::array<std::uint8_t, 8>& epoch,
                 const std::optional<Predecessor>& predecessor, const Hash& predecessor_hash);
/// The writer: the first 12 bytes of h(0).
WriterId writer_of(const Hash& h0);

/// The uncompressed front of a segment (`docs/FORMATS.md`, Segment).
struct SegmentHeader {
  Scope scope;
  WriterId writer;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::optional<StreamStart> start;  ///< there exactly where first is 1
  Signature signature{};             ///< over signed_bytes at the last event
  std::uint32_t last() const { return first + count - 1; }
};

/// What the author signs: (scope, writer, counter, h(counter)).
Bytes signed_bytes(Scope scope, const WriterId& writer, std::uint32_t counter, const Hash& hash);

/// Port: what a codec must know of the scope's streams to shorten and restore writers' names.
class StreamNames {
 public:
  virtual ~StreamNames() = default;
  /// The predecessor's writer of a stream that is here; nothing where there is none or it is not
  /// here.
  virtual std::optional<WriterId> predecessor(const WriterId& writer) const = 0;
  /// Is a stream of this writer here? Never taken back, so that what was read once always is.
  virtual bool knows(const WriterId& writer) const = 0;
};

/// Reads the front alone: cheap, checks lengths and format. format.newer for a newer format.
Result<SegmentHeader> read_segment_header(ByteView bytes);

struct Segment {
  SegmentHeader header;
  std::vector<Event> events;
};

/// Each event names nothing of its own stream but what stands before it, as a program writes them:
/// a codec does not mind, but an event that names itself would be its own entity. format.malformed.
Status check_causes(const Segment& segment);

/// A segment decoded as far as names allow. `unresolved`: a writer could not be filled in (yet):
/// the segment is to be kept aside; events is empty then.
struct DecodedSegment {
  Segment segment;
  bool unresolved = false;
};

/// Reads foreign bytes within all limits; checks neither chain nor signature. `names` answers for
/// the header's scope, and must know the stream itself (its predecessor) when `header.start` is
/// absent.
Result<DecodedSegment> read_segment(ByteView bytes, const StreamNames& names);

/// Writes a segment of these events. The caller has signed the last event and keeps within
/// kSegmentEventsMax; a result above kSegmentBytesMax is to be cut in two by the caller.
Bytes write_segment(const SegmentHeader& header, std::span<const Event> events,
                    const StreamNames& names);

}  // namespace lalanh
