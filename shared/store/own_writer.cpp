#include "shared/store/own_writer.h"

#include <algorithm>

#include "shared/event/named.h"

namespace lalanh {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
/// How far the wall clock and the steady one may part before the machine counts as copied or
/// frozen: a corrected clock costs no more than a new epoch.
constexpr std::int64_t kPartMs = 5 * 60'000;
/// Clocks before this program was written, or ten years after, are wrong.
constexpr std::int64_t kBuiltMs = 1'790'000'000'000;
constexpr std::int64_t kTenYearsMs = 3'653 * kDayMs;

}  // namespace

Status OwnWriter::start() {
  if (core_.options.memory) return resume(*core_.options.memory);
  new_epoch();
  TRY_ASSIGN(const std::int64_t newest, core_.meta("newest_event_ms", 0));
  TRY_ASSIGN(const std::int64_t seen, core_.meta("parent_seen_ms", 0));
  newest_ = TimeMs(newest);
  parent_seen_ = TimeMs(seen);
  return seal();
}

OwnMemory OwnWriter::memory() const {
  OwnMemory out{epoch_, epoch_steady_ms_, epoch_wall_ms_, newest_, parent_seen_, {}};
  for (const auto& [no, open] : open_) {
    out.open.push_back({open.scope->scope(), open.row->writer, open.last, open.hash});
  }
  return out;
}

Status OwnWriter::resume(const OwnMemory& memory) {
  epoch_ = memory.epoch;
  epoch_steady_ms_ = memory.epoch_steady_ms;
  epoch_wall_ms_ = memory.epoch_wall_ms;
  newest_ = memory.newest;
  parent_seen_ = memory.parent_seen;
  for (const OwnMemory::Open& open : memory.open) {
    TRY_ASSIGN(ScopeStreams * scope, core_.scope(open.scope));
    StreamRow* row = scope->find(open.writer);
    open_[scope->no()] = {scope, row, open.last, open.hash};
    row->own = true;
    row->own_last = open.last;
  }
  return take_up_tails();
}

/// As with each event of a tail: the table of streams follows when it is sealed.
Status OwnWriter::take_up_tails() {
  TRY_ASSIGN(const std::vector<std::uint32_t> streams, core_.log.streams_with_tail());
  for (const std::uint32_t stream : streams) {
    TRY_ASSIGN(ScopeStreams * scope, scope_of(stream));
    StreamRow& row = scope->at(stream);
    TRY_ASSIGN(const std::vector<Bytes> tail, core_.log.tail(stream));
    row.own = true;
    row.own_last = row.held + static_cast<std::uint32_t>(tail.size());
    if (row.folded >= row.own_last) continue;
    for (const Bytes& bytes : tail) {
      TRY_ASSIGN(const Event event, read_canonical(bytes));
      row.folded_order = counted_order(event.order, row.folded_order);
    }
    row.folded = row.own_last;
    scope->raise_order(row.folded_order);
  }
  return {};
}

Result<ScopeStreams*> OwnWriter::scope_of(std::uint32_t stream) {
  TRY_ASSIGN(Statement select, core_.db->prepare("SELECT scope FROM stream WHERE no=?"));
  select.bind(1, stream);
  TRY_ASSIGN(const bool found, select.step());
  if (!found) {
    return Error{ErrorCode::store_corrupt, {{"path", core_.db->path()}, {"why", "table tail"}}};
  }
  return core_.scope_by_no(select.integer(0));
}

void OwnWriter::new_epoch() {
  // Random alone repeats in a resumed machine, so the clocks and the key are mixed in.
  std::array<std::uint8_t, 32> random{};
  core_.options.random->fill(random);
  epoch_steady_ms_ = core_.options.clock->steady_ms();
  epoch_wall_ms_ = core_.options.clock->now().value;
  const std::string clocks =
      std::to_string(epoch_steady_ms_) + "/" + std::to_string(epoch_wall_ms_);
  const Hash mixed = blake2b({as_bytes("lalanh epoch 1"), random, as_bytes(clocks), epoch_,
                              core_.options.key->public_key()});
  epoch_ = hash_front<8>(mixed);
  open_.clear();
}

ClockGrade OwnWriter::grade(TimeMs now) {
  if (now.value < kBuiltMs || now.value > kBuiltMs + kTenYearsMs || now < newest_) {
    return ClockGrade::kBad;
  }
  const bool synced = parent_seen_.value != 0 && now.value - parent_seen_.value < 7 * kDayMs;
  return synced ? ClockGrade::kGood : ClockGrade::kDrifting;
}

Status OwnWriter::note_parent_time(TimeMs parent) {
  parent_seen_ = core_.options.clock->now();
  newest_ = TimeMs(0);  // measured anew from here
  TRY(core_.set_meta("parent_seen_ms", parent_seen_.value));
  return core_.set_meta("parent_time_ms", parent.value);
}

