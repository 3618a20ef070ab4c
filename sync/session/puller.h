#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "sync/session/tail.h"

namespace lalanh::sync {

/// The number under which halves from the parent are kept (`SyncStore`, half segments).
inline constexpr DeviceNo kParent{0};

/// What a sync counts, shared by its phases.
struct Counts {
  SyncSummary summary;
  SyncProgress progress;
  /// Counts it, and names it among the first 100.
  void refuse(const SyncRefusal& refusal);
};

/// A scope after its pull: the push sends what is not at or before a known point.
struct PushScope {
  Scope scope;
  std::vector<Point> known;
};

/// The client's side of pull: which scopes to ask for, and what to do with a reply. Ends for every
/// sequence of replies that its owner bounds. Not thread-safe; the caller holds the node's lock.
class Puller {
 public:
  Puller(SyncStore& store, ScopeReader scope_of, Counts& counts);

  /// Asks for the scope later; in the order of the calls.
  void add(Scope scope) { queue_.push_back({scope, false, false}); }
  bool done() const { return queue_.empty() && window_.empty(); }
  /// The next request, for a tail of about `wanted` bytes. Store errors.
  Result<PullRequest> ask(std::size_t wanted);
  /// The reply to it. format.malformed, sync.protocol for a reply that is not one; store errors.
  Status take(const PullReply& reply, ByteView tail);
  /// What came of a reply before the link broke: complete segments are taken in, a half is kept.
  /// The same request may be asked again, in this sync or another.
  Status take_cut(const PullReply& reply, ByteView tail);
  /// The scopes that were pulled to their end.
  std::vector<PushScope> take_pulled() { return std::move(pulled_); }

 private:
  struct Waiting {
    Scope scope;
    bool deep = false;
    bool counted = false;
  };
  struct Asked {
    Waiting waiting;
    std::vector<Point> points;     ///< tips, then back, as asked with
    std::vector<Point> receipted;  ///< points among ours that the parent has receipted
  };
  Result<PullRequest::Item> describe(Asked& asked);
  Status take_tail(const PullReply& reply, ByteView tail, bool complete);
  Status take_segments(std::vector<Bytes>& segments);
  Status finish(Asked& asked, const PullReply::Item& item);

  SyncStore& store_;
  ScopeReader scope_of_;
  Counts& counts_;
  std::deque<Waiting> queue_;
  std::vector<Asked> window_;  ///< of the request under way
  std::int64_t after_ = 0;
  std::vector<PushScope> pulled_;
};

/// Points of ours that the parent has receipted, as far as a sync needs them: tips that are, and
/// the last receipted points of lines whose tips are not. Store errors.
Result<std::vector<Point>> receipted_points(SyncStore& store, Scope scope);

}  // namespace lalanh::sync
