#include "sync/session/pull_answer.h"

#include <algorithm>

#include "shared/base/limits.h"

namespace lalanh::sync {
namespace {

/// Room for the entries and for the one scope that may come on top.
constexpr std::size_t kPointsRoom = limits::kSyncHeadBytesMax / 2;

}  // namespace

std::int64_t PullAnswer::after_of(const PullRequest::Item& item) const {
  return &item == &request_.scopes.front() ? request_.after : 0;
}

Result<PullAnswer::Known> PullAnswer::look_up(const PullRequest::Item& item) {
  Known out;
  out.points = item.tips;
  out.points.insert(out.points.end(), item.back.begin(), item.back.end());
  std::size_t unknown_tips = 0;
  std::size_t known_back = 0;
  for (std::size_t i = 0; i < out.points.size(); ++i) {
    TRY_ASSIGN(const bool held, store_.holds(item.scope, out.points[i]));
    TRY(work_.check());
    out.held.push_back(held);
    if (i < item.tips.size() && !held) ++unknown_tips;
    if (i >= item.tips.size() && held) ++known_back;
  }
  out.want_deep = !item.deep && after_of(item) == 0 && unknown_tips > known_back;
  return out;
}

Result<bool> PullAnswer::add(const PullRequest::Item& item, What what) {
  if (what == What::kNothing) {
    reply_.scopes.push_back({PullState::kNotReadable, {}, {}});
    return true;
  }
  if (head_bytes_ > kPointsRoom) return false;
  TRY_ASSIGN(Known known, look_up(item));
  std::vector<SegmentRef> segments;
  if (what == What::kAll) {
    TRY_ASSIGN(segments, store_.missing(item.scope, known.points));
  }
  if (known.want_deep && (what == What::kHeld || !segments.empty())) {
    reply_.scopes.push_back({PullState::kSendDeep, {}, std::move(known.held)});
    return true;
  }
  const std::int64_t after = after_of(item);
  if (request_.count) {
    for (const SegmentRef& segment : segments) {
      if (segment.ordinal > after) *reply_.total += segment.bytes;
    }
  }
  TRY_ASSIGN(const bool all, send(segments, after));
  if (!all) return false;
  PullReply::Item done{PullState::kFinished, {}, std::move(known.held)};
  if (what == What::kAll) {
    TRY_ASSIGN(done.tips, store_.tips(item.scope));
  }
  if (done.tips.size() > limits::kTipsMax) done.tips.resize(limits::kTipsMax);
  head_bytes_ += encoded_bytes(done.tips.size()) + done.held.size() / 8;
  reply_.scopes.push_back(std::move(done));
  reply_.after = 0;
  return true;
}

Result<bool> PullAnswer::send(const std::vector<SegmentRef>& segments, std::int64_t after) {
  const std::size_t wanted =
      std::clamp<std::size_t>(request_.wanted, limits::kPushBytesMin, limits::kPushBytesMax);
  reply_.after = after;
  for (const SegmentRef& segment : segments) {
    if (segment.ordinal <= after) continue;
    if (!tail_.empty() && tail_.size() + segment.bytes > wanted) return false;
    if (reply_.entries.size() == limits::kMessageSegmentsMax) return false;
    TRY_ASSIGN(const Bytes bytes, store_.segment_bytes(segment.ordinal));
    CHECK(!bytes.empty() && bytes.size() <= limits::kSegmentBytesMax);
    Entry entry{segment_digest(bytes), static_cast<std::uint32_t>(bytes.size()), 0};
    for (const Half& half : request_.halves) {
      if (half.digest == entry.digest && half.received < bytes.size()) {
        entry.from = static_cast<std::uint32_t>(half.received);
      }
    }
    append(tail_, ByteView(bytes).subspan(entry.from));
    reply_.entries.push_back(entry);
    reply_.after = segment.ordinal;
  }
  return true;
}

Status PullAnswer::count(const PullRequest::Item& item) {
  TRY_ASSIGN(const Known known, look_up(item));
  TRY_ASSIGN(const std::vector<SegmentRef> segments, store_.missing(item.scope, known.points));
  if (known.want_deep) return {};
  for (const SegmentRef& segment : segments) *reply_.total += segment.bytes;
  return {};
}

}  // namespace lalanh::sync
