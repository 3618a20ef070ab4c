#pragma once

#include <memory>

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
  BundleReader(ByteSource& source, ReadFront front, const ContentKey& key,
               const StreamStartBytes& start);
  Status read_head(const Hash& root_key);
  Status take(std::span<std::uint8_t> out, bool hashed);
  Status read_piece();
  Result<std::uint32_t> take_length();
  Status read_end();
  Error altered() const;

  ByteSource& source_;
  ReadFront front_;
  SealedStream stream_;
  Hasher hasher_;
  BundleHead head_;
  Certificate writer_;
  std::uint64_t at_;  ///< in the file
  Bytes sealed_;
  Bytes piece_;
  std::size_t used_ = 0;  ///< of the piece
  bool last_ = false;     ///< the piece is the last
  bool ended_ = false;
};

/// Bytes in memory, for simulators and tests; not copied.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Status read(std::uint64_t at, std::span<std::uint8_t> out) override;

 private:
  ByteView bytes_;
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
