#include "sync/session/puller.h"

#include <algorithm>

#include "shared/base/limits.h"

namespace lalanh::sync {
namespace {

constexpr std::size_t kRefusalsNamedMax = 100;

void shorten(std::vector<Point>& points) {
  if (points.size() > limits::kTipsMax) points.resize(limits::kTipsMax);
}

bool contains(const std::vector<Point>& points, const Point& point) {
  return std::find(points.begin(), points.end(), point) != points.end();
}

Error protocol_error(const char* why) { return {ErrorCode::sync_protocol, {{"why", why}}}; }

}  // namespace

void Counts::refuse(const SyncRefusal& refusal) {
  ++summary.refused;
  if (summary.refusals.size() < kRefusalsNamedMax) summary.refusals.push_back(refusal);
}

Result<std::vector<Point>> receipted_points(SyncStore& store, Scope scope) {
  TRY_ASSIGN(const std::vector<Point> tips, store.tips(scope));
  TRY_ASSIGN(const std::vector<Point> open, store.unreceipted(scope));
  TRY_ASSIGN(std::vector<Point> out, store.back_points(scope, false));
  for (const Point& tip : tips) {
    if (!contains(open, tip)) out.push_back(tip);
  }
  return out;
}

Puller::Puller(SyncStore& store, ScopeReader scope_of, Counts& counts)
    : store_(store), scope_of_(scope_of), counts_(counts) {}

Result<PullRequest::Item> Puller::describe(Asked& asked) {
  PullRequest::Item out;
  out.scope = asked.waiting.scope;
  out.deep = asked.waiting.deep;
  TRY_ASSIGN(out.tips, store_.tips(out.scope));
  TRY_ASSIGN(out.back, store_.back_points(out.scope, out.deep));
  TRY_ASSIGN(asked.receipted, receipted_points(store_, out.scope));
  shorten(out.tips);
  shorten(out.back);
  asked.points = out.tips;
  asked.points.insert(asked.points.end(), out.back.begin(), out.back.end());
  return out;
}

Result<PullRequest> Puller::ask(std::size_t wanted) {
  // An unanswered window is asked again as it is.
  for (auto it = window_.rbegin(); it != window_.rend(); ++it) queue_.push_front(it->waiting);
  window_.clear();
  PullRequest out;
  out.wanted = static_cast<std::uint32_t>(wanted);
  out.after = after_;
  TRY_ASSIGN(out.halves, store_.partials(kParent));
  std::size_t bytes = 0;
  while (!queue_.empty() && window_.size() < limits::kScopesMax) {
    Asked asked;
    asked.waiting = queue_.front();
    TRY_ASSIGN(PullRequest::Item item, describe(asked));
    bytes += encoded_bytes(asked.points.size());
    if (!window_.empty() && bytes > wanted / 8) break;
    if (!asked.waiting.counted) out.count = true;
    asked.waiting.counted = true;
    queue_.pop_front();
    window_.push_back(std::move(asked));
    out.scopes.push_back(std::move(item));
  }
  return out;
}

Status Puller::take_cut(const PullReply& reply, ByteView tail) {
  return take_tail(reply, tail, false);
}

Status Puller::take(const PullReply& reply, ByteView tail) {
  if (reply.scopes.size() > window_.size())
    return protocol_error("more scopes than were asked for");
  const bool moved = !reply.entries.empty() && reply.after > after_;
  if (reply.scopes.empty() && !moved) return protocol_error("a reply that goes nowhere");
  if (reply.total) {
    counts_.progress.receive_total_bytes = counts_.progress.received_bytes + *reply.total;
  }
  TRY(take_tail(reply, tail, true));
  for (std::size_t i = 0; i < reply.scopes.size(); ++i) TRY(finish(window_[i], reply.scopes[i]));
  after_ = reply.scopes.size() < window_.size() ? reply.after : 0;
  for (std::size_t i = window_.size(); i > reply.scopes.size(); --i) {
    queue_.push_front(window_[i - 1].waiting);
  }
  window_.clear();
  return {};
}

Status Puller::finish(Asked& asked, const PullReply::Item& item) {
  if (item.state == PullState::kNotReadable) return {};
  std::vector<Point> held;
  for (std::size_t i = 0; i < asked.points.size() && i < item.held.size(); ++i) {
    if (item.held[i]) held.push_back(asked.points[i]);
  }
  // The server was put back to an older copy: what it receipted is there no more.
  const bool taken_back = std::any_of(
      asked.receipted.begin(), asked.receipted.end(),
      [&](const Point& point) { return contains(asked.points, point) && !contains(held, point); });
  counts_.summary.taken_back = counts_.summary.taken_back || taken_back;
  if (taken_back) TRY(store_.take_back_receipts(asked.waiting.scope, held));
  if (item.state == PullState::kSendDeep) {
    if (asked.waiting.deep) return protocol_error("deep points were asked for twice");
    queue_.push_back({asked.waiting.scope, true, false});
    return {};
  }
  PushScope scope{asked.waiting.scope, item.tips};
  scope.known.insert(scope.known.end(), held.begin(), held.end());
  pulled_.push_back(std::move(scope));
  return {};
}

Status Puller::take_tail(const PullReply& reply, ByteView tail, bool complete) {
  TRY_ASSIGN(std::vector<Arrived> arrived,
             gather_tail(store_, kParent, reply.entries, tail, complete));
  std::vector<Bytes> segments;
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    if (arrived[i].state == Arrived::State::kAgain) {
      counts_.refuse({{}, {}, 0, "sync.cut", false});
    }
    if (arrived[i].state != Arrived::State::kWhole) continue;
    counts_.progress.received_bytes += reply.entries[i].total;
    ++counts_.summary.segments_received;
    segments.push_back(std::move(arrived[i].bytes));
  }
  TRY(take_segments(segments));
  return drop_halves(store_, kParent, reply.entries, arrived);
}

Status Puller::take_segments(std::vector<Bytes>& segments) {
  std::vector<Bytes> asked_for;
  for (Bytes& segment : segments) {
    const Result<Scope> scope = scope_of_(segment);
    const auto asked = [&](const Asked& a) { return a.waiting.scope == *scope; };
    if (!scope.ok()) {
      counts_.refuse({{}, {}, 0, scope.error().name(), false});
    } else if (std::none_of(window_.begin(), window_.end(), asked)) {
      counts_.refuse({*scope, {}, 0, "sync.protocol", false});
    } else {
      asked_for.push_back(std::move(segment));
    }
  }
  if (asked_for.empty()) return {};
  TRY_ASSIGN(const std::vector<Taken> taken, store_.take_in(asked_for));
  for (const Taken& one : taken) {
    counts_.summary.events_received += one.new_events;
    if (one.verdict != TakeVerdict::kRefused) continue;
    counts_.refuse({one.scope, one.writer, one.first,
                    one.reason ? one.reason->name() : "format.malformed", false});
  }
  return {};
}

}  // namespace lalanh::sync
