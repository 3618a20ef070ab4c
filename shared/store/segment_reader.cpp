#include "shared/store/segment_reader.h"

#include <algorithm>

#include "shared/trust/certificate.h"

namespace lalanh {
namespace {

/// Only the stream's own events can be named.
struct OwnNames : StreamNames {
  std::optional<WriterId> predecessor(const WriterId&) const override { return {}; }
  bool knows(const WriterId&) const override { return false; }
};

}  // namespace

std::optional<std::vector<Hash>> chain_of(const Hash& before, std::span<const Event> events) {
  std::vector<Hash> out;
  out.reserve(events.size());
  Bytes canonical;
  std::size_t total = 0;
  Hash hash = before;
  for (const Event& event : events) {
    canonical.clear();
    write_canonical(event, canonical);
    total += canonical.size();
    if (canonical.size() > limits::kEventBytesMax || total > limits::kSegmentCanonicalMax) {
      return std::nullopt;
    }
    hash = chain_hash(hash, canonical);
    out.push_back(hash);
  }
  return out;
}

std::size_t memory_of(std::span<const Event> events) {
  std::size_t out = events.size_bytes();
  for (const Event& event : events) {
    out += event.actor.size() + event.verb.size() + event.extras.size();
    out += event.ops.size() * sizeof(Op);
    for (const Op& op : event.ops) {
      out += op.name.size() + ValueParts::text(op.value).size() + op.payload.size();
      out += op.extras.size() + (op.base.size() + op.tips.size()) * sizeof(Dot);
    }
  }
  return out;
}

/// What is set apart while a segment is read; given back whichever way that ends.
class SegmentReader::Place {
 public:
  explicit Place(SegmentReader& reader) : reader_(reader) {}
  ~Place() {
    const std::lock_guard lock(reader_.mutex_);
    --reader_.reading_;
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  SegmentReader& reader_;
};

bool SegmentReader::reserve() {
  const std::lock_guard lock(mutex_);
  if (memory_ + (reading_ + 1) * limits::kPreparingMemory <= limits::kPreparedMemoryMax) {
    ++reading_;
    return true;
  }
  if (reading_ == 0 && !prepared_.empty()) {
    memory_ -= prepared_.front().memory;
    prepared_.pop_front();
  }
  return false;
}

bool SegmentReader::prepare(ByteView bytes) {
  if (!reserve()) return false;
  const Place place(*this);
  Result<DecodedSegment> read = read_segment(bytes, OwnNames{});
  if (!read.ok() || read->unresolved || !check_causes(read->segment).ok()) return true;
  Prepared out;
  out.memory = sizeof(Prepared) + bytes.size() + memory_of(read->segment.events);
  out.bytes.assign(bytes.begin(), bytes.end());
  Segment& segment = read->segment;
  if (check_ahead(segment, out)) {
    out.numbered =
        number_events(segment.header.writer, segment.header.first, segment.events, words_);
  }
  if (!out.numbered) out.events = std::move(segment.events);
  const std::lock_guard lock(mutex_);
  const std::size_t memory = out.memory;
  prepared_.push_back(std::move(out));
  memory_ += memory;
  return true;
}

std::size_t SegmentReader::memory() {
  const std::lock_guard lock(mutex_);
  return memory_ + reading_ * limits::kPreparingMemory;
}

/// Chain and signature, where the head before it is known.
bool SegmentReader::check_ahead(const Segment& segment, Prepared& out) {
  const SegmentHeader& header = segment.header;
  std::optional<Head> head = before(header);
  if (!head) return false;
  std::optional<std::vector<Hash>> chain = chain_of(head->hash, segment.events);
  if (!chain ||
      !verify(head->key, signed_bytes(header.scope, header.writer, header.last(), chain->back()),
              header.signature)) {
    return false;
  }
  out.before = head->hash;
  out.key = head->key;
  out.hashes = std::move(*chain);
  head->held = header.last();
  head->hash = out.hashes.back();
  learn(header.writer, *head);
  return true;
}

std::optional<SegmentReader::Prepared> SegmentReader::claim(ByteView bytes) {
  const std::lock_guard lock(mutex_);
  const auto at = std::find_if(prepared_.begin(), prepared_.end(), [&](const Prepared& one) {
    return std::equal(one.bytes.begin(), one.bytes.end(), bytes.begin(), bytes.end());
  });
  if (at == prepared_.end()) return std::nullopt;
  std::optional<Prepared> out(std::move(*at));
  memory_ -= out->memory;
  prepared_.erase(at);
  return out;
}

void SegmentReader::learn(const WriterId& writer, const Head& head) {
  constexpr std::size_t kHeadsMax = 4'096;
  const std::lock_guard lock(mutex_);
  if (heads_.size() >= kHeadsMax) heads_.clear();  // only a hint is lost
  Head& known = heads_[writer];
  // What is prepared runs ahead of what is kept.
  if (known.held < head.held) known = head;
}

/// The head just before the segment's first event, where it can be told without the database.
std::optional<SegmentReader::Head> SegmentReader::before(const SegmentHeader& header) {
  if (!header.start) {
    std::optional<Head> head = head_of(header.writer);
    if (!head || head->held + 1 != header.first) return std::nullopt;
    return head;
  }
  const StreamStart& start = *header.start;
  Head out;
  if (start.predecessor) {
    const std::optional<Head> previous = head_of(start.predecessor->writer);
    if (!previous || previous->held != start.predecessor->counter) return std::nullopt;
    out = *previous;
  }
  if (!start.certificate.empty()) {
    const Result<Certificate> certificate = read_certificate(start.certificate, root_key_);
    if (!certificate.ok()) return std::nullopt;
    out.certificate = start.certificate;
    out.key = certificate->device().key;
  }
  out.hash = stream_hash(header.scope, out.certificate, start.epoch, start.predecessor, out.hash);
  return out;
}

std::optional<SegmentReader::Head> SegmentReader::head_of(const WriterId& writer) {
  const std::lock_guard lock(mutex_);
  const auto at = heads_.find(writer);
  if (at == heads_.end()) return std::nullopt;
  return at->second;
}

}  // namespace lalanh
