#pragma once

#include "shared/trust/sealed_pieces.h"
#include "sync/bundle/bundle_format.h"

namespace lalanh::sync {

/// Writes one bundle to a sink, from its beginning to its end. The front's `file_bytes` is what
/// bundle_file_bytes() gives for all that will be added. Errors are the sink's. Used once.
class BundleWriter {
 public:
  explicit BundleWriter(ByteSink& sink) : sink_(sink) {}

  /// trust.bad_certificate where a reader's key cannot be sealed to.
  Status begin(const BundleFront& front, const std::vector<Hash>& readers, ByteView head,
               Random& random);
  Status add(ByteView segment);
  /// Signs with the key of the head's certificate. Does not finish the sink.
  Status end(const KeyPair& key);

 private:
  Status put(ByteView plain);

  ByteSink& sink_;
  std::optional<PieceWriter> pieces_;
  Hasher hasher_;
  std::uint64_t expected_ = 0;  ///< bytes of the stream
};

}  // namespace lalanh::sync
