#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "shared/event/segment.h"
#include "shared/store/numbered_events.h"

namespace lalanh {

/// Reads segments before their turn: decoding, chain and signature need no database as long as
/// the events name their own stream alone, so they can be worked out on another thread while the
/// one writer is busy. What is prepared is a hint: the store uses it only where the bytes, the
/// hash before and the key are the very ones that it would have used. Thread-safe.
class SegmentReader {
 public:
  /// A segment read before its turn.
  struct Prepared {
    Bytes bytes;
    std::vector<Event> events;  ///< where they are not numbered
    std::optional<NumberedEvents> numbered;
    // Where the stream's head was known:
    Hash before{};             ///< h before the first event
    Hash key{};                ///< the signature is good under it
    std::vector<Hash> hashes;  ///< h after each event; empty: not worked out
    std::size_t memory = 0;    ///< of all of it, about
  };

  /// `root_key`: certificates are checked up to it. The words outlive it.
  SegmentReader(const Hash& root_key, const StoredWords& words)
      : root_key_(root_key), words_(words) {}

  /// Works out what it can and keeps it for claim(). Bytes that are not a segment, or name other
  /// streams, are passed over in silence. False: kPreparedMemoryMax is reached, nothing was done,
  /// and where nobody reads the oldest is given up, for it may be what a request left that failed.
  bool prepare(ByteView bytes);
  /// What was prepared of these very bytes, taken out.
  std::optional<Prepared> claim(ByteView bytes);
  /// Of all that waits, and of what is being read.
  std::size_t memory();
  /// A stream's sealed head, from which a later segment goes on, or a later stream.
  struct Head {
    std::uint32_t held = 0;
    Hash hash{};
    Hash key{};
    Bytes certificate;
  };
  /// Told by the store.
  void learn(const WriterId& writer, const Head& head);

 private:
  class Place;
  bool reserve();
  std::optional<Head> head_of(const WriterId& writer);
  std::optional<Head> before(const SegmentHeader& header);
  bool check_ahead(const Segment& segment, Prepared& out);

  const Hash root_key_;
  const StoredWords& words_;
  std::mutex mutex_;
  std::deque<Prepared> prepared_;
  std::size_t memory_ = 0;   ///< of all prepared_
  std::size_t reading_ = 0;  ///< segments that are being read
  std::unordered_map<WriterId, Head> heads_;
};

/// The memory that the events take, about.
std::size_t memory_of(std::span<const Event> events);

/// h after each event, from `before`; nothing where an event, or all of them, are too large.
std::optional<std::vector<Hash>> chain_of(const Hash& before, std::span<const Event> events);

}  // namespace lalanh
