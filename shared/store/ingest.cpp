#include "shared/store/ingest.h"

#include <algorithm>
#include <iterator>

namespace lalanh {
namespace {

std::string place(const Taken& taken) {
  return to_text(taken.scope) + "/" + to_text(Dot{taken.writer, taken.first});
}

/// Errors that are the segment's fault, not the database's.
bool is_refusal(const Error& error) {
  const std::string_view domain = error.domain();
  return domain == "format" || domain == "trust";
}

/// Pairs are only ever gained: where a unit is not known yet the stream waits. Where both are
/// known, it is refused by name today, and asked for again once the tree has grown.
Allowed lies_below(const UnitTree& tree, UnitNo unit, UnitNo above) {
  if (tree.is_or_ever_was_below(unit, above)) return Allowed::kYes;
  return tree.knows(unit) && tree.knows(above) ? Allowed::kNo : Allowed::kWait;
}

}  // namespace

Allowed may_write(const UnitTree& tree, Scope scope, UnitNo unit, std::uint32_t rights) {
  const std::uint32_t needed = scope.channel == Channel::kRecords ? kWriteRecords : kWriteReference;
  if ((rights & needed) == 0) return Allowed::kNo;
  return lies_below(tree, scope.unit, unit);
}

Allowed units_fit(const UnitTree& tree, std::span<const CertificateLink> chain) {
  Allowed out = Allowed::kYes;
  for (std::size_t i = 1; i < chain.size(); ++i) {
    const Allowed here = lies_below(tree, chain[i].unit, chain[i - 1].unit);
    if (here == Allowed::kNo) return here;
    if (here == Allowed::kWait) out = here;
  }
  return out;
}

Result<Taken> Ingest::take(ByteView bytes) { return take_from(bytes, false); }

Result<Taken> Ingest::take_from(ByteView bytes, bool from_aside) {
  Taken taken;
  Verified v;
  v.prepared = core_.reader.claim(bytes);
  const Status status = verify(bytes, v, taken);
  if (!status.ok()) {
    if (!is_refusal(status.error())) return status.error();
    taken.verdict = TakeVerdict::kRefused;
    taken.reason = status.error();
    return taken;
  }
  if (taken.verdict == TakeVerdict::kAside) {
    if (!from_aside) TRY(put_aside(taken.scope, bytes));
  } else if (taken.verdict == TakeVerdict::kTaken) {
    TRY(keep(bytes, v, taken));
  }
  return taken;
}

Status Ingest::verify(ByteView bytes, Verified& v, Taken& taken) {
  taken.verdict = TakeVerdict::kTaken;
  TRY_ASSIGN(v.segment.header, read_segment_header(bytes));
  const SegmentHeader& header = v.segment.header;
  taken.scope = header.scope;
  taken.writer = header.writer;
  taken.first = header.first;
  taken.count = header.count;
  TRY_ASSIGN(v.scope, core_.known(header.scope));
  if (v.scope == nullptr) v.scope = &v.nothing.emplace(0, header.scope);
  v.row = v.scope->find(header.writer);
  for (const StreamRow* row = v.row; row != nullptr; row = row->next_branch) {
    if (row->held < header.last()) continue;
    TRY_ASSIGN(const bool known, core_.log.has(row->no, header.first, bytes));
    if (known) {
      taken.verdict = TakeVerdict::kKnown;
      return {};
    }
  }
  Hash before{};
  TRY(find_stream(v, taken, before));
  if (taken.verdict == TakeVerdict::kAside) return {};
  TRY(read(bytes, before, v, taken));
  if (taken.verdict == TakeVerdict::kAside) return {};
  TRY(check_rights(v, taken));
  if (v.row != nullptr && v.row->next_branch != nullptr) {
    TRY(find_branch(v, taken, before));
  } else if (v.hashes.empty()) {
    TRY(check_chain(before, v, taken));
  }
  return check_overlap(v, taken);
}

/// The segment's events: as they were prepared, where that was done from the very head and key
/// that count here; else decoded.
Status Ingest::read(ByteView bytes, const Hash& before, Verified& v, Taken& taken) {
  const StreamRow& row = v.row == nullptr ? v.fresh : *v.row;
  std::optional<SegmentReader::Prepared>& prepared = v.prepared;
  if (prepared) memory_ += prepared->memory;
  if (row.next_branch != nullptr) prepared.reset();  // which one it goes on from is not known
  if (prepared && !prepared->hashes.empty() && prepared->before == before &&
      prepared->key == row.key) {
    v.hashes = std::move(prepared->hashes);
    if (prepared->numbered && same_words(*prepared->numbered, core_.words)) {
      v.numbered = std::move(prepared->numbered);
      return {};
    }
  }
  if (prepared && !prepared->events.empty()) {
    v.segment.events = std::move(prepared->events);
    return {};
  }
  prepared.reset();
  TRY_ASSIGN(DecodedSegment decoded, read_segment(bytes, *v.scope));
  memory_ += memory_of(decoded.segment.events);
  if (decoded.unresolved) {
    taken.verdict = TakeVerdict::kAside;
    taken.reason = Error{ErrorCode::format_malformed,
                         {{"where", place(taken)}, {"why", "it names events that are not here"}}};
    return {};
  }
  TRY(check_causes(decoded.segment));
  v.segment = std::move(decoded.segment);
  return {};
}

/// `before` becomes h just before the segment's first event.
Status Ingest::find_stream(Verified& v, Taken& taken, Hash& before) {
  const SegmentHeader& header = v.segment.header;
  const auto aside = [&](const char* why) {
    taken.verdict = TakeVerdict::kAside;
    taken.reason = Error{ErrorCode::format_malformed, {{"where", place(taken)}, {"why", why}}};
  };
  if (v.row == nullptr) {
    if (!header.start) {
      aside("the stream's beginning is not here");
      return {};
    }
    return begin_stream(v, taken, before);
  }
  // A copy of this database has sealed our open tail, or gone on from its middle.
  if (header.last() > v.row->held) TRY(seal_own(*v.row));
  std::uint32_t held = 0;
  for (const StreamRow* row = v.row; row != nullptr; row = row->next_branch) {
    held = (std::max)(held, row->held);
  }
  if (header.first > held + 1) {
    aside("the events before it are not here");
    return {};
  }
  if (v.row->next_branch != nullptr) return {};
  TRY_ASSIGN(before, core_.log.hash_at(*v.scope, *v.row, header.first - 1));
  return {};
}

/// The row with the event that the stream follows, and the event's hash; nullptr where it is not
/// here. Of branches the one that the writer's name speaks of; any where none fits.
Result<const StreamRow*> Ingest::find_predecessor(const Verified& v, Hash& hash) {
  const StreamStart& start = *v.segment.header.start;
  const std::uint32_t counter = start.predecessor->counter;
  const StreamRow* first = v.scope->find(start.predecessor->writer);
  if (first == nullptr) return first;
  if (first->held < counter) TRY(seal_own(*first));
  const StreamRow* any = nullptr;
  for (const StreamRow* row = first; row != nullptr; row = row->next_branch) {
    if (row->held < counter || counter <= row->shared) continue;
    TRY_ASSIGN(const Hash here, core_.log.hash_at(*v.scope, *row, counter));
    if (any == nullptr) hash = here;
    any = any == nullptr ? row : any;
    if (first->next_branch == nullptr) break;
    TRY_ASSIGN(const Bytes certificate, certificate_of(v, *row));
    const Hash name =
        stream_hash(v.segment.header.scope, certificate, start.epoch, start.predecessor, here);
    if (!(writer_of(name) == v.segment.header.writer)) continue;
    hash = here;
    return row;
  }
  return any;
}

/// The one that the stream carries, or that of the row which it follows.
Result<Bytes> Ingest::certificate_of(const Verified& v, const StreamRow& previous) {
  const StreamStart& start = *v.segment.header.start;
  if (!start.certificate.empty()) return Bytes(start.certificate);
  TRY_ASSIGN(const Certificate* inherited, core_.certificate(previous.certificate));
  return inherited->bytes;
}

Status Ingest::begin_stream(Verified& v, Taken& taken, Hash& before) {
  const StreamStart& start = *v.segment.header.start;
  StreamRow& fresh = v.fresh;
  fresh.writer = v.segment.header.writer;
  fresh.epoch = start.epoch;
  Hash predecessor_hash{};
  const StreamRow* previous = nullptr;
  if (start.predecessor) {
    TRY_ASSIGN(previous, find_predecessor(v, predecessor_hash));
    if (previous == nullptr) {
      taken.verdict = TakeVerdict::kAside;
      taken.reason = Error{ErrorCode::format_malformed,
                           {{"where", place(taken)}, {"why", "its predecessor is not here"}}};
      return {};
    }
    fresh.predecessor = Ref(previous->no, start.predecessor->counter);
  }
  Certificate& certificate = v.certificate;
  if (start.certificate.empty()) {
    TRY_ASSIGN(const Certificate* inherited, core_.certificate(previous->certificate));
    certificate = *inherited;
  } else {
    TRY_ASSIGN(certificate, read_certificate(start.certificate, core_.options.root_key));
  }
  if (previous != nullptr && previous->key != certificate.device().key) {
    return Error{ErrorCode::trust_bad_certificate,
                 {{"why", "its key is not that of the stream before"}}};
  }
  before =
      stream_hash(taken.scope, certificate.bytes, start.epoch, start.predecessor, predecessor_hash);
  if (!(writer_of(before) == fresh.writer)) {
    return Error{ErrorCode::format_bad_chain, {{"where", place(taken)}}};
  }
  const CertificateLink& device = certificate.device();
  if (units_fit(core_.tree(), certificate.chain) == Allowed::kNo) {
    return Error{ErrorCode::trust_bad_certificate,
                 {{"why", "its unit is not known to lie below its issuer's"}}};
  }
  if (may_write(core_.tree(), taken.scope, device.unit, device.rights) == Allowed::kNo) {
    return Error{
        ErrorCode::trust_not_allowed,
        {{"device", std::to_string(device.device.value)}, {"scope", to_text(taken.scope)}}};
  }
  fresh.start_hash = before;
  fresh.head = before;
  fresh.key = device.key;
  fresh.rights = device.rights;
  fresh.author = {fresh.writer, device.device, device.rank};
  return {};
}

Status Ingest::check_rights(const Verified& v, const Taken& taken) const {
  const StreamRow& row = v.row == nullptr ? v.fresh : *v.row;
  const auto allowed = [&](const auto& event) {
    return std::all_of(event.ops.begin(), event.ops.end(), [&](const auto& op) {
      return (op.kind != OpKind::kDecide || (row.rights & kDecide) != 0) &&
             (op.kind != OpKind::kRevoke || (row.rights & kRevoke) != 0);
    });
  };
  const bool all = v.numbered
                       ? std::all_of(v.numbered->events.begin(), v.numbered->events.end(), allowed)
                       : std::all_of(v.segment.events.begin(), v.segment.events.end(), allowed);
  if (all) return {};
  return Error{
      ErrorCode::trust_not_allowed,
      {{"device", std::to_string(row.author.device.value)}, {"scope", to_text(taken.scope)}}};
}

Status Ingest::check_chain(const Hash& before, Verified& v, Taken& taken) {
  const StreamRow& row = v.row == nullptr ? v.fresh : *v.row;
  std::optional<std::vector<Hash>> chain = chain_of(before, v.segment.events);
  if (!chain) {
    return Error{ErrorCode::format_limit,
                 {{"where", place(taken)}, {"limit", "kSegmentCanonicalMax"}}};
  }
  v.hashes = std::move(*chain);
  const SegmentHeader& header = v.segment.header;
  if (!lalanh::verify(row.key,
                      signed_bytes(header.scope, header.writer, header.last(), v.hashes.back()),
                      header.signature)) {
    // A bad chain shows here too: the signature is over the last hash.
    return Error{ErrorCode::format_bad_signature, {{"where", place(taken)}}};
  }
  return {};
}

Status Ingest::keep(ByteView bytes, Verified& v, Taken& taken) {
  TRY_ASSIGN(v.scope, core_.scope(taken.scope));
  ScopeStreams& scope = *v.scope;
  const SegmentHeader& header = v.segment.header;
  if (v.row == nullptr) {
    if (v.fresh.branch == 0) {
      TRY_ASSIGN(v.fresh.certificate, core_.keep_certificate(v.certificate));
    }
    TRY_ASSIGN(v.row, core_.insert_stream(scope, std::move(v.fresh)));
  }
  TRY(core_.log.append(v.row->no, header.first, header.last(), v.hashes.back(),
                       core_.options.clock->now(), bytes));
  core_.move_head(scope, *v.row, header.last(), v.hashes.back());
  TRY(core_.update_stream(*v.row));
  // What is on an entity that is held now, and set aside, waits for nothing else.
  if (v.row->aside != 0) TRY(core_.look_again(scope));
  TRY(keep_revokes(v));
  keep_events(v);
  TRY(core_.teach_reader(*v.row));
  taken.new_events = header.count - v.known;
  touched_.insert(scope.no());
  return {};
}

/// Only where all that is held is folded can the new events be folded from memory; else the
/// stream's rest is read from the log.
void Ingest::keep_events(Verified& v) {
  if (v.scope->has_branches()) {
    fresh_.clear();  // a name may be that of a branch that has just come
    return;
  }
  const std::uint32_t stream = v.row->no;
  std::vector<MergeEvent>& fresh = fresh_[stream];
  if (v.row->folded + fresh.size() != v.segment.header.first + v.known - 1) return;
  const auto known = static_cast<std::ptrdiff_t>(v.known);
  if (v.numbered) {
    give_stream(*v.numbered, stream);
    std::vector<MergeEvent>& events = v.numbered->events;
    if (fresh.empty() && known == 0) {
      fresh = std::move(events);
    } else {
      fresh.insert(fresh.end(), std::make_move_iterator(events.begin() + known),
                   std::make_move_iterator(events.end()));
    }
    return;
  }
  std::vector<Event>& events = v.segment.events;
  fresh.reserve(fresh.size() + events.size());
  for (std::size_t i = v.known; i < events.size(); ++i) {
    const Ref ref(stream, v.segment.header.first + static_cast<std::uint32_t>(i));
    fresh.push_back(with_local_names(std::move(events[i]), ref, *v.scope, core_.words));
  }
}

/// Seals what this program has not sealed yet, where that is what the stream lacks.
Status Ingest::seal_own(const StreamRow& row) {
  if (row.own_last <= row.held) return {};
  return writer_.seal_within();
}

}  // namespace lalanh