Result<OwnWriter::Open*> OwnWriter::open_stream(ScopeStreams& scope) {
  const std::int64_t wall = core_.options.clock->now().value - epoch_wall_ms_;
  const std::int64_t steady = core_.options.clock->steady_ms() - epoch_steady_ms_;
  if (steady > kDayMs || wall - steady > kPartMs || steady - wall > kPartMs) new_epoch();
  if (const auto at = open_.find(scope.no()); at != open_.end()) {
    // Beyond what was written here: a copy of this running program writes under the same name.
    if (at->second.row->held > at->second.last) new_epoch();
  }
  Open& open = open_[scope.no()];
  if (open.row != nullptr && open.last < core_.options.stream_events_max) return &open;
  TRY_ASSIGN(StreamRow begun, begin_stream(scope));
  if (scope.find(begun.writer) != nullptr) {
    // A copy of this running program has begun it first.
    new_epoch();
    return open_stream(scope);
  }
  open.hash = begun.start_hash;
  open.last = 0;
  TRY_ASSIGN(open.row, core_.insert_stream(scope, std::move(begun)));
  open.scope = &scope;
  // Where this key is revoked, what it writes is set aside from the beginning.
  TRY(core_.update_aside(scope));
  return &open;
}

Result<StreamRow> OwnWriter::begin_stream(ScopeStreams& scope) {
  StreamRow row;
  row.own = true;
  row.epoch = epoch_;
  TRY_ASSIGN(row.certificate, core_.keep_certificate(core_.options.certificate));
  std::optional<Predecessor> predecessor;
  Hash hash{};
  for (auto at = scope.rows().rbegin(); at != scope.rows().rend(); ++at) {
    const StreamRow& before = **at;
    if (!before.own || before.own_last == 0) continue;
    if (before.key != core_.options.key->public_key()) break;  // a new key begins a new line
    row.predecessor = Ref(before.no, before.own_last);
    row.folded_order = scope.order_at(row.predecessor);
    predecessor = Predecessor{before.writer, before.own_last};
    TRY_ASSIGN(hash, core_.log.hash_at(scope, before, before.own_last));
    break;
  }
  row.start_hash =
      stream_hash(scope.scope(), core_.options.certificate.bytes, epoch_, predecessor, hash);
  row.head = row.start_hash;
  row.writer = writer_of(row.start_hash);
  return row;
}

/// An author names only what is folded here.
Status OwnWriter::check_names(const ScopeStreams& scope, const Event& event) const {
  Dot unknown;
  each_named(event, [&](const Dot& dot) {
    const Ref ref = scope.ref(dot);
    if (ref.none() || ref.counter() > scope.at(ref.stream()).folded) unknown = dot;
  });
  if (unknown.none()) return {};
  return Error{ErrorCode::register_not_found, {{"what", to_text(unknown)}}};
}

/// One event must fit into a segment: what cannot be sent is not taken.
Status OwnWriter::check_size(const Event& event, ByteView canonical) const {
  constexpr std::size_t kFront = 2 * limits::kCertificateBytesMax;
  constexpr std::size_t kMax = limits::kSegmentBytesMax - kFront;
  const auto too_large = [](std::size_t max) {
    return Error{ErrorCode::input_too_large, {{"max", std::to_string(max)}}};
  };
  if (canonical.size() > limits::kEventBytesMax) return too_large(limits::kEventBytesMax);
  if (canonical.size() <= kMax) return {};
  struct NoNames : StreamNames {
    std::optional<WriterId> predecessor(const WriterId&) const override { return {}; }
    bool knows(const WriterId&) const override { return false; }
  };
  SegmentHeader header;
  header.first = 2;
  header.count = 1;
  if (write_segment(header, {&event, 1}, NoNames{}).size() > kMax) return too_large(kMax);
  return {};
}

Result<Dot> OwnWriter::add(FoldBatch& batch, ScopeStreams& scope, Event event) {
  event.time = core_.options.clock->now();
  event.grade = grade(event.time);
  event.order = scope.order_max() + 1;
  TRY(check_event(event));
  TRY(check_names(scope, event));
  Bytes canonical;
  write_canonical(event, canonical);
  TRY(check_size(event, canonical));
  if (!event.creates() && !event.entity.none()) {
    TRY_ASSIGN(const EntityState* there, batch.state(scope, scope.ref(event.entity)));
    if (there == nullptr) {
      return Error{ErrorCode::register_not_found, {{"what", to_text(event.entity)}}};
    }
  }
  TRY_ASSIGN(Open * open, open_stream(scope));
  StreamRow& row = *open->row;
  const Ref ref(row.no, open->last + 1);
  TRY(core_.log.add_tail(ref, canonical));
  if (revokes(event)) TRY(core_.keep_revoke(scope, ref, event));
  open->hash = chain_hash(open->hash, canonical);
  open->last = ref.counter();
  newest_ = (std::max)(newest_, event.time);
  MergeEvent local = with_local_names(std::move(event), ref, scope, core_.words);
  local.order = counted_order(local.order, row.folded_order);
  row.folded = ref.counter();
  row.folded_order = local.order;
  row.own_last = ref.counter();
  if (row.aside != 0) TRY(core_.look_again(scope));
  scope.raise_order(local.order);
  if (!scope.set_aside(ref)) TRY(batch.apply(scope, local));
  return Dot{row.writer, ref.counter()};
}

