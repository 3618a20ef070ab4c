#pragma once

#include <string>
#include <vector>

#include "shared/base/ports.h"
#include "shared/store/sync_store.h"
#include "shared/trust/sealed_stream.h"

/// The bytes of a bundle (`docs/FORMATS.md`, Bundle): its front, which anybody can read, and its
/// head, which its readers can.
namespace lalanh::sync {

enum class Direction : std::uint8_t { kUp = 0, kDown = 1 };

/// What a finder of the stick can read, less the boxes.
struct BundleFront {
  Direction direction = Direction::kUp;
  UnitNo writer;
  UnitNo addressed;  ///< 0 where it goes up
  std::uint64_t sequence = 0;
  TimeMs time;  ///< by the writer's clock
  std::uint16_t part = 1;
  std::uint16_t parts = 1;
  std::uint64_t file_bytes = 0;
};

/// The whole front, read from a file.
struct ReadFront {
  BundleFront front;
  Bytes bytes;  ///< all of it, the check included
  std::vector<KeyBox> boxes;
  ByteView check() const { return ByteView(bytes).last(16); }
};

Bytes write_front(const BundleFront& front, const std::vector<KeyBox>& boxes);
/// bundle.not_one; format.newer; bundle.cut where the file is shorter than it was written;
/// bundle.altered. Changes nothing, needs no key.
Result<ReadFront> read_front(ByteSource& source);

/// The greatest sequence that the writer has seen of a device.
struct Heard {
  Hash key{};
  std::uint64_t sequence = 0;
};

struct BundleScope {
  Scope scope;
  std::vector<Point> tips;
  std::vector<Bytes> receipts;  ///< signed, of points in this scope
};

struct BundleHead {
  Bytes certificate;
  std::string program;  ///< version, 64 bytes at most
  std::vector<Hash> readers;
  std::vector<Heard> heard;
  std::vector<BundleScope> scopes;
};

Bytes encode(const BundleHead& head);
/// Foreign bytes: format.*
Result<BundleHead> decode_bundle_head(ByteView bytes);

/// What a file takes: `segment_bytes` are those of all its segments.
std::uint64_t bundle_file_bytes(std::size_t readers, std::size_t head_bytes, std::uint64_t segments,
                                std::uint64_t segment_bytes);
/// What the writer signs, once all before is hashed.
Bytes bundle_signed_bytes(const Hash& hash);

}  // namespace lalanh::sync
