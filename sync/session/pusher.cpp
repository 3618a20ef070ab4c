#include "sync/session/pusher.h"

#include <algorithm>

#include "shared/base/limits.h"
#include "sync/session/receipt.h"

namespace lalanh::sync {

Pusher::Pusher(SyncStore& store, const Hash& parent_key, Counts& counts)
    : store_(store), parent_key_(parent_key), counts_(counts) {}

Status Pusher::send(const std::vector<PushScope>& scopes, std::vector<Half> halves) {
  halves_ = std::move(halves);
  for (const PushScope& scope : scopes) {
    TRY_ASSIGN(const std::vector<SegmentRef> missing, store_.missing(scope.scope, scope.known));
    for (const SegmentRef& segment : missing) {
      jobs_.push_back({segment, false});
      counts_.progress.send_total_bytes += segment.bytes;
    }
  }
  return {};
}

Status Pusher::want_receipts(const std::vector<Scope>& scopes) {
  for (const Scope scope : scopes) {
    TRY_ASSIGN(std::vector<Point> points, store_.unreceipted(scope));
    if (points.size() > limits::kTipsMax) points.resize(limits::kTipsMax);
    if (!points.empty()) receipts_.push_back({scope, std::move(points)});
  }
  return {};
}

bool Pusher::done() const {
  return jobs_.empty() && receipts_.empty() && under_way_.empty() && asked_.empty();
}

Result<Pusher::Message> Pusher::ask(std::size_t wanted) {
  Message out;
  TRY(add_segments(out, wanted));
  if (jobs_.empty()) add_receipts(out, wanted);
  return out;
}

Status Pusher::add_segments(Message& message, std::size_t wanted) {
  while (!jobs_.empty() && under_way_.size() < limits::kMessageSegmentsMax) {
    const Job job = jobs_.front();
    if (!message.tail.empty() && message.tail.size() + job.segment.bytes > wanted) break;
    TRY_ASSIGN(const Bytes bytes, store_.segment_bytes(job.segment.ordinal));
    CHECK(!bytes.empty() && bytes.size() <= limits::kSegmentBytesMax);
    Entry entry{segment_digest(bytes), static_cast<std::uint32_t>(bytes.size()), 0};
    for (const Half& half : halves_) {
      if (!job.again && half.digest == entry.digest && half.received < bytes.size()) {
        entry.from = static_cast<std::uint32_t>(half.received);
      }
    }
    append(message.tail, ByteView(bytes).subspan(entry.from));
    message.request.entries.push_back(entry);
    under_way_.push_back(job);
    jobs_.pop_front();
  }
  return {};
}

void Pusher::add_receipts(Message& message, std::size_t wanted) {
  std::size_t bytes = 0;
  while (!receipts_.empty() && asked_.size() < limits::kScopesMax) {
    bytes += encoded_bytes(receipts_.front().points.size());
    if (!asked_.empty() && bytes > wanted / 8) break;
    asked_.push_back(std::move(receipts_.front()));
    receipts_.pop_front();
  }
  message.request.receipts = asked_;
}

Status Pusher::take(const PushReply& reply) {
  if (reply.verdicts.size() != under_way_.size()) {
    return Error{ErrorCode::sync_protocol, {{"why", "not one verdict for each segment"}}};
  }
  for (std::size_t i = 0; i < reply.verdicts.size(); ++i) {
    take_verdict(under_way_[i], reply.verdicts[i]);
  }
  under_way_.clear();
  if (!reply.receipt.empty()) TRY(take_receipt(reply.receipt));
  asked_.clear();
  return {};
}

void Pusher::take_verdict(const Job& job, const Verdict& verdict) {
  const SegmentRef& segment = job.segment;
  if (verdict.kind == Verdict::Kind::kAgain && !job.again) {
    jobs_.push_back({segment, true});
    return;
  }
  counts_.progress.sent_bytes += segment.bytes;
  if (verdict.kind == Verdict::Kind::kRefused || verdict.kind == Verdict::Kind::kAgain) {
    const std::string error = verdict.error.empty() ? "sync.cut" : verdict.error;
    counts_.refuse({segment.scope, segment.writer, segment.first, error, true});
    return;
  }
  ++counts_.summary.segments_sent;
  if (verdict.kind == Verdict::Kind::kTaken) counts_.summary.events_sent += segment.count;
}

Status Pusher::take_receipt(const Bytes& bytes) {
  TRY_ASSIGN(const Receipt receipt, read_receipt(bytes, parent_key_));
  std::vector<ReceiptPoint> points;
  for (const ReceiptPoint& said : receipt.points) {
    for (const ScopePoints& asked : asked_) {
      if (asked.scope != said.scope) continue;
      const auto& p = asked.points;
      if (std::find(p.begin(), p.end(), said.point) != p.end()) points.push_back(said);
    }
  }
  if (points.empty()) return {};
  return store_.keep_receipt(points, receipt.time, bytes);
}

}  // namespace lalanh::sync
