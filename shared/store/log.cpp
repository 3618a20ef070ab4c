#include "shared/store/log.h"

#include <algorithm>

#include "shared/store/segment_reader.h"

namespace lalanh {
namespace {

std::int64_t tail_from(std::uint32_t stream) {
  return static_cast<std::int64_t>(Ref(stream, 0).packed);
}
std::int64_t tail_to(std::uint32_t stream) { return tail_from(stream + 1) - 1; }

Error corrupt(const Database& db, const char* why) {
  return {ErrorCode::store_corrupt, {{"path", db.path()}, {"why", why}}};
}

/// The row that a branch parts from; of a branch with events in common alone.
const StreamRow& trunk_of(const ScopeStreams& scope, const StreamRow& branch) {
  return scope.at(branch.predecessor.stream());
}

}  // namespace

Result<Log> Log::open(Database& db) {
  Log log(db);
  TRY_ASSIGN(log.append_,
             db.prepare("INSERT INTO segment (stream, first, last, hash, arrived, bytes)"
                        " VALUES (?, ?, ?, ?, ?, ?)"));
  TRY_ASSIGN(log.add_tail_, db.prepare("INSERT INTO tail (id, bytes) VALUES (?, ?)"));
  TRY_ASSIGN(log.covering_,
             db.prepare("SELECT first, bytes FROM segment WHERE stream=? AND last>=? AND first<=?"
                        " ORDER BY first DESC, ordinal LIMIT 1"));
  TRY_ASSIGN(log.bytes_, db.prepare("SELECT bytes FROM segment WHERE ordinal=?"));
  return log;
}

Status Log::append(std::uint32_t stream, std::uint32_t first, std::uint32_t last, const Hash& hash,
                   TimeMs arrived, ByteView bytes) {
  append_.reset().bind(1, stream).bind(2, first).bind(3, last).bind(4, hash);
  append_.bind(5, arrived.value).bind(6, bytes);
  return append_.run();
}

Result<bool> Log::has(std::uint32_t stream, std::uint32_t first, ByteView bytes) {
  TRY_ASSIGN(Statement select,
             db_->prepare("SELECT 1 FROM segment WHERE stream=? AND first=? AND bytes=?"));
  select.bind(1, stream).bind(2, first).bind(3, bytes);
  return select.step();
}

Result<std::vector<Event>> Log::next_events(const ScopeStreams& scope, const StreamRow& stream,
                                            std::uint32_t first, std::uint32_t last) {
  const ResetAtEnd reset(covering_);
  covering_.reset().bind(1, stream.no).bind(2, first).bind(3, first);
  TRY_ASSIGN(const bool row, covering_.step());
  if (!row) return corrupt(*db_, "events are missing in the log");
  const auto from = static_cast<std::uint32_t>(covering_.integer(0));
  TRY_ASSIGN(DecodedSegment decoded, read_segment(covering_.blob(1), scope));
  const SegmentHeader& header = decoded.segment.header;
  std::vector<Event>& events = decoded.segment.events;
  // Its events name their own stream by what stands in front.
  if (!(header.scope == scope.scope()) || !(header.writer == stream.writer)) {
    return corrupt(*db_, "a segment of another stream");
  }
  if (decoded.unresolved || header.first != from || events.size() <= first - from) {
    return corrupt(*db_, "a segment that cannot be read");
  }
  const std::size_t end = (std::min)(events.size(), std::size_t{last} - from + 1);
  events.erase(events.begin() + static_cast<std::ptrdiff_t>(end), events.end());
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(first - from));
  return std::move(events);
}

Result<std::vector<Event>> Log::events(const ScopeStreams& scope, const StreamRow& stream,
                                       std::uint32_t first, std::uint32_t last) {
  std::vector<Event> out;
  while (out.size() < std::size_t{last} - first + 1) {
    const std::uint32_t next = first + static_cast<std::uint32_t>(out.size());
    TRY_ASSIGN(std::vector<Event> more, next_events(scope, stream, next, last));
    std::move(more.begin(), more.end(), std::back_inserter(out));
  }
  return out;
}

