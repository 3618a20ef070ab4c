#include "shared/event/word_list.h"

#include <algorithm>

#include "shared/base/cbor.h"
#include "shared/base/check.h"

namespace lalanh::segment_parts {
namespace {

constexpr std::uint8_t kFirstShort = 0x80;
constexpr std::uint8_t kFirstLong = 0xf5;
constexpr std::string_view kSpace = "·";

std::string piece_of(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    const bool space = line.substr(0, kSpace.size()) == kSpace;
    out.push_back(space ? ' ' : line[0]);
    line.remove_prefix(space ? kSpace.size() : 1);
  }
  return out;
}

std::uint16_t start_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(text[i]) & 0xffU; };
  return static_cast<std::uint16_t>(byte(0) << 8U | byte(1));
}

bool begins_character(std::uint8_t byte) {
  return byte < kFirstShort || (byte >= 0xc2 && byte < kFirstLong);
}

std::size_t character_bytes(std::uint8_t byte) {
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

}  // namespace

WordList::WordList(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = (std::min)(lines.find('\n'), lines.size());
    pieces_.push_back(piece_of(lines.substr(0, end)));
    CHECK(pieces_.back().size() > 1 && cbor::valid_utf8(pieces_.back()));
    lines.remove_prefix((std::min)(end + 1, lines.size()));
  }
  CHECK(pieces_.size() <= kMax);
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    by_start_.push_back(static_cast<std::uint16_t>(i));
  }
  std::sort(by_start_.begin(), by_start_.end(), [&](std::uint16_t x, std::uint16_t y) {
    const std::string& a = pieces_[x];
    const std::string& b = pieces_[y];
    if (start_of(a) != start_of(b)) return start_of(a) < start_of(b);
    return a.size() != b.size() ? a.size() > b.size() : x < y;
  });
  for (std::size_t i = 0; i < by_start_.size(); ++i) {
    Bucket& bucket = buckets_[start_of(pieces_[by_start_[i]])];
    if (bucket.end == 0) bucket.begin = i;
    bucket.end = i + 1;
  }
}

std::size_t WordList::match(std::string_view text) const {
  if (text.size() < 2) return kMax;
  const auto bucket = buckets_.find(start_of(text));
  if (bucket == buckets_.end()) return kMax;
  for (std::size_t i = bucket->second.begin; i < bucket->second.end; ++i) {
    const std::string& piece = pieces_[by_start_[i]];
    const std::size_t size = piece.size();
    // The last byte tells most of them apart.
    const bool may = size <= text.size() && text[size - 1] == piece[size - 1];
    if (may && text.substr(0, size) == piece) return by_start_[i];
  }
  return kMax;
}

void WordList::put(std::string_view text, Bytes& out) const {
  while (!text.empty()) {
    const std::size_t number = match(text);
    std::size_t size = 0;
    if (number == kMax) {
      size = (std::min)(character_bytes(static_cast<std::uint8_t>(text[0])), text.size());
      append(out, as_bytes(text.substr(0, size)));
    } else {
      size = pieces_[number].size();
      if (number < kShort) {
        out.push_back(static_cast<std::uint8_t>(kFirstShort + number));
      } else {
        out.push_back(static_cast<std::uint8_t>(kFirstLong + (number - kShort) / 256));
        out.push_back(static_cast<std::uint8_t>((number - kShort) % 256));
      }
    }
    text.remove_prefix(size);
  }
  out.push_back(0);
}

void WordList::read(ByteReader& in, std::size_t max, std::string& out) const {
  out.clear();
  bool plain = false;  // pieces are UTF-8, so only text beside them need be looked at
  while (in.ok() && out.size() <= max) {
    const std::uint8_t byte = in.byte();
    if (byte == 0) {
      if (plain && !cbor::valid_utf8(out)) in.fail();
      return;
    }
    if (begins_character(byte)) {
      out.push_back(static_cast<char>(byte));
      if (byte >= 0x80) {
        plain = true;
        out += as_text(in.bytes(character_bytes(byte) - 1));
      }
      continue;
    }
    std::size_t number = byte - kFirstShort;
    if (byte >= kFirstLong) number = kShort + (byte - kFirstLong) * std::size_t{256} + in.byte();
    if (number >= pieces_.size()) return in.fail();
    out += pieces_[number];
  }
  in.fail();
}

}  // namespace lalanh::segment_parts
