#include "shared/trust/sealed_pieces.h"

#include <algorithm>

namespace lalanh {

std::array<std::uint8_t, 4> length_bytes(std::size_t length) {
  const auto v = static_cast<std::uint32_t>(length);
  return {static_cast<std::uint8_t>(v >> 24U), static_cast<std::uint8_t>(v >> 16U),
          static_cast<std::uint8_t>(v >> 8U), static_cast<std::uint8_t>(v)};
}

std::uint32_t length_of(ByteView four) {
  std::uint32_t out = 0;
  for (const std::uint8_t byte : four) out = (out << 8U) | byte;
  return out;
}

std::uint64_t sealed_stream_bytes(std::uint64_t plain) {
  if (plain == 0) return 0;
  const std::uint64_t pieces = (plain + kPieceBytes - 1) / kPieceBytes;
  return sizeof(StreamStartBytes) + plain + pieces * kPieceSealBytes;
}

PieceWriter::PieceWriter(ByteSink& sink, const ContentKey& key, const StreamStartBytes& start,
                         Bytes beside)
    : sink_(sink), start_(start), stream_(key, start), beside_(std::move(beside)) {}

Status PieceWriter::begin() {
  written_ += start_.size();
  return sink_.write(start_);
}

Status PieceWriter::put(ByteView plain) {
  while (!plain.empty()) {
    // A full piece is written when more follows: the last one is never empty.
    if (plain_.size() == kPieceBytes) TRY(put_piece(false));
    const std::size_t n = (std::min)(plain.size(), kPieceBytes - plain_.size());
    append(plain_, plain.first(n));
    plain = plain.subspan(n);
  }
  return {};
}

Status PieceWriter::end() {
  CHECK(!plain_.empty());
  return put_piece(true);
}

Status PieceWriter::put_piece(bool last) {
  sealed_.clear();
  stream_.seal(plain_, beside_, last, sealed_);
  plain_.clear();
  written_ += sealed_.size();
  return sink_.write(sealed_);
}

Result<PieceReader> PieceReader::open(ByteSource& source, const ContentKey& key, std::uint64_t at,
                                      Bytes beside, ErrorCode altered) {
  StreamStartBytes start{};
  TRY(source.read(at, start));
  return PieceReader(source, std::make_unique<SealedStream>(key, start), at + start.size(),
                     std::move(beside), altered);
}

Error PieceReader::altered() const { return {code_, {{"where", "byte " + std::to_string(at_)}}}; }

Status PieceReader::take(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    TRY_ASSIGN(const ByteView at_hand, some());
    if (at_hand.empty()) return altered();
    const std::size_t n = (std::min)(out.size(), at_hand.size());
    std::copy_n(at_hand.begin(), n, out.begin());
    used_ -= at_hand.size() - n;  // the rest stays
    out = out.subspan(n);
  }
  return {};
}

Result<ByteView> PieceReader::some() {
  if (used_ == piece_.size()) {
    if (last_) return ByteView();
    TRY(read_piece());
  }
  const ByteView out = ByteView(piece_).subspan(used_);
  used_ = piece_.size();
  return out;
}

Status PieceReader::read_piece() {
  const std::uint64_t left = source_->size() - (std::min)(at_, source_->size());
  constexpr std::uint64_t kWhole = kPieceBytes + kPieceSealBytes;
  last_ = left <= kWhole;
  sealed_.resize(static_cast<std::size_t>((std::min)(left, kWhole)));
  TRY(source_->read(at_, sealed_));
  if (!stream_->open(sealed_, beside_, last_, piece_) || piece_.empty()) {
    piece_.clear();
    used_ = 0;
    return altered();
  }
  at_ += sealed_.size();
  used_ = 0;
  return {};
}

}  // namespace lalanh
