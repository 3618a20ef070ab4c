#pragma once

#include <deque>
#include <vector>

#include "sync/session/puller.h"

namespace lalanh::sync {

/// The client's side of push: segments, verdicts, receipts. Each segment is sent once, or twice
/// where the server asks for it again. Not thread-safe; the caller holds the node's lock.
class Pusher {
 public:
  /// `parent_key` verifies receipts; lives as long as the pusher.
  Pusher(SyncStore& store, const Hash& parent_key, Counts& counts);

  /// Finds what to send. `halves`: what the server keeps of this device's cut requests. Store
  /// errors.
  Status send(const std::vector<PushScope>& scopes, std::vector<Half> halves);
  /// Asks for receipts for what has none in these scopes, after the segments. Store errors.
  Status want_receipts(const std::vector<Scope>& scopes);

  bool done() const;
  struct Message {
    PushRequest request;
    Bytes tail;
  };
  /// The next request, with about `wanted` bytes of segments. Store errors.
  Result<Message> ask(std::size_t wanted);
  /// The reply to it. sync.protocol, format.*: a reply that is not one; store errors.
  Status take(const PushReply& reply);

 private:
  struct Job {
    SegmentRef segment;
    bool again = false;
  };
  Status add_segments(Message& message, std::size_t wanted);
  void add_receipts(Message& message, std::size_t wanted);
  void take_verdict(const Job& job, const Verdict& verdict);
  Status take_receipt(const Bytes& receipt);

  SyncStore& store_;
  const Hash& parent_key_;
  Counts& counts_;
  std::vector<Half> halves_;
  std::deque<Job> jobs_;
  std::vector<Job> under_way_;
  std::deque<ScopePoints> receipts_;
  std::vector<ScopePoints> asked_;  ///< receipts of the request under way
};

}  // namespace lalanh::sync
