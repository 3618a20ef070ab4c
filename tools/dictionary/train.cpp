#include "tools/dictionary/train.h"

#define ZDICT_STATIC_LINKING_ONLY  // the cover trainer, which takes its parameters as given
#include <algorithm>
#include <map>

#include <zdict.h>

#include "shared/event/segment_parts.h"
#include "tools/dictionary/samples.h"

namespace lalanh::dictionary {
namespace {

using segment_parts::WordList;
using Counts = std::map<std::string, std::uint64_t>;

constexpr std::size_t kChunksMax = 4;    ///< words of one piece
constexpr std::size_t kPieceBytes = 40;  ///< longer ones are zstd's to find
constexpr std::uint64_t kOtherWeight = 20;

/// "Nguyễn Văn An" is "Nguyễn ", "Văn ", "An".
std::vector<std::string> chunks_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = (std::min)(text.find(' '), text.size() - 1) + 1;
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

bool has_digit(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

/// Every run of up to kChunksMax words, with and without the space after it.
void count_pieces(std::string_view text, std::uint64_t weight, Counts& counts) {
  const std::vector<std::string> chunks = chunks_of(text);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    std::string piece;
    for (std::size_t n = i; n < chunks.size() && n < i + kChunksMax; ++n) {
      piece += chunks[n];
      if (piece.size() > kPieceBytes || has_digit(piece)) break;
      counts[piece] += weight;
      if (piece.back() == ' ' && piece.size() > 1) {
        counts[piece.substr(0, piece.size() - 1)] += weight / 4;
      }
    }
  }
}

void count_letters(std::string_view text, std::uint64_t weight, Counts& counts) {
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (end < text.size() && (static_cast<std::uint8_t>(text[end]) & 0xc0U) == 0x80U) ++end;
    if (end - i > 1) counts[std::string(text.substr(i, end - i))] += weight;
    i = end;
  }
}

Counts texts_of(const Form& form) {
  Counts texts;
  make_samples(form, [&](const SegmentHeader&, std::span<const Event> events, const StreamNames&) {
    ++texts[events[0].actor];
    ++texts[events[0].verb];
    std::map<std::string, int> names;
    for (const Event& event : events) {
      for (const Op& op : event.ops) {
        ++names[op.name];
        if (op.value.kind() == Value::Kind::kText) ++texts[op.value.as_text()];
      }
    }
    for (const auto& [name, count] : names) texts[name] += 4;  // a segment has each once
  });
  return texts;
}

/// What a piece saves, taking two bytes where its words would take two each, or its letters.
std::uint64_t saving(const std::string& piece, std::uint64_t count) {
  const std::size_t words = chunks_of(piece).size();
  const std::size_t without = words > 1 ? 2 * words : piece.size();
  return without > 2 ? count * (without - 2) : 0;
}

std::vector<std::string> best(const Counts& counts, std::size_t most) {
  std::vector<std::pair<std::uint64_t, std::string>> scored;
  for (const auto& [piece, count] : counts) {
    const std::uint64_t score = saving(piece, count);
    if (score > 8) scored.emplace_back(score, piece);
  }
  std::sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<std::string> out;
  for (std::size_t i = 0; i < scored.size() && out.size() < most; ++i) {
    out.push_back(scored[i].second);
  }
  return out;
}

std::string lines_of(const std::vector<std::string>& pieces) {
  std::string out;
  for (const std::string& piece : pieces) {
    for (const char c : piece) out += c == ' ' ? "·" : std::string(1, c);
    out += '\n';
  }
  return out;
}

/// How often each piece is used when the texts are written with the list.
std::vector<std::uint64_t> uses_of(const WordList& list, const Counts& texts) {
  std::vector<std::uint64_t> uses(list.size());
  Bytes coded;
  for (const auto& [text, count] : texts) {
    coded.clear();
    list.put(text, coded);
    for (std::size_t i = 0; i + 1 < coded.size(); ++i) {
      const std::uint8_t byte = coded[i];
      if (byte >= 0x80 && byte < 0x80 + WordList::kShort) {
        uses[byte - 0x80U] += count;
      } else if (byte >= 0xf5) {
        uses[WordList::kShort + (byte - 0xf5U) * 256U + coded[i + 1]] += count;
        ++i;
      } else if (byte >= 0xc2) {
        i += byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      }
    }
  }
  return uses;
}

}  // namespace

std::string train_words(const Form& form, const std::vector<std::string>& other_texts) {
  Counts texts = texts_of(form);
  Counts pieces;
  for (const auto& [text, count] : texts) {
    count_pieces(text, count, pieces);
    count_letters(text, count, pieces);
  }
  for (const std::string& text : other_texts) {
    for (const std::string& chunk : chunks_of(text)) {
      // Words of other texts by themselves, and as they stand before others.
      const std::string word = chunk.back() == ' ' ? chunk.substr(0, chunk.size() - 1) : chunk;
      if (word.empty() || has_digit(word) || word.size() > kPieceBytes) continue;
      pieces[word] += kOtherWeight / 2;
      pieces[word + " "] += kOtherWeight;
    }
    count_letters(text, kOtherWeight, pieces);
  }
  std::vector<std::string> chosen = best(pieces, WordList::kMax);
  const std::vector<std::uint64_t> uses = uses_of(WordList(lines_of(chosen)), texts);
  std::vector<std::size_t> order(chosen.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return uses[a] > uses[b]; });
  std::vector<std::string> sorted;
  for (const std::size_t i : order) sorted.push_back(chosen[i]);
  return lines_of(sorted);
}

Result<Bytes> train_dictionary(const Form& form, const WordList& words, std::size_t bytes_max) {
  Bytes samples;
  std::vector<std::size_t> sizes;
  make_samples(form, [&](const SegmentHeader& header, std::span<const Event> events,
                         const StreamNames& names) {
    const auto columns = segment_parts::write_columns(header, events, names, words);
    append(samples, columns.bytes);
    sizes.push_back(columns.bytes.size());
  });
  Bytes out(bytes_max);
  ZDICT_cover_params_t params{};
  params.k = 64;
  params.d = 8;
  params.zParams.compressionLevel = 19;
  const std::size_t size =
      ZDICT_trainFromBuffer_cover(out.data(), out.size(), samples.data(), sizes.data(),
                                  static_cast<unsigned>(sizes.size()), params);
  if (ZDICT_isError(size) != 0) {
    return Error{ErrorCode::input_usage, {{"why", ZDICT_getErrorName(size)}}};
  }
  out.resize(size);
  return out;
}

}  // namespace lalanh::dictionary
