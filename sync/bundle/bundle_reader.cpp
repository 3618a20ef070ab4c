#include "sync/bundle/bundle_reader.h"

#include <algorithm>

#include "shared/base/limits.h"
#include "shared/event/segment.h"

namespace lalanh::sync {

Status MemorySource::read(std::uint64_t at, std::span<std::uint8_t> out) {
  if (at > bytes_.size() || out.size() > bytes_.size() - at) {
    return Error{ErrorCode::format_truncated, {{"where", "bundle"}}};
  }
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), out.size(), out.begin());
  return {};
}

BundleReader::BundleReader(ByteSource& source, ReadFront front, const ContentKey& key,
                           const StreamStartBytes& start)
    : source_(source),
      front_(std::move(front)),
      stream_(key, start),
      at_(front_.bytes.size() + start.size()) {
  hasher_.add(front_.bytes);
}

Result<std::unique_ptr<BundleReader>> BundleReader::open(ByteSource& source, const KeyPair& own,
                                                         const Hash& root_key) {
  TRY_ASSIGN(ReadFront front, read_front(source));
  std::optional<ContentKey> key;
  for (const KeyBox& box : front.boxes) {
    std::optional<ContentKey> opened = open_box(box, own);
    if (!opened) continue;
    key.emplace(std::move(*opened));
    break;
  }
  if (!key) {
    return Error{ErrorCode::bundle_not_for_us,
                 {{"from", std::to_string(front.front.writer.value)}}};
  }
  StreamStartBytes start{};
  TRY(source.read(front.bytes.size(), start));
  std::unique_ptr<BundleReader> out(new BundleReader(source, std::move(front), *key, start));
  TRY(out->read_head(root_key));
  return out;
}

Error BundleReader::altered() const {
  return {ErrorCode::bundle_altered, {{"where", "byte " + std::to_string(at_)}}};
}

Status BundleReader::read_head(const Hash& root_key) {
  TRY_ASSIGN(const std::uint32_t length, take_length());
  // A length that cannot be is refused before anything is allocated for it.
  if (length > limits::kBundleHeadBytesMax || length > source_.size()) {
    return Error{ErrorCode::format_limit,
                 {{"limit", std::to_string(limits::kBundleHeadBytesMax)}, {"where", "bundle"}}};
  }
  Bytes bytes(length);
  TRY(take(bytes, true));
  TRY_ASSIGN(head_, decode_bundle_head(bytes));
  TRY_ASSIGN(writer_, read_certificate(head_.certificate, root_key));
  if (writer_.device().unit != front().writer) return altered();
  return {};
}

Result<bool> BundleReader::next(Bytes& segment) {
  segment.clear();
  if (ended_) return false;
  TRY_ASSIGN(const std::uint32_t length, take_length());
  if (length > limits::kSegmentBytesMax) {
    return Error{ErrorCode::format_limit,
                 {{"limit", std::to_string(limits::kSegmentBytesMax)}, {"where", "bundle"}}};
  }
  if (length == 0) {
    TRY(read_end());
    ended_ = true;
    return false;
  }
  segment.resize(length);
  TRY(take(segment, true));
  return true;
}

Status BundleReader::read_end() {
  const Hash hash = hasher_.done();
  Signature signature{};
  TRY(take(signature, false));
  if (!last_ || used_ != piece_.size()) return altered();
  if (!verify(writer_.device().key, bundle_signed_bytes(hash), signature)) {
    return Error{ErrorCode::format_bad_signature, {{"where", "bundle"}}};
  }
  return {};
}

Result<std::uint32_t> BundleReader::take_length() {
  std::array<std::uint8_t, 4> bytes{};
  TRY(take(bytes, true));
  std::uint32_t out = 0;
  for (const std::uint8_t byte : bytes) out = (out << 8U) | byte;
  return out;
}

Status BundleReader::take(std::span<std::uint8_t> out, bool hashed) {
  const std::span<std::uint8_t> all = out;
  while (!out.empty()) {
    if (used_ == piece_.size()) {
      if (last_) return altered();
      TRY(read_piece());
    }
    const std::size_t n = (std::min)(out.size(), piece_.size() - used_);
    std::copy_n(piece_.begin() + static_cast<std::ptrdiff_t>(used_), n, out.begin());
    used_ += n;
    out = out.subspan(n);
  }
  if (hashed) hasher_.add(all);
  return {};
}

Status BundleReader::read_piece() {
  const std::uint64_t left = source_.size() - (std::min)(at_, source_.size());
  constexpr std::uint64_t kWhole = kBundlePieceBytes + kPieceSealBytes;
  last_ = left <= kWhole;
  sealed_.resize(static_cast<std::size_t>((std::min)(left, kWhole)));
  TRY(source_.read(at_, sealed_));
  if (!stream_.open(sealed_, front_.check(), last_, piece_) || piece_.empty()) {
    piece_.clear();
    used_ = 0;
    return altered();
  }
  at_ += sealed_.size();
  used_ = 0;
  return {};
}

Result<BundleInfo> check_bundle(ByteSource& source, const KeyPair& own, const Hash& root_key) {
  TRY_ASSIGN(const std::unique_ptr<BundleReader> reader, BundleReader::open(source, own, root_key));
  BundleInfo out;
  out.front = reader->front();
  out.writer = reader->writer().device();
  out.readers = reader->head().readers.size();
  Bytes segment;
  for (;;) {
    TRY_ASSIGN(const bool more, reader->next(segment));
    if (!more) return out;
    ++out.segments;
    out.segment_bytes += segment.size();
    const Result<SegmentHeader> header = read_segment_header(segment);
    if (header.ok()) out.events += header->count;
  }
}

}  // namespace lalanh::sync
