#define ZSTD_STATIC_LINKING_ONLY  // the format without magic number: four bytes of each segment
#include "shared/event/compression.h"

#include <memory>

#include <zstd.h>

#include "embedded/dictionaries.h"

namespace lalanh {
namespace {

/// Segments are written once and carried many times, on bad links: the dear level is right.
constexpr int kLevel = 19;
/// 128 KiB: whole columns of nearly all segments, and at most 3 MB of tables to compress any (a
/// client must stay below 30 MB).
constexpr int kWindowLog = 17;

std::string_view file_of(std::uint32_t version, std::string_view kind) {
  const std::string name = std::to_string(version) + std::string(kind);
  for (const EmbeddedFile& file : embedded::dictionaries()) {
    if (file.name == name) return file.bytes;
  }
  return {};
}

std::string_view dictionary_bytes(std::uint32_t version) { return file_of(version, ".zdict"); }

template <class T, std::size_t (*free_it)(T*)>
struct Free {
  void operator()(T* p) const { free_it(p); }
};
using Compressor = std::unique_ptr<ZSTD_CCtx, Free<ZSTD_CCtx, ZSTD_freeCCtx>>;
using Decompressor = std::unique_ptr<ZSTD_DCtx, Free<ZSTD_DCtx, ZSTD_freeDCtx>>;

}  // namespace

std::uint32_t newest_dictionary() {
  static const std::uint32_t newest = [] {
    std::uint32_t version = 0;
    while (!dictionary_bytes(version + 1).empty()) ++version;
    return version;
  }();
  return newest;
}

const segment_parts::WordList& word_list(std::uint32_t version) {
  using segment_parts::WordList;
  static const std::vector<WordList> lists = [] {
    std::vector<WordList> out;
    for (std::uint32_t v = 0; v <= newest_dictionary(); ++v) out.emplace_back(file_of(v, ".words"));
    return out;
  }();
  CHECK(version < lists.size());
  return lists[version];
}

Bytes compress(ByteView columns, std::uint32_t dictionary) {
  const Compressor context(ZSTD_createCCtx());
  ZSTD_CCtx* c = context.get();
  ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, kWindowLog);
  ZSTD_CCtx_setParameter(c, ZSTD_c_format, ZSTD_f_zstd1_magicless);
  ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, 0);
  ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 0);
  ZSTD_CCtx_setParameter(c, ZSTD_c_dictIDFlag, 0);
  if (dictionary != 0) {
    const std::string_view bytes = dictionary_bytes(dictionary);
    CHECK(!bytes.empty());
    CHECK(ZSTD_isError(ZSTD_CCtx_loadDictionary_byReference(c, bytes.data(), bytes.size())) == 0);
  }
  Bytes out(ZSTD_compressBound(columns.size()));
  const std::size_t size =
      ZSTD_compress2(c, out.data(), out.size(), columns.data(), columns.size());
  CHECK(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

Status decompress(ByteView frame, std::uint32_t dictionary, std::size_t size, Bytes& out) {
  if (dictionary > newest_dictionary()) {
    return Error{ErrorCode::format_newer,
                 {{"found", "dictionary " + std::to_string(dictionary)},
                  {"known", std::to_string(newest_dictionary())}}};
  }
  thread_local const Decompressor context(ZSTD_createDCtx());
  ZSTD_DCtx* d = context.get();
  ZSTD_DCtx_reset(d, ZSTD_reset_session_and_parameters);
  ZSTD_DCtx_setParameter(d, ZSTD_d_format, ZSTD_f_zstd1_magicless);
  if (dictionary != 0) {
    static const auto prepare = [](std::uint32_t version) {
      const std::string_view bytes = dictionary_bytes(version);
      return ZSTD_createDDict_byReference(bytes.data(), bytes.size());
    };
    // One for the life of the program: preparing costs more than most segments.
    static ZSTD_DDict* const prepared = prepare(newest_dictionary());
    if (dictionary == newest_dictionary()) {
      ZSTD_DCtx_refDDict(d, prepared);
    } else {
      const std::string_view bytes = dictionary_bytes(dictionary);
      ZSTD_DCtx_loadDictionary_byReference(d, bytes.data(), bytes.size());
    }
  }
  out.resize(size);
  const std::size_t found = ZSTD_decompressDCtx(d, out.data(), size, frame.data(), frame.size());
  if (ZSTD_isError(found) != 0 || found != size) {
    return Error{ErrorCode::format_malformed,
                 {{"where", "segment"}, {"why", "the columns do not decompress to their length"}}};
  }
  return {};
}

}  // namespace lalanh