Result<bool> OwnWriter::has_tail() {
  TRY_ASSIGN(const std::int64_t there, core_.db->integer("SELECT EXISTS (SELECT 1 FROM tail)"));
  return there != 0;
}

Status OwnWriter::seal() {
  TRY_ASSIGN(const bool tail, has_tail());
  if (!tail) return {};
  StoreCore::Ahead ahead(core_);
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_.db));
  TRY(seal_within());
  TRY(core_.failure());
  TRY(transaction.commit());
  ahead.keep();
  ++core_.version;
  return {};
}

Status OwnWriter::seal_within() {
  TRY_ASSIGN(const std::vector<std::uint32_t> streams, core_.log.streams_with_tail());
  // In the order of their numbers: a predecessor before what follows it.
  for (const std::uint32_t stream : streams) {
    TRY_ASSIGN(ScopeStreams * scope, scope_of(stream));
    TRY(seal_stream(*scope, scope->at(stream)));
    TRY(core_.save_heads(*scope));
  }
  return core_.set_meta("newest_event_ms", newest_.value);
}

Status OwnWriter::seal_stream(ScopeStreams& scope, StreamRow& row) {
  if (row.key != core_.options.key->public_key()) {
    return Error{ErrorCode::trust_bad_certificate,
                 {{"why", "work of an earlier key is not sealed; open with that key first"}}};
  }
  TRY_ASSIGN(const std::vector<Bytes> tail, core_.log.tail(row.no));
  std::vector<Event> events;
  std::vector<Hash> hashes;
  Hash hash = row.head;
  // The row may be of before the tail (a crash): its state was folded with each event.
  std::uint64_t order = row.folded_order;
  const bool stale = row.folded < row.held + tail.size();
  for (const Bytes& bytes : tail) {
    TRY_ASSIGN(Event event, read_canonical(bytes));
    hash = chain_hash(hash, bytes);
    if (stale) order = counted_order(event.order, order);
    newest_ = (std::max)(newest_, event.time);
    events.push_back(std::move(event));
    hashes.push_back(hash);
  }
  row.own = true;
  row.folded = row.held + static_cast<std::uint32_t>(tail.size());
  row.own_last = row.folded;
  row.folded_order = order;
  scope.raise_order(order);
  TRY(write_segments(scope, row, events, hashes));
  TRY(core_.update_stream(row));
  return core_.log.drop_tail(row.no);
}

Status OwnWriter::write_segments(ScopeStreams& scope, StreamRow& row, std::span<const Event> events,
                                 std::span<const Hash> hashes) {
  constexpr std::size_t kEventsOfOne = 8'192;
  std::size_t at = 0;
  std::size_t run = kEventsOfOne;
  while (at < events.size()) {
    run = (std::min)(run, events.size() - at);
    SegmentHeader header;
    header.scope = scope.scope();
    header.writer = row.writer;
    header.first = row.held + 1;
    header.count = static_cast<std::uint32_t>(run);
    if (header.first == 1) {
      header.start = StreamStart{row.epoch, std::nullopt, {}};
      TRY_ASSIGN(const Certificate* own, core_.certificate(row.certificate));
      header.start->certificate = own->bytes;
      if (!row.predecessor.none()) {
        const StreamRow& before = scope.at(row.predecessor.stream());
        header.start->predecessor = Predecessor{before.writer, row.predecessor.counter()};
        if (before.certificate == row.certificate) header.start->certificate.clear();
      }
    }
    const Hash& last = hashes[at + run - 1];
    header.signature =
        core_.options.key->sign(signed_bytes(scope.scope(), row.writer, header.last(), last));
    const Bytes bytes = write_segment(header, events.subspan(at, run), scope);
    if (bytes.size() > limits::kSegmentBytesMax && run > 1) {
      run /= 2;
      continue;
    }
    TRY(core_.log.append(row.no, header.first, header.last(), last, core_.options.clock->now(),
                         bytes));
    core_.move_head(scope, row, header.last(), last);
    at += run;
  }
  return {};
}

}  // namespace lalanh
