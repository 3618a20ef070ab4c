#include "sync/session/tail.h"

#include <algorithm>

#include "shared/event/segment.h"

namespace lalanh::sync {
namespace {

/// The first entry.from bytes of the segment, as kept here; nothing where they are not.
Result<std::optional<Bytes>> kept_start(SyncStore& store, DeviceNo from, const Entry& entry) {
  if (entry.from == 0) return std::optional<Bytes>(Bytes{});
  TRY_ASSIGN(const std::vector<Half> halves, store.partials(from));
  const bool here = std::any_of(halves.begin(), halves.end(), [&](const Half& half) {
    return half.digest == entry.digest && half.received >= entry.from;
  });
  if (!here) return std::optional<Bytes>();
  TRY_ASSIGN(Bytes bytes, store.partial_bytes(from, entry.digest));
  if (bytes.size() < entry.from) return std::optional<Bytes>();
  bytes.resize(entry.from);
  return std::optional<Bytes>(std::move(bytes));
}

/// A half that is longer than what came now must not be replaced by less.
Status keep_longer(SyncStore& store, DeviceNo from, const Entry& entry, const Bytes& bytes) {
  TRY_ASSIGN(const std::vector<Half> halves, store.partials(from));
  for (const Half& half : halves) {
    if (half.digest == entry.digest && half.received >= bytes.size()) return {};
  }
  return store.keep_partial(from, entry.digest, bytes);
}

}  // namespace

Result<Scope> scope_of_segment(ByteView segment) {
  TRY_ASSIGN(const SegmentHeader header, read_segment_header(segment));
  return header.scope;
}

Result<std::vector<Arrived>> gather_tail(SyncStore& store, DeviceNo from,
                                         std::span<const Entry> entries, ByteView tail,
                                         bool complete) {
  std::uint64_t listed = 0;
  for (const Entry& entry : entries) listed += entry.total - entry.from;
  if (complete ? tail.size() != listed : tail.size() > listed) {
    return Error{ErrorCode::format_malformed,
                 {{"where", "sync tail"}, {"why", "not as long as its head says"}}};
  }
  std::vector<Arrived> out(entries.size());
  for (std::size_t i = 0; i < entries.size() && !tail.empty(); ++i) {
    const Entry& entry = entries[i];
    const std::size_t length = (std::min)(tail.size(), std::size_t{entry.total - entry.from});
    const bool whole = length == entry.total - entry.from;
    TRY_ASSIGN(std::optional<Bytes> bytes, kept_start(store, from, entry));
    if (bytes) append(*bytes, tail.first(length));
    tail = tail.subspan(length);
    Arrived& arrived = out[i];
    arrived.state = whole ? Arrived::State::kAgain : Arrived::State::kCut;
    if (!bytes) continue;
    if (!whole) {
      TRY(keep_longer(store, from, entry, *bytes));
    } else if (segment_digest(*bytes) == entry.digest) {
      arrived.state = Arrived::State::kWhole;
      arrived.bytes = std::move(*bytes);
    } else if (entry.from > 0) {
      TRY(store.drop_partial(from, entry.digest));
    }
  }
  return out;
}

Status drop_halves(SyncStore& store, DeviceNo from, std::span<const Entry> entries,
                   std::span<const Arrived> arrived) {
  TRY_ASSIGN(const std::vector<Half> halves, store.partials(from));
  for (const Half& half : halves) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (arrived[i].state == Arrived::State::kWhole && entries[i].digest == half.digest) {
        TRY(store.drop_partial(from, half.digest));
        break;
      }
    }
  }
  return {};
}

}  // namespace lalanh::sync
