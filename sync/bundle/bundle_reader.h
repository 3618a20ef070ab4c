#pragma once

#include <memory>

#include "shared/trust/sealed_pieces.h"
#include "sync/bundle/bundle_format.h"

namespace lalanh::sync {

/// Reads one bundle from its beginning to its end; what it gives out is the writer's only when
/// next() has come to the end. Not thread-safe.
class BundleReader {
 public:
  /// Reads front and head. Errors: those of read_front; bundle.not_for_us where `own` opens no box;
  /// bundle.altered; trust.* of its certificate; format.* of its head. `source` and `own` outlive
  /// the reader.
  static Result<std::unique_ptr<BundleReader>> open(ByteSource& source, const KeyPair& own,
                                                    const Hash& root_key);

  const BundleFront& front() const { return front_.front; }
  const BundleHead& head() const { return head_; }
  const Certificate& writer() const { return writer_; }

  /// The next segment, not looked into. False at the end: all was whole and signed by the writer.
  /// bundle.altered, format.limit, errors of the source.
  Result<bool> next(Bytes& segment);

 private:
  BundleReader(ReadFront front, PieceReader pieces, std::uint64_t file_bytes);
  Status read_head(const Hash& root_key);
  Status take(std::span<std::uint8_t> out, bool hashed);
  Result<std::uint32_t> take_length();
  Status read_end();

  ReadFront front_;
  PieceReader pieces_;
  const std::uint64_t file_bytes_;
  Hasher hasher_;
  BundleHead head_;
  Certificate writer_;
  bool ended_ = false;
};

/// What a whole bundle is.
struct BundleInfo {
  BundleFront front;
  CertificateLink writer;
  std::size_t readers = 0;
  std::uint64_t segments = 0;
  std::uint64_t events = 0;  ///< as the segments' fronts say
  std::uint64_t segment_bytes = 0;
};
/// The first pass: reads and verifies all of it, changes nothing. Errors of BundleReader.
Result<BundleInfo> check_bundle(ByteSource& source, const KeyPair& own, const Hash& root_key);

}  // namespace lalanh::sync