Result<Hash> Log::hash_at(const ScopeStreams& scope, const StreamRow& stream,
                          std::uint32_t counter) {
  if (counter == 0) return stream.start_hash;
  if (counter == stream.held) return stream.head;
  if (counter > stream.held) return hash_in_tail(stream, counter);
  if (counter < stream.shared) return hash_at(scope, trunk_of(scope, stream), counter);
  std::uint32_t start = stream.shared;
  Hash hash = stream.start_hash;
  if (start > 0) {
    TRY_ASSIGN(hash, hash_at(scope, trunk_of(scope, stream), start));
  }
  TRY_ASSIGN(Statement before,
             db_->prepare("SELECT last, hash FROM segment WHERE stream=? AND last<=?"
                          " ORDER BY last DESC LIMIT 1"));
  before.bind(1, stream.no).bind(2, counter);
  TRY_ASSIGN(const bool row, before.step());
  if (row) {
    start = static_cast<std::uint32_t>(before.integer(0));
    const ByteView bytes = before.blob(1);
    if (bytes.size() != hash.size()) return corrupt(*db_, "a segment's hash");
    std::copy(bytes.begin(), bytes.end(), hash.begin());
  }
  if (start == counter) return hash;
  return hash_within(scope, stream, counter, start, hash);
}

/// `hash` is h(start), and no segment ends between start and counter.
Result<Hash> Log::hash_within(const ScopeStreams& scope, const StreamRow& stream,
                              std::uint32_t counter, std::uint32_t start, Hash hash) {
  std::vector<Hash>& kept = hashes_[Ref(stream.no, start).packed];
  if (counter - start <= kept.size()) return kept[counter - start - 1];
  TRY_ASSIGN(Statement end, db_->prepare("SELECT min(last) FROM segment WHERE stream=? AND first<=?"
                                         " AND last>=?"));
  end.bind(1, stream.no).bind(2, counter).bind(3, counter);
  TRY_ASSIGN(const bool row, end.step());
  if (!row || end.is_null(0)) return corrupt(*db_, "events are missing in the log");
  const auto last = static_cast<std::uint32_t>(end.integer(0));
  TRY_ASSIGN(const std::vector<Event> between, events(scope, stream, start + 1, last));
  unfolded_ += memory_of(between);
  std::vector<Hash> hashes;
  hashes.reserve(between.size());
  Bytes canonical;
  for (const Event& event : between) {
    canonical.clear();
    write_canonical(event, canonical);
    hash = chain_hash(hash, canonical);
    hashes.push_back(hash);
  }
  const Hash out = hashes[counter - start - 1];
  hashes_kept_ += hashes.size() - kept.size();
  kept = std::move(hashes);
  if (hashes_kept_ > limits::kHashesKept) forget();
  return out;
}

void Log::forget() {
  hashes_.clear();
  hashes_kept_ = 0;
}

Result<Hash> Log::hash_in_tail(const StreamRow& stream, std::uint32_t counter) {
  TRY_ASSIGN(const std::vector<Bytes> open, tail(stream.no));
  const std::uint32_t wanted = counter - stream.held;
  if (wanted > open.size()) return corrupt(*db_, "events are missing in the open tail");
  Hash hash = stream.head;
  for (std::uint32_t i = 0; i < wanted; ++i) hash = chain_hash(hash, open[i]);
  return hash;
}

Result<std::uint64_t> Log::counted_order_at(const ScopeStreams& scope, Ref ref) {
  // Up the line to a stream whose order is known, then down again.
  std::vector<Ref> path;
  std::uint64_t order = 0;
  for (Ref at = ref; !at.none(); at = scope.at(at.stream()).predecessor) {
    const StreamRow& row = scope.at(at.stream());
    if (at.counter() == row.folded) {
      order = row.folded_order;
      break;
    }
    path.push_back(at);
  }
  for (auto at = path.rbegin(); at != path.rend(); ++at) {
    const StreamRow& row = scope.at(at->stream());
    TRY_ASSIGN(const std::vector<Event> read, events(scope, row, row.shared + 1, at->counter()));
    for (const Event& event : read) order = counted_order(event.order, order);
  }
  return order;
}

