#include "sync/bundle/bundle_writer.h"

#include "shared/base/limits.h"

namespace lalanh::sync {
Status BundleWriter::begin(const BundleFront& front, const std::vector<Hash>& readers,
                           ByteView head, Random& random) {
  CHECK(!pieces_ && head.size() <= limits::kBundleHeadBytesMax);
  const ContentKey key = ContentKey::make(random);
  std::vector<KeyBox> boxes;
  for (const Hash& reader : readers) {
    const std::optional<KeyBox> box = seal_box(key, reader, random);
    if (!box) return Error{ErrorCode::trust_bad_certificate, {{"why", "its key is no key"}}};
    boxes.push_back(*box);
  }
  const Bytes bytes = write_front(front, boxes);
  hasher_.add(bytes);
  StreamStartBytes start{};
  random.fill(start);
  pieces_.emplace(sink_, key, start, Bytes(bytes.end() - 16, bytes.end()));
  TRY(sink_.write(bytes));
  TRY(pieces_->begin());
  expected_ = front.file_bytes - bytes.size();
  TRY(put(length_bytes(head.size())));
  return put(head);
}

Status BundleWriter::add(ByteView segment) {
  CHECK(!segment.empty() && segment.size() <= limits::kSegmentBytesMax);
  TRY(put(length_bytes(segment.size())));
  return put(segment);
}

Status BundleWriter::end(const KeyPair& key) {
  TRY(put(length_bytes(0)));
  const Signature signature = key.sign(bundle_signed_bytes(hasher_.done()));
  TRY(pieces_->put(signature));
  TRY(pieces_->end());
  CHECK(pieces_->written() == expected_);
  return {};
}

Status BundleWriter::put(ByteView plain) {
  hasher_.add(plain);
  return pieces_->put(plain);
}

}  // namespace lalanh::sync
