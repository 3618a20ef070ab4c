#include "shared/store/verify.h"

#include <algorithm>

#include "shared/store/ingest.h"

namespace lalanh {
namespace {

/// Nothing is folded at the start; orders are only asked of streams that are pending.
class NothingFolded : public FoldedHeads {
 public:
  explicit NothingFolded(const ScopeStreams& scope) : scope_(scope) {}
  std::uint32_t folded(std::uint32_t) const override { return 0; }
  /// Only asked of an event that is set aside while one before it waits.
  std::uint64_t order_at(Ref ref) const override { return scope_.order_at(ref); }
  bool set_aside(Ref ref) const override { return scope_.set_aside(ref); }

 private:
  const ScopeStreams& scope_;
};

/// What was altered in the file, not a disk that fails.
bool is_damage(const Error& error) {
  return error.domain() == "format" || error.domain() == "trust" ||
         error.code == ErrorCode::store_corrupt;
}

}  // namespace

void ScopeVerifier::differs(std::string what) {
  report_.differences.push_back(to_text(scope_.scope()) + ": " + std::move(what));
}

Status ScopeVerifier::run() {
  ++report_.scopes;
  HashSum heads;
  for (const auto& row : scope_.rows()) {
    ++report_.streams;
    TRY(check_stream(*row));
    if (row->held > 0) {
      heads.add(head_hash(scope_.scope(), row->writer, row->held, row->head));
    }
  }
  if (!(heads == scope_.heads)) differs("the sum of the heads");
  TRY(check_aside());
  TRY(fold());
  return compare_state();
}

Status ScopeVerifier::check_aside() {
  TRY_ASSIGN(const std::vector<std::uint32_t> aside, core_.set_aside(scope_));
  for (std::size_t i = 0; i < aside.size(); ++i) {
    const StreamRow& row = *scope_.rows()[i];
    if (row.aside != aside[i]) differs("what is set aside of " + to_text(Dot{row.writer, 1}));
  }
  return {};
}

Status ScopeVerifier::check_stream(const StreamRow& row) {
  if (row.shared > 0) return check_branch(row);
  TRY_ASSIGN(const Certificate* certificate, core_.certificate(row.certificate));
  std::optional<Predecessor> predecessor;
  Hash before{};
  if (!row.predecessor.none()) {
    const StreamRow& previous = scope_.at(row.predecessor.stream());
    predecessor = Predecessor{previous.writer, row.predecessor.counter()};
    if (row.predecessor.counter() <= previous.held) {
      TRY_ASSIGN(before, core_.log.hash_at(scope_, previous, row.predecessor.counter()));
    } else {
      // The predecessor is this program's own open tail.
      TRY_ASSIGN(const std::vector<Bytes> tail, core_.log.tail(previous.no));
      before = previous.head;
      for (const Bytes& bytes : tail) before = chain_hash(before, bytes);
    }
  }
  Hash hash = stream_hash(scope_.scope(), certificate->bytes, row.epoch, predecessor, before);
  if (!(hash == row.start_hash) || !(writer_of(hash) == row.writer)) {
    differs("the beginning of stream " + to_text(Dot{row.writer, 1}));
  }
  TRY(check_segments(row, hash));
  if (!(hash == row.head)) differs("the chain of stream " + to_text(Dot{row.writer, row.held}));
  return read_pending(row);
}

/// A branch goes on from the row that it parts from.
Status ScopeVerifier::check_branch(const StreamRow& row) {
  const StreamRow& trunk = scope_.at(row.predecessor.stream());
  if (!(trunk.writer == row.writer) || trunk.held <= row.shared ||
      row.predecessor.counter() != row.shared) {
    differs("the place where a branch parts from stream " + to_text(Dot{row.writer, row.shared}));
    return {};
  }
  TRY_ASSIGN(Hash hash, core_.log.hash_at(scope_, trunk, row.shared));
  TRY(check_segments(row, hash));
  if (!(hash == row.head)) differs("the chain of stream " + to_text(Dot{row.writer, row.held}));
  return read_pending(row);
}

Status ScopeVerifier::check_segments(const StreamRow& row, Hash& hash) {
  TRY_ASSIGN(const std::vector<SegmentRef> segments, core_.log.segments(scope_, row, 0));
  std::uint32_t at = row.shared;
  Bytes canonical;
  for (const SegmentRef& ref : segments) {
    ++report_.segments;
    TRY_ASSIGN(const Bytes bytes, core_.log.bytes(ref.ordinal));
    Result<DecodedSegment> decoded = read_segment(bytes, scope_);
    if (!decoded.ok() || decoded->unresolved || ref.first > at + 1) {
      differs("a segment that cannot be read, of stream " + to_text(Dot{row.writer, ref.first}));
      return {};
    }
    if (!front_fits(row, ref, decoded->segment.header)) {
      differs("the front of the segment " + to_text(Dot{row.writer, ref.first}));
    }
    for (std::size_t i = 0; i < decoded->segment.events.size(); ++i) {
      if (ref.first + i <= at) continue;  // an overlap: checked when it came
      canonical.clear();
      write_canonical(decoded->segment.events[i], canonical);
      hash = chain_hash(hash, canonical);
      ++at;
      ++report_.events;
    }
    const Bytes message = signed_bytes(scope_.scope(), row.writer, at, hash);
    if (at == decoded->segment.header.last() &&
        !verify(row.key, message, decoded->segment.header.signature)) {
      differs("the signature of " + to_text(Dot{row.writer, at}));
    }
  }
  if (at != row.held) differs("the head of stream " + to_text(Dot{row.writer, row.held}));
  return {};
}

/// What stands in front is not hashed again with each event, so it is compared with the rows.
bool ScopeVerifier::front_fits(const StreamRow& row, const SegmentRef& ref,
                               const SegmentHeader& header) {
  if (!(header.scope == scope_.scope()) || !(header.writer == row.writer) ||
      header.first != ref.first || header.count != ref.count) {
    return false;
  }
  if (!header.start) return true;
  const Result<const Certificate*> certificate = core_.certificate(row.certificate);
  std::optional<Predecessor> predecessor;
  const Ref before = scope_.find(row.writer)->predecessor;  // a branch's is where it parts
  if (!before.none()) {
    predecessor = Predecessor{scope_.at(before.stream()).writer, before.counter()};
  }
  return header.start->epoch == row.epoch && header.start->predecessor == predecessor &&
         certificate.ok() &&
         (header.start->certificate.empty() || header.start->certificate == (*certificate)->bytes);
}

Status ScopeVerifier::read_pending(const StreamRow& row) {
  PendingStream pending;
  pending.stream = row.no;
  pending.predecessor = row.predecessor;
  pending.shared = row.shared;
  pending.folded = row.shared;
  pending.aside = row.aside;
  TRY_ASSIGN(pending.admitted, admitted(core_, scope_, row));
  std::vector<Event> events;
  if (row.held > row.shared) {
    Result<std::vector<Event>> read = core_.log.events(scope_, row, row.shared + 1, row.held);
    if (!read.ok() && !is_damage(read.error())) return read.error();
    if (!read.ok()) {
      differs("the events of stream " + to_text(Dot{row.writer, row.held}) + " cannot be read");
      return {};
    }
    events = std::move(*read);
  }
  TRY_ASSIGN(const std::vector<Bytes> tail, core_.log.tail(row.no));
  for (const Bytes& bytes : tail) {
    TRY_ASSIGN(Event event, read_canonical(bytes));
    events.push_back(std::move(event));
    ++report_.events;
  }
  for (Event& event : events) {
    const Ref ref(row.no, row.shared + static_cast<std::uint32_t>(pending.events.size()) + 1);
    pending.events.push_back(with_local_names(std::move(event), ref, scope_, core_.words));
  }
  pending_.push_back(std::move(pending));
  return {};
}

Status ScopeVerifier::fold() {
  fold_ready(pending_, NothingFolded(scope_), [&](MergeEvent& event) {
    orders_[event.ref] = event.order;
    const bool makes = event.entity.none() || event.entity == event.ref;
    const auto at = makes ? states_.try_emplace(event.entity).first : states_.find(event.entity);
    // As in FoldBatch: on what no event created, nothing can be changed.
    if (at != states_.end()) apply(event, scope_, at->second, items_[event.entity]);
  });
  for (const PendingStream& stream : pending_) {
    const StreamRow& row = scope_.at(stream.stream);
    if (stream.folded != row.folded || (stream.folded > 0 && stream.order != row.folded_order)) {
      differs("what is folded of stream " + to_text(Dot{row.writer, row.folded}));
    }
  }
  report_.entities += states_.size();
  for (const auto& [ref, state] : states_) {
    add_to_digest(scope_.scope(), state, items_[ref], scope_, core_.words, digest_);
  }
  return {};
}

Status ScopeVerifier::compare_state() {
  bool readable = true;
  TRY(core_.entities.for_each(scope_, [&](const EntityRow& row) -> Status {
    const Result<EntityState> state = row.decode();
    if (!state.ok()) {
      readable = false;
      differs("the state of " + to_text(scope_.dot(row.ref)) + " cannot be read");
    } else if (!orders_fit(*state)) {
      differs("an order in the state of " + to_text(scope_.dot(row.ref)));
    }
    return {};
  }));
  if (!readable) return {};
  HashSum stored;
  TRY(add_stored_digest(core_, scope_, stored));
  if (!(stored == digest_)) differs("the state and its digest");
  return {};
}

/// The digest has no orders, but they decide what is shown.
bool ScopeVerifier::orders_fit(const EntityState& state) const {
  const auto fits = [&](Ref ref, std::uint64_t order) {
    const auto at = orders_.find(ref);
    return at != orders_.end() && at->second == order;
  };
  const auto each = [&](const auto& all) {
    return std::all_of(all.begin(), all.end(),
                       [&](const auto& one) { return fits(one.ref, one.order); });
  };
  return (state.create.none() || fits(state.create, state.create_order)) && each(state.writes) &&
         each(state.tips) && each(state.removals);
}

Status add_stored_digest(StoreCore& core, ScopeStreams& scope, HashSum& sum) {
  return core.entities.for_each(scope, [&](const EntityRow& row) -> Status {
    TRY_ASSIGN(const EntityState state, row.decode());
    TRY_ASSIGN(const std::vector<AppendedItem> items, core.entities.items(row.ref));
    add_to_digest(scope.scope(), state, items, scope, core.words, sum);
    return {};
  });
}

Result<VerifyReport> Store::verify() {
  VerifyReport report;
  HashSum sum;
  TRY_ASSIGN(const std::vector<Scope> scopes, core_->all_scopes());
  for (const Scope scope : scopes) {
    const std::uint64_t before = report.events;
    TRY_ASSIGN(ScopeStreams * streams, core_->scope(scope));
    ScopeVerifier verifier(*core_, *streams, report);
    TRY(verifier.run());
    report.by_scope.push_back({scope, report.events - before, verifier.digest().bytes()});
    sum.add(report.by_scope.back().digest);
  }
  report.digest = sum.bytes();
  return report;
}

Result<Hash> Store::state_digest(Scope scope) {
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  HashSum sum;
  if (streams != nullptr) TRY(add_stored_digest(*core_, *streams, sum));
  return sum.bytes();
}

Result<Hash> Store::state_digest() {
  HashSum sum;
  TRY_ASSIGN(const std::vector<Scope> scopes, core_->all_scopes());
  for (const Scope scope : scopes) {
    TRY_ASSIGN(const Hash digest, state_digest(scope));
    sum.add(digest);
  }
  return sum.bytes();
}

namespace {

struct Arrived {
  std::int64_t order;  ///< of arrival; own tail last
  LoggedEvent event;
};

}  // namespace

Result<std::vector<LoggedEvent>> Store::history(Scope scope, const Dot& entity, std::size_t limit) {
  std::vector<LoggedEvent> out;
  TRY_ASSIGN(ScopeStreams * streams, known_scope(scope));
  if (streams == nullptr) return out;
  std::vector<Arrived> all;
  for (const auto& row : streams->rows()) {
    const auto add = [&](std::int64_t order, std::uint32_t counter, Event event) {
      const Dot dot{row->writer, counter};
      const bool of_entity = entity.none() || dot == entity || event.entity == entity;
      if (!of_entity) return;
      all.push_back({order,
                     {scope, dot, row->author.device, row->unit, std::move(event),
                      counter <= row->folded, row->aside != 0 && counter >= row->aside}});
    };
    TRY_ASSIGN(const std::vector<SegmentRef> segments, core_->log.segments(*streams, *row, 0));
    std::uint32_t next = row->shared + 1;
    for (const SegmentRef& ref : segments) {
      TRY_ASSIGN(const Bytes bytes, core_->log.bytes(ref.ordinal));
      TRY_ASSIGN(DecodedSegment decoded, read_segment(bytes, *streams));
      for (std::size_t i = 0; i < decoded.segment.events.size(); ++i) {
        if (ref.first + i != next) continue;  // overlaps, or is not the branch's own
        add(ref.ordinal, next++, std::move(decoded.segment.events[i]));
      }
    }
    TRY_ASSIGN(const std::vector<Bytes> tail, core_->log.tail(row->no));
    for (const Bytes& bytes : tail) {
      TRY_ASSIGN(Event event, read_canonical(bytes));
      add(INT64_MAX, next++, std::move(event));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Arrived& a, const Arrived& b) { return a.order < b.order; });
  const std::size_t from = limit != 0 && all.size() > limit ? all.size() - limit : 0;
  for (std::size_t i = from; i < all.size(); ++i) out.push_back(std::move(all[i].event));
  return out;
}

}  // namespace lalanh
