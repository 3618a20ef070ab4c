#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/store/sync_store.h"

/// The heads of the four calls (`docs/PROTOCOL.md`). encode() takes values within their limits;
/// decode_*() reads foreign bytes: format.truncated or format.malformed, never more memory than a
/// small multiple of the input.
namespace lalanh::sync {

/// The first 16 bytes of BLAKE2b-256 of a whole segment.
using SegmentDigest = std::array<std::uint8_t, 16>;
SegmentDigest segment_digest(ByteView segment);

/// A half segment kept by the one who says it.
using Half = SyncStore::Partial;

/// A segment in the tail: bytes `from` to `total` of it are there.
struct Entry {
  SegmentDigest digest{};
  std::uint32_t total = 0;
  std::uint32_t from = 0;  ///< below total
};

struct ScopePoints {
  Scope scope;
  std::vector<Point> points;
};

struct OpenRequest {
  HeadsDigest digest{};
  std::uint64_t protocol = 0;
  std::string program;
  std::optional<std::uint64_t> free_mib;
};
struct OpenReply {
  bool equal = false;
  TimeMs time;
  std::uint64_t protocol = 0;
  std::string program;
  std::uint64_t above = 0;  ///< changes with what the tiers above hold; 0: nothing to say
};

using ShortDigest = std::array<std::uint8_t, 16>;
struct DifferRequest {
  struct Item {
    Scope scope;
    ShortDigest digest{};
  };
  std::vector<Item> scopes;
};
enum class DifferState : std::uint8_t { kDiffers = 0, kServerEmpty = 1, kNotReadable = 2 };
struct DifferReply {
  struct Item {
    Scope scope;
    DifferState state = DifferState::kDiffers;
  };
  std::vector<Item> scopes;
  std::vector<Half> halves;
};

struct PullRequest {
  struct Item {
    Scope scope;
    bool deep = false;
    std::vector<Point> tips;
    std::vector<Point> back;
  };
  std::uint32_t wanted = 0;
  std::int64_t after = 0;  ///< for the first scope
  bool count = false;
  std::vector<Item> scopes;
  std::vector<Half> halves;
};
enum class PullState : std::uint8_t { kFinished = 0, kSendDeep = 1, kNotReadable = 2 };
struct PullReply {
  struct Item {
    PullState state = PullState::kFinished;
    std::vector<Point> tips;
    std::vector<bool> held;  ///< of the points asked with; a few more (false) at the end
  };
  std::vector<Entry> entries;
  std::vector<Item> scopes;  ///< the finished ones, in the order of the request
  std::int64_t after = 0;
  std::optional<std::uint64_t> total;
};

struct PushRequest {
  std::vector<Entry> entries;
  std::vector<ScopePoints> receipts;
};
struct Verdict {
  enum class Kind : std::uint8_t { kTaken = 0, kKnown = 1, kAside = 2, kAgain = 3, kRefused };
  Kind kind = Kind::kTaken;
  std::string error;  ///< kRefused: "domain.code"
};
struct PushReply {
  std::vector<Verdict> verdicts;
  Bytes receipt;  ///< empty: none
};

Bytes encode(const OpenRequest& message);
Bytes encode(const OpenReply& message);
Bytes encode(const DifferRequest& message);
Bytes encode(const DifferReply& message);
Bytes encode(const PullRequest& message);
Bytes encode(const PullReply& message);
Bytes encode(const PushRequest& message);
Bytes encode(const PushReply& message);

Result<OpenRequest> decode_open_request(ByteView head);
Result<OpenReply> decode_open_reply(ByteView head);
Result<DifferRequest> decode_differ_request(ByteView head);
Result<DifferReply> decode_differ_reply(ByteView head);
Result<PullRequest> decode_pull_request(ByteView head);
Result<PullReply> decode_pull_reply(ByteView head);
Result<PushRequest> decode_push_request(ByteView head);
Result<PushReply> decode_push_reply(ByteView head);

/// Bytes that a scope with so many points takes in a head, at most.
std::size_t encoded_bytes(std::size_t points);

}  // namespace lalanh::sync
