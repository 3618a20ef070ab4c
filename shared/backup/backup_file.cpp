#include "shared/backup/backup_file.h"

#include <algorithm>

#include <zstd.h>

#include "shared/base/limits.h"
#include "shared/trust/sealed_pieces.h"

namespace lalanh {
namespace {

/// Encrypted pages do not get smaller, a server's do; a faster level than that of segments, for it
/// runs beside the work.
constexpr int kLevel = 3;
constexpr std::size_t kChunkBytes = 256 * 1'024;
constexpr std::size_t kHeadBytesMax = 16 * 1'024;

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

/// Bytes in, a compressed and sealed stream out.
class Packer {
 public:
  explicit Packer(PieceWriter& pieces) : pieces_(pieces), context_(ZSTD_createCCtx()) {
    CHECK(context_ != nullptr);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
    out_.resize(ZSTD_CStreamOutSize());
  }
  Status put(ByteView bytes) { return run(bytes, ZSTD_e_continue); }
  Status end() {
    TRY(run({}, ZSTD_e_end));
    return pieces_.end();
  }

 private:
  Status run(ByteView bytes, ZSTD_EndDirective how) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{out_.data(), out_.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context_.get(), &out, &in, how);
      CHECK(ZSTD_isError(left) == 0);
      TRY(pieces_.put(ByteView(out_).first(out.pos)));
      const bool done = how == ZSTD_e_end ? left == 0 : in.pos == in.size;
      if (done) return {};
    }
  }

  PieceWriter& pieces_;
  std::unique_ptr<ZSTD_CCtx, FreeCompressor> context_;
  Bytes out_;
};

/// The way back.
class Unpacker {
 public:
  explicit Unpacker(PieceReader pieces) : pieces_(std::move(pieces)), context_(ZSTD_createDCtx()) {
    CHECK(context_ != nullptr);
  }
  /// Fills all of `out`.
  Status take(std::span<std::uint8_t> out) {
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (to.pos < to.size) TRY(run(to));
    return {};
  }
  /// The frame and the stream end here, its checksum is right.
  Status end() {
    std::uint8_t more = 0;
    ZSTD_outBuffer to{&more, 1, 0};
    while (!ended_) {
      TRY(run(to));
      if (to.pos > 0) return pieces_.altered();
    }
    TRY_ASSIGN(const ByteView rest, pieces_.some());
    return in_.pos == in_.size && rest.empty() ? Status() : Status(pieces_.altered());
  }

 private:
  Status run(ZSTD_outBuffer& to) {
    if (ended_) return pieces_.altered();
    if (in_.pos == in_.size && hungry_) {
      TRY_ASSIGN(const ByteView piece, pieces_.some());
      if (piece.empty()) return pieces_.altered();
      in_ = {piece.data(), piece.size(), 0};
    }
    const std::size_t left = ZSTD_decompressStream(context_.get(), &to, &in_);
    if (ZSTD_isError(left) != 0) return pieces_.altered();
    ended_ = left == 0;
    hungry_ = to.pos < to.size;  // else it may hold more than there was room for
    return {};
  }

  PieceReader pieces_;
  std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool hungry_ = true;
  bool ended_ = false;
};

/// Copies `size` bytes, a chunk at a time.
template <class Take, class Put>
Status copy(std::uint64_t size, Take take, Put put) {
  Bytes chunk;
  for (std::uint64_t at = 0; at < size; at += chunk.size()) {
    chunk.resize(static_cast<std::size_t>((std::min)(size - at, std::uint64_t{kChunkBytes})));
    TRY(take(at, chunk));
    TRY(put(chunk));
  }
  return {};
}

}  // namespace

Status expect_room(Files& files, const std::string& folder, std::uint64_t bytes) {
  constexpr std::uint64_t kSpare = 1'024 * 1'024;  // for what is small, and the file system
  TRY_ASSIGN(const std::uint64_t free, files.free_bytes(folder));
  if (bytes + kSpare <= free) return {};
  return Error{ErrorCode::backup_no_space,
               {{"path", folder},
                {"needed", std::to_string(((bytes + kSpare) >> 20U) + 1)},
                {"free", std::to_string(free >> 20U)}}};
}

Status write_backup(Files& files, Random& random, ByteSink& to, const BackupFront& front,
                    const BackupKeys& keys, const ContentKey& key, const std::string& program,
                    const std::vector<BackupSource>& sources,
                    const std::function<bool()>& stopped) {
  BackupHead head;
  head.program = program;
  std::vector<std::unique_ptr<ByteSource>> open;
  for (const BackupSource& source : sources) {
    TRY_ASSIGN(std::unique_ptr<ByteSource> file, files.open(source.path));
    head.items.push_back({source.name, file->size()});
    open.push_back(std::move(file));
  }
  const Bytes bytes = write_backup_front(front, keys);
  StreamStartBytes start{};
  random.fill(start);
  TRY(to.write(bytes));
  PieceWriter pieces(to, key, start, Bytes(bytes.end() - 16, bytes.end()));
  TRY(pieces.begin());
  Packer packer(pieces);
  TRY(packer.put(write_backup_head(head)));
  for (const std::unique_ptr<ByteSource>& file : open) {
    TRY(copy(
        file->size(),
        [&](std::uint64_t at, Bytes& chunk) -> Status {
          if (stopped && stopped()) return Error{ErrorCode::system_cancelled};
          return file->read(at, chunk);
        },
        [&](const Bytes& chunk) { return packer.put(chunk); }));
  }
  return packer.end();
}

Result<BackupHead> read_backup(ByteSource& source, const ReadBackupFront& front,
                               const ContentKey& key, const BackupTarget& target) {
  TRY_ASSIGN(PieceReader pieces,
             PieceReader::open(source, key, front.bytes, front.check, ErrorCode::backup_altered));
  Unpacker unpacker(std::move(pieces));
  std::array<std::uint8_t, 4> four{};
  TRY(unpacker.take(four));
  const std::size_t length = length_of(four);
  if (length > kHeadBytesMax) {
    return Error{ErrorCode::format_limit,
                 {{"limit", std::to_string(kHeadBytesMax)}, {"where", "backup"}}};
  }
  Bytes bytes(length);
  TRY(unpacker.take(bytes));
  TRY_ASSIGN(BackupHead head, read_backup_head(bytes));
  for (const BackupItem& item : head.items) {
    std::unique_ptr<ByteSink> sink;
    if (target) {
      TRY_ASSIGN(sink, target(item));
    }
    TRY(copy(
        item.bytes, [&](std::uint64_t, Bytes& chunk) { return unpacker.take(chunk); },
        [&](const Bytes& chunk) { return sink == nullptr ? Status() : sink->write(chunk); }));
    if (sink != nullptr) TRY(sink->finish());
  }
  TRY(unpacker.end());
  return head;
}

}  // namespace lalanh
