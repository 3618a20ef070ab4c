#pragma once

#include <optional>

#include "shared/base/ports.h"
#include "shared/trust/sealed_stream.h"

/// A sealed stream in a file: its start, then pieces of one size, the last one shorter or equal and
/// tagged final, so that a file cut at any byte is known (`docs/FORMATS.md`, Bundle).
namespace lalanh {

/// A piece of the stream, opened.
inline constexpr std::size_t kPieceBytes = 65'536;
/// The length of a part of a stream, as it stands before the part: four bytes, the greatest first.
std::array<std::uint8_t, 4> length_bytes(std::size_t length);
std::uint32_t length_of(ByteView four);
/// What a stream of so many bytes takes in a file; 0 bytes make no stream.
std::uint64_t sealed_stream_bytes(std::uint64_t plain);

/// Writes one stream. Errors are the sink's, which it does not finish. Used once.
class PieceWriter {
 public:
  /// `beside`: what each piece's seal vouches for as well.
  PieceWriter(ByteSink& sink, const ContentKey& key, const StreamStartBytes& start, Bytes beside);
  /// The stream's start.
  Status begin();
  Status put(ByteView plain);
  /// The last piece; something was put.
  Status end();
  /// Bytes that went to the sink.
  std::uint64_t written() const { return written_; }

 private:
  Status put_piece(bool last);

  ByteSink& sink_;
  const StreamStartBytes start_;
  SealedStream stream_;
  const Bytes beside_;
  Bytes plain_;   ///< of the piece that is not full yet
  Bytes sealed_;  ///< reused
  std::uint64_t written_ = 0;
};

/// Reads one stream that goes to the end of its file. Not thread-safe.
class PieceReader {
 public:
  /// `at`: where the stream's start lies. `altered`: the error where a piece is not what was
  /// written, with `where`. The source outlives the reader. Errors of the source.
  static Result<PieceReader> open(ByteSource& source, const ContentKey& key, std::uint64_t at,
                                  Bytes beside, ErrorCode altered);
  PieceReader(PieceReader&&) = default;

  /// Fills all of `out`, or it is an error.
  Status take(std::span<std::uint8_t> out);
  /// The next bytes, as many as are at hand; empty at the end. Valid until the next call.
  Result<ByteView> some();
  /// Was the last piece read to its end?
  bool at_end() const { return last_ && used_ == piece_.size(); }
  Error altered() const;

 private:
  PieceReader(ByteSource& source, std::unique_ptr<SealedStream> stream, std::uint64_t at,
              Bytes beside, ErrorCode code)
      : source_(&source),
        stream_(std::move(stream)),
        beside_(std::move(beside)),
        code_(code),
        at_(at) {}
  Status read_piece();

  ByteSource* source_;
  std::unique_ptr<SealedStream> stream_;
  Bytes beside_;
  ErrorCode code_;
  std::uint64_t at_;  ///< in the file
  Bytes sealed_;
  Bytes piece_;
  std::size_t used_ = 0;  ///< of the piece
  bool last_ = false;     ///< the piece is the last
};

}  // namespace lalanh
