#include "sync/bundle/bundle_writer.h"

#include <algorithm>

#include "shared/base/limits.h"

namespace lalanh::sync {
namespace {

std::array<std::uint8_t, 4> be32(std::size_t value) {
  const auto v = static_cast<std::uint32_t>(value);
  return {static_cast<std::uint8_t>(v >> 24U), static_cast<std::uint8_t>(v >> 16U),
          static_cast<std::uint8_t>(v >> 8U), static_cast<std::uint8_t>(v)};
}

}  // namespace

Status BundleWriter::begin(const BundleFront& front, const std::vector<Hash>& readers,
                           ByteView head, Random& random) {
  CHECK(!stream_ && head.size() <= limits::kBundleHeadBytesMax);
  const ContentKey key = ContentKey::make(random);
  std::vector<KeyBox> boxes;
  for (const Hash& reader : readers) {
    const std::optional<KeyBox> box = seal_box(key, reader, random);
    if (!box) return Error{ErrorCode::trust_bad_certificate, {{"why", "its key is no key"}}};
    boxes.push_back(*box);
  }
  const Bytes bytes = write_front(front, boxes);
  check_.assign(bytes.end() - 16, bytes.end());
  hasher_.add(bytes);
  StreamStartBytes start{};
  random.fill(start);
  stream_.emplace(key, start);
  TRY(sink_.write(bytes));
  TRY(sink_.write(start));
  expected_ = front.file_bytes;
  written_ = bytes.size() + start.size();
  TRY(put(be32(head.size())));
  return put(head);
}

Status BundleWriter::add(ByteView segment) {
  CHECK(!segment.empty() && segment.size() <= limits::kSegmentBytesMax);
  TRY(put(be32(segment.size())));
  return put(segment);
}

Status BundleWriter::end(const KeyPair& key) {
  TRY(put(be32(0)));
  const Signature signature = key.sign(bundle_signed_bytes(hasher_.done()));
  for (const std::uint8_t byte : signature) {
    if (plain_.size() == kBundlePieceBytes) TRY(put_piece(false));
    plain_.push_back(byte);
  }
  TRY(put_piece(true));
  CHECK(written_ == expected_);
  return {};
}

Status BundleWriter::put(ByteView plain) {
  hasher_.add(plain);
  while (!plain.empty()) {
    // A full piece is written when more follows: the last one is never empty.
    if (plain_.size() == kBundlePieceBytes) TRY(put_piece(false));
    const std::size_t n = (std::min)(plain.size(), kBundlePieceBytes - plain_.size());
    append(plain_, plain.first(n));
    plain = plain.subspan(n);
  }
  return {};
}

Status BundleWriter::put_piece(bool last) {
  sealed_.clear();
  stream_->seal(plain_, check_, last, sealed_);
  plain_.clear();
  written_ += sealed_.size();
  return sink_.write(sealed_);
}

}  // namespace lalanh::sync
