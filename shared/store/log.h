#pragma once

#include <unordered_map>

#include "shared/store/streams.h"
#include "shared/store/sync_store.h"
#include "shared/store/words.h"

namespace lalanh {

/// Tables segment and tail: the events as they came. Not thread-safe.
class Log {
 public:
  static Result<Log> open(Database& db);

  Status append(std::uint32_t stream, std::uint32_t first, std::uint32_t last, const Hash& hash,
                TimeMs arrived, ByteView bytes);
  /// Is exactly this segment here?
  Result<bool> has(std::uint32_t stream, std::uint32_t first, ByteView bytes);
  /// Sealed events of a stream from `first` on, to the end of the segment that holds it, or to
  /// `last`.
  Result<std::vector<Event>> next_events(const ScopeStreams& scope, const StreamRow& stream,
                                         std::uint32_t first, std::uint32_t last);
  /// Sealed events first..last of a stream (last at most its held head).
  Result<std::vector<Event>> events(const ScopeStreams& scope, const StreamRow& stream,
                                    std::uint32_t first, std::uint32_t last);
  /// h(counter) of an event that is held, or in the open tail; h(0) for 0. In the middle of a
  /// segment all of it is unfolded, and its hashes are kept for the next question.
  Result<Hash> hash_at(const ScopeStreams& scope, const StreamRow& stream, std::uint32_t counter);
  /// Memory of what hash_at has unfolded, ever.
  std::uint64_t unfolded() const { return unfolded_; }
  /// Drops what is in memory: after a rollback.
  void forget();
  /// What a sealed event's order counts as, read from the log.
  Result<std::uint64_t> counted_order_at(const ScopeStreams& scope, Ref ref);
  /// Segments of a stream with an event beyond `after`, by first counter.
  Result<std::vector<SegmentRef>> segments(const ScopeStreams& scope, const StreamRow& stream,
                                           std::uint32_t after);
  Result<Bytes> bytes(std::int64_t ordinal);
  /// When the newest segment of the stream came, by this machine's clock; 0 for none.
  Result<TimeMs> newest_arrival(std::uint32_t stream);

  Status add_tail(Ref ref, ByteView canonical);
  /// The open tail of a stream, in order.
  Result<std::vector<Bytes>> tail(std::uint32_t stream);
  Status drop_tail(std::uint32_t stream);
  /// Streams that have an open tail.
  Result<std::vector<std::uint32_t>> streams_with_tail();

 private:
  explicit Log(Database& db) : db_(&db) {}
  Result<Hash> hash_in_tail(const StreamRow& stream, std::uint32_t counter);
  Result<Hash> hash_within(const ScopeStreams& scope, const StreamRow& stream,
                           std::uint32_t counter, std::uint32_t start, Hash hash);
  Database* db_;
  /// By stream and the event before the first: h of those that follow it.
  std::unordered_map<std::uint64_t, std::vector<Hash>> hashes_;
  std::size_t hashes_kept_ = 0;  ///< in all of them
  std::uint64_t unfolded_ = 0;
  Statement append_, add_tail_, covering_, bytes_;
};

/// The event with local names; the caller knows that each name is here (CHECK).
MergeEvent with_local_names(Event event, Ref ref, const ScopeStreams& scope, Words& words);

}  // namespace lalanh