Result<std::vector<SegmentRef>> Log::segments(const ScopeStreams& scope, const StreamRow& stream,
                                              std::uint32_t after) {
  TRY_ASSIGN(Statement select,
             db_->prepare("SELECT ordinal, first, last, length(bytes) FROM segment"
                          " WHERE stream=? AND last>? ORDER BY first, ordinal"));
  select.bind(1, stream.no).bind(2, after);
  std::vector<SegmentRef> out;
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    SegmentRef ref;
    ref.ordinal = select.integer(0);
    ref.scope = scope.scope();
    ref.writer = stream.writer;
    ref.first = static_cast<std::uint32_t>(select.integer(1));
    ref.count = static_cast<std::uint32_t>(select.integer(2)) - ref.first + 1;
    ref.bytes = static_cast<std::size_t>(select.integer(3));
    out.push_back(ref);
  }
}

Result<Bytes> Log::bytes(std::int64_t ordinal) {
  const ResetAtEnd reset(bytes_);
  bytes_.reset().bind(1, ordinal);
  TRY_ASSIGN(const bool row, bytes_.step());
  if (!row) return corrupt(*db_, "a segment is missing");
  const ByteView view = bytes_.blob(0);
  return Bytes(view.begin(), view.end());
}

Result<TimeMs> Log::newest_arrival(std::uint32_t stream) {
  TRY_ASSIGN(Statement select, db_->prepare("SELECT max(arrived) FROM segment WHERE stream=?"));
  select.bind(1, stream);
  TRY_ASSIGN(const bool row, select.step());
  return TimeMs(row ? select.integer(0) : 0);
}

Status Log::add_tail(Ref ref, ByteView canonical) {
  add_tail_.reset().bind(1, static_cast<std::int64_t>(ref.packed)).bind(2, canonical);
  return add_tail_.run();
}

Result<std::vector<Bytes>> Log::tail(std::uint32_t stream) {
  TRY_ASSIGN(Statement select,
             db_->prepare("SELECT bytes FROM tail WHERE id BETWEEN ? AND ? ORDER BY id"));
  select.bind(1, tail_from(stream)).bind(2, tail_to(stream));
  std::vector<Bytes> out;
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    const ByteView bytes = select.blob(0);
    out.emplace_back(bytes.begin(), bytes.end());
  }
}

Status Log::drop_tail(std::uint32_t stream) {
  TRY_ASSIGN(Statement erase, db_->prepare("DELETE FROM tail WHERE id BETWEEN ? AND ?"));
  erase.bind(1, tail_from(stream)).bind(2, tail_to(stream));
  return erase.run();
}

Result<std::vector<std::uint32_t>> Log::streams_with_tail() {
  TRY_ASSIGN(Statement select, db_->prepare("SELECT DISTINCT id >> 22 FROM tail ORDER BY 1"));
  std::vector<std::uint32_t> out;
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    out.push_back(static_cast<std::uint32_t>(select.integer(0)));
  }
}

MergeEvent with_local_names(Event event, Ref ref, const ScopeStreams& scope, Words& words) {
  const auto local = [&](const Dot& dot) {
    const Ref out = scope.ref(dot);
    CHECK(!out.none());
    return out;
  };
  MergeEvent out;
  out.ref = ref;
  out.order = event.order;
  if (event.creates()) {
    out.entity = ref;
  } else if (!event.entity.none()) {
    out.entity = local(event.entity);
  }
  out.ops.reserve(event.ops.size());
  for (Op& op : event.ops) {
    MergeOp& to = out.ops.emplace_back();
    to.kind = op.kind;
    to.name = words.word(op.name);
    for (const Dot& dot : op.base) to.base.push_back(local(dot));
    for (const Dot& dot : op.tips) to.tips.push_back(local(dot));
    if (op.value.kind() == Value::Kind::kDot) {
      value_causes(to).push_back(local(op.value.as_dot()));
    }
    to.value = std::move(op.value);
  }
  return out;
}

}  // namespace lalanh
