#include "sync/bundle/bundle_reader.h"

#include "shared/base/limits.h"
#include "shared/event/segment.h"

namespace lalanh::sync {

BundleReader::BundleReader(ReadFront front, PieceReader pieces, std::uint64_t file_bytes)
    : front_(std::move(front)), pieces_(std::move(pieces)), file_bytes_(file_bytes) {
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
  const ByteView check = front.check();
  TRY_ASSIGN(PieceReader pieces,
             PieceReader::open(source, *key, front.bytes.size(), Bytes(check.begin(), check.end()),
                               ErrorCode::bundle_altered));
  std::unique_ptr<BundleReader> out(
      new BundleReader(std::move(front), std::move(pieces), source.size()));
  TRY(out->read_head(root_key));
  return out;
}

Status BundleReader::read_head(const Hash& root_key) {
  TRY_ASSIGN(const std::uint32_t length, take_length());
  // A length that cannot be is refused before anything is allocated for it.
  if (length > limits::kBundleHeadBytesMax || length > file_bytes_) {
    return Error{ErrorCode::format_limit,
                 {{"limit", std::to_string(limits::kBundleHeadBytesMax)}, {"where", "bundle"}}};
  }
  Bytes bytes(length);
  TRY(take(bytes, true));
  TRY_ASSIGN(head_, decode_bundle_head(bytes));
  TRY_ASSIGN(writer_, read_certificate(head_.certificate, root_key));
  if (writer_.device().unit != front().writer) return pieces_.altered();
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
  if (!pieces_.at_end()) return pieces_.altered();
  if (!verify(writer_.device().key, bundle_signed_bytes(hash), signature)) {
    return Error{ErrorCode::format_bad_signature, {{"where", "bundle"}}};
  }
  return {};
}

Result<std::uint32_t> BundleReader::take_length() {
  std::array<std::uint8_t, 4> bytes{};
  TRY(take(bytes, true));
  return length_of(bytes);
}

Status BundleReader::take(std::span<std::uint8_t> out, bool hashed) {
  TRY(pieces_.take(out));
  if (hashed) hasher_.add(out);
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
