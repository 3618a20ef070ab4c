#pragma once

#include <unordered_map>

#include "shared/store/core.h"
#include "shared/store/fold_batch.h"

namespace lalanh {

/// This device's writing: epochs, its open tail, sealing (`identity.md`, Who writes, Segments).
/// Not thread-safe.
class OwnWriter {
 public:
  explicit OwnWriter(StoreCore& core) : core_(core) {}

  /// Seals the tails that an earlier epoch left and draws the first epoch. Once, at opening.
  Status start();
  /// What a copy of this running program would know.
  OwnMemory memory() const;
  /// A new epoch: after a day, a failed commit, a new certificate, a copy found out.
  void new_epoch();

  /// Adds an event to the batch, durable at the batch's commit: draws the stream where the epoch
  /// has none in the scope, fills in time, grade and order. The event names only what is folded.
  Result<Dot> add(FoldBatch& batch, ScopeStreams& scope, Event event);
  /// Are there events that are not sealed yet?
  Result<bool> has_tail();
  /// Seals every open tail; opens its own transaction.
  Status seal();
  /// The same inside the caller's transaction.
  Status seal_within();

  ClockGrade grade(TimeMs now);
  /// The parent told its time.
  Status note_parent_time(TimeMs parent);

 private:
  struct Open {
    ScopeStreams* scope = nullptr;
    StreamRow* row = nullptr;
    std::uint32_t last = 0;
    Hash hash{};
  };
  Result<Open*> open_stream(ScopeStreams& scope);
  Status resume(const OwnMemory& memory);
  Status take_up_tails();
  Result<ScopeStreams*> scope_of(std::uint32_t stream);
  Result<StreamRow> begin_stream(ScopeStreams& scope);
  Status check_names(const ScopeStreams& scope, const Event& event) const;
  Status check_size(const Event& event, ByteView canonical) const;
  Status seal_stream(ScopeStreams& scope, StreamRow& row);
  Status write_segments(ScopeStreams& scope, StreamRow& row, std::span<const Event> events,
                        std::span<const Hash> hashes);

  StoreCore& core_;
  std::array<std::uint8_t, 8> epoch_{};
  std::int64_t epoch_steady_ms_ = 0;
  std::int64_t epoch_wall_ms_ = 0;
  std::unordered_map<std::int64_t, Open> open_;  ///< by scope number
  TimeMs newest_;                                ///< of the events written here
  TimeMs parent_seen_;                           ///< own clock at the parent's last word
};

}  // namespace lalanh
