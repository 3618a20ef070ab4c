#pragma once

#include "shared/base/bytes.h"
#include "shared/base/result.h"
#include "shared/event/word_list.h"

namespace lalanh {

/// The newest dictionary of this program; 0 where there is none.
std::uint32_t newest_dictionary();

/// The word list that belongs to a version: empty for 0. The version is one of this program's.
const segment_parts::WordList& word_list(std::uint32_t version);

/// One zstd frame without magic number, checksum and content size. Uses the calling thread's
/// context.
Bytes compress(ByteView columns, std::uint32_t dictionary);

/// The reverse, for foreign bytes: `size` is what the front claims, already within the limits.
/// format.malformed where the frame does not give exactly that; format.newer for a dictionary
/// that this program does not have.
Status decompress(ByteView frame, std::uint32_t dictionary, std::size_t size, Bytes& out);

}  // namespace lalanh
