#pragma once

#include <set>
#include <vector>

#include "sync/bundle/bundle_reader.h"
#include "sync/bundle/bundle_side.h"
#include "sync/session/messages.h"

namespace lalanh::sync {

struct BundleRequest {
  Direction direction = Direction::kUp;
  UnitNo unit;  ///< addressed, where it goes down
  std::uint64_t part_bytes = limits::kBundlePartBytesDefault;
};

/// What already lies on the stick, in whole bundles of this device.
struct OnStick {
  std::set<SegmentDigest> segments;
  std::uint64_t newest = 0;  ///< sequence
  Bytes newest_said;         ///< see BundleExport::said
};

/// One export: who reads it, what goes into it, in how many parts. Writes nothing durable but its
/// sequence, and that only where there is something to write. Errors: store.*, and as named.
class BundleExport {
 public:
  /// Seals the open tail; finds readers, scopes, tips and receipts. sync.no_parent, sync.is_top;
  /// register.not_here of a unit that is not at or below this machine's; bundle.no_reader;
  /// bundle.too_many_readers.
  static Result<BundleExport> begin(const BundleSide& side, const BundleRequest& request);

  /// Notes a bundle that lies on the stick, where it is one of ours that every reader of this
  /// export can open; else nothing. True where it counts. Errors: those of BundleReader.
  Result<bool> note_on_stick(ByteSource& source);
  /// After the last note: what is missing, cut into parts. None where all is there already.
  Status plan();

  std::size_t parts() const { return parts_.size(); }
  std::uint64_t bytes_of_part(std::size_t part) const;
  std::uint64_t total_bytes() const;
  std::uint64_t segments() const;
  std::uint64_t events() const;
  std::uint64_t left_out() const { return left_out_; }  ///< segments that are on the stick
  const BundleFront& front() const { return front_; }
  /// The name that a part has in a folder: fits every file system.
  std::string name_of_part(std::size_t part) const;
  /// Writes the part; does not finish the sink.
  Status write(std::size_t part, ByteSink& sink);

 private:
  struct Part {
    std::vector<SegmentRef> segments;
    std::uint64_t segment_bytes = 0;
  };
  BundleExport(const BundleSide& side, const BundleRequest& request);
  Status describe();
  Status find_readers();
  Status find_scopes();
  Status find_segments();
  Result<std::vector<SegmentRef>> missing(Scope scope);
  Result<bool> on_stick(const SegmentRef& segment);
  Status add_receipts(BundleScope& scope);
  Bytes said() const;

  const BundleSide* side_;
  BundleRequest request_;
  BundleFront front_;
  BundleHead head_;
  Bytes head_bytes_;
  OnStick there_;
  std::vector<Part> parts_;
  std::uint64_t left_out_ = 0;
};

}  // namespace lalanh::sync
