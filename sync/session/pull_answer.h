#pragma once

#include "sync/session/messages.h"
#include "sync/session/point_work.h"

namespace lalanh::sync {

/// The server's side of one pull: goes through the scopes asked for until the size is reached.
/// Used for one request, by the server alone.
class PullAnswer {
 public:
  PullAnswer(SyncStore& store, const PullRequest& request)
      : store_(store), request_(request), work_(store) {}

  /// What a device is told of a scope: nothing where it may not read it; of one that it has left
  /// which of its own points are held here.
  enum class What : std::uint8_t { kNothing, kHeld, kAll };
  /// Answers the next scope of the request. False: the reply is full, and this scope is not
  /// finished. Store errors; format.limit where its points ask for too much work.
  Result<bool> add(const PullRequest::Item& item, What what);
  /// Adds what a scope still has to send to the total, without sending any of it.
  Status count(const PullRequest::Item& item);

  PullReply& reply() { return reply_; }
  const Bytes& tail() const { return tail_; }

 private:
  struct Known {
    std::vector<Point> points;
    std::vector<bool> held;
    bool want_deep = false;
  };
  Result<Known> look_up(const PullRequest::Item& item);
  Result<bool> send(const std::vector<SegmentRef>& segments, std::int64_t after);
  std::int64_t after_of(const PullRequest::Item& item) const;

  SyncStore& store_;
  const PullRequest& request_;
  PointWork work_;
  PullReply reply_;
  Bytes tail_;
  std::size_t head_bytes_ = 0;
};

}  // namespace lalanh::sync
