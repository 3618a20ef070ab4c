#include "shared/catalogue/text.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include <utf8proc.h>

#include "shared/base/check.h"
#include "shared/base/printable.h"

namespace lalanh {
namespace {

using Point = utf8proc_int32_t;

/// What search and sorting make of one character.
struct Letter {
  std::array<char, 6> fold{};  ///< lower case without marks, UTF-8
  std::uint8_t fold_bytes = 0;
  std::uint8_t primary = 0;  ///< place in the alphabet; 0: not a letter of ours
  std::uint8_t tone = 0;     ///< 0 ngang; 3 to 7 huyền, hỏi, ngã, sắc, nặng
  bool space = false;
};

// Bytes of sort keys. A word is: letters, kToneMark, tones, kWordEnd.
constexpr std::uint8_t kWordEnd = 1;
constexpr std::uint8_t kToneMark = 2;
constexpr std::uint8_t kOther = 8;    // then the ASCII character
constexpr std::uint8_t kNumber = 16;  // plus the count of digits, then the digits
constexpr std::uint8_t kLetters = 64;
constexpr std::uint8_t kForeign = 240;  // then the character's UTF-8

constexpr Point kLatinEnd = 0x300;
constexpr Point kAdditional = 0x1E00;
constexpr Point kAdditionalEnd = 0x1F00;

bool is_space(Point c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 ||
         (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x3000 ||
         c == 0xFEFF;
}

/// The next character and its length; U+FFFD of length 1 for a bad byte.
struct Next {
  Point point;
  std::size_t length;
};
Next next_of(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {first, 1};
  const auto later = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const auto goes_on = [&](std::size_t i) { return (later(i) & 0xC0U) == 0x80; };
  // The letters of Vietnamese, of two bytes and of three, without a call.
  if (first >= 0xC3 && first < 0xCC && at + 1 < text.size() && goes_on(1)) {
    return {static_cast<Point>((first & 0x1FU) << 6U | (later(1) & 0x3FU)), 2};
  }
  if (first == 0xE1 && at + 2 < text.size() && goes_on(1) && goes_on(2)) {
    return {
        static_cast<Point>((first & 0x0FU) << 12U | (later(1) & 0x3FU) << 6U | (later(2) & 0x3FU)),
        3};
  }
  Point point = 0;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &point);
  if (length <= 0) return {0xFFFD, 1};
  return {point, static_cast<std::size_t>(length)};
}

std::string mapped(std::string_view text, unsigned options) {
  utf8proc_uint8_t* raw = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &raw,
                                   static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(raw, &std::free);
  if (length < 0) return std::string(text);  // not UTF-8: the caller was told
  return std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
}

std::string folded_by_library(std::string_view text) {
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                          UTF8PROC_STRIPMARK | UTF8PROC_STRIPCC | UTF8PROC_COMPAT);
}

std::uint8_t tone_of_mark(Point mark) {
  switch (mark) {
    case 0x300: return 3;  // huyền
    case 0x309: return 4;  // hỏi
    case 0x303: return 5;  // ngã
    case 0x301: return 6;  // sắc
    case 0x323: return 7;  // nặng
    default: return 0;
  }
}

/// Place of a base letter with its Vietnamese mark: breve, circumflex, horn, bar.
std::uint8_t place_of(Point base, Point mark) {
  constexpr std::u32string_view kOrder = U"aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";
  Point letter = base;
  if (mark == 0x306 && base == 'a') letter = 0x103;
  if (mark == 0x302 && base == 'a') letter = 0xE2;
  if (mark == 0x302 && base == 'e') letter = 0xEA;
  if (mark == 0x302 && base == 'o') letter = 0xF4;
  if (mark == 0x31B && base == 'o') letter = 0x1A1;
  if (mark == 0x31B && base == 'u') letter = 0x1B0;
  const std::size_t at = kOrder.find(static_cast<char32_t>(letter));
  return at == std::u32string_view::npos ? std::uint8_t{0}
                                         : static_cast<std::uint8_t>(kLetters + at);
}

Letter make_letter(Point c) {
  Letter out;
  out.space = is_space(c);
  std::array<utf8proc_uint8_t, 4> utf8{};
  const auto length = utf8proc_encode_char(c, utf8.data());
  const std::string_view text(reinterpret_cast<const char*>(utf8.data()),
                              static_cast<std::size_t>(length));
  // đ is a letter of its own, which Unicode does not decompose.
  const std::string fold = c == 0x110 || c == 0x111 ? "d" : folded_by_library(text);
  CHECK(fold.size() <= out.fold.size());
  std::copy(fold.begin(), fold.end(), out.fold.begin());
  out.fold_bytes = static_cast<std::uint8_t>(fold.size());

  std::array<Point, 8> parts{};
  int boundary = 0;
  const auto count = utf8proc_decompose_char(
      utf8proc_tolower(c), parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE), &boundary);
  Point mark = 0;
  for (utf8proc_ssize_t i = 1; i < count && i < 8; ++i) {
    const Point part = parts[static_cast<std::size_t>(i)];
    if (tone_of_mark(part) != 0) {
      out.tone = tone_of_mark(part);
    } else {
      mark = part;
    }
  }
  if (count > 0) out.primary = place_of(parts[0], mark);
  return out;
}

struct Tables {
  std::array<Letter, kLatinEnd> latin;
  std::array<Letter, kAdditionalEnd - kAdditional> additional;
  std::array<char, 128> ascii{};  ///< the fold of what is one character and no space; else 0
  Tables() {
    for (Point c = 0; c < kLatinEnd; ++c) latin[static_cast<std::size_t>(c)] = make_letter(c);
    for (std::size_t c = 0; c < ascii.size(); ++c) {
      if (!latin[c].space && latin[c].fold_bytes == 1) ascii[c] = latin[c].fold[0];
    }
    for (Point c = kAdditional; c < kAdditionalEnd; ++c) {
      additional[static_cast<std::size_t>(c - kAdditional)] = make_letter(c);
    }
  }
};

const Tables& tables() {
  static const Tables kTables;
  return kTables;
}

/// The letter of a character from the tables, nullptr for other scripts and marks.
const Letter* letter_of(Point c, const Tables& tables) {
  if (c < kLatinEnd) return &tables.latin[static_cast<std::size_t>(c)];
  if (c >= kAdditional && c < kAdditionalEnd) {
    return &tables.additional[static_cast<std::size_t>(c - kAdditional)];
  }
  return nullptr;
}

/// Characters that normal form C never changes, whatever stands beside them.
bool surely_nfc(Point c) {
  return c < 0x300 || (c >= 0x1E00 && c < 0x1F00) || (c >= 0x2002 && c < 0x20D0) ||
         (c >= 0x4E00 && c < 0xA000);
}

/// The key of one word of NFC text.
void append_word_key(std::string_view word, std::string& out) {
  std::string tones;
  const Tables& letters = tables();
  std::size_t i = 0;
  while (i < word.size()) {
    const auto [c, length] = next_of(word, i);
    if (c >= '0' && c <= '9') {
      std::size_t end = i;
      while (end < word.size() && word[end] >= '0' && word[end] <= '9') ++end;
      while (i + 1 < end && word[i] == '0') ++i;
      constexpr std::size_t kDigitsMax = 40;  // kNumber + 40 < kLetters
      const std::size_t digits = end - i < kDigitsMax ? end - i : kDigitsMax;
      out += static_cast<char>(kNumber + digits);
      out += word.substr(i, end - i);
      i = end;
      continue;
    }
    const Letter* letter = letter_of(c, letters);
    if (letter != nullptr && letter->primary != 0) {
      out += static_cast<char>(letter->primary);
      if (letter->tone != 0) tones += static_cast<char>(letter->tone);
    } else if (c < 0x80) {
      out += static_cast<char>(kOther);
      if (c > 0) out += static_cast<char>(c);
    } else {
      out += static_cast<char>(kForeign);
      out += word.substr(i, length);
    }
    i += length;
  }
  out += static_cast<char>(kToneMark);
  out += tones;
  out += static_cast<char>(kWordEnd);
}

/// Calls `each` with the words of a text, first to last.
template <class Each>
void for_words(std::string_view text, const Each& each) {
  std::size_t begin = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const auto [c, length] = next_of(text, i);
    if (is_space(c)) {
      if (i > begin) each(text.substr(begin, i - begin));
      begin = i + length;
    }
    i += length;
  }
  if (text.size() > begin) each(text.substr(begin));
}

}  // namespace

bool is_nfc(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto [c, length] = next_of(text, i);
    if (!surely_nfc(c)) return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE) == text;
    i += length;
  }
  return true;
}

std::string to_nfc(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto [c, length] = next_of(text, i);
    if (!surely_nfc(c)) return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    i += length;
  }
  return std::string(text);
}

std::string tidy_line(std::string_view text) {
  const std::string normal = to_nfc(text);
  std::string out;
  out.reserve(normal.size());
  for_words(normal, [&out](std::string_view word) {
    if (!out.empty()) out += ' ';
    out += word;
  });
  return out;
}

std::string tidy_lines(std::string_view text) {
  const std::string normal = to_nfc(text);
  std::string out;
  out.reserve(normal.size());
  for (std::size_t i = 0; i < normal.size(); ++i) {
    if (normal[i] == '\r') {
      out += '\n';
      if (i + 1 < normal.size() && normal[i + 1] == '\n') ++i;
    } else {
      out += normal[i];
    }
  }
  const std::size_t first = out.find_first_not_of(" \t\n");
  if (first == std::string::npos) return "";
  return out.substr(first, out.find_last_not_of(" \t\n") + 1 - first);
}

bool has_control(std::string_view text, bool lines) {
  for (std::size_t i = 0; i < text.size();) {
    const auto [c, length] = next_of(text, i);
    const bool allowed = lines && (c == '\n' || c == '\t');
    if (is_control(c) && !allowed) return true;
    i += length;
  }
  return false;
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++count;
  }
  return count;
}

void append_fold(std::string_view text, std::string& out) {
  constexpr std::size_t kGrowth = 6;  // of one character, at most
  const Tables& letters = tables();
  const std::size_t begin = out.size();
  std::size_t end = begin;
  bool gap = false;
  const auto room = [&](std::size_t more) {
    if (out.size() < end + more) out.resize(end + more + text.size());
  };
  for (std::size_t i = 0; i < text.size();) {
    room(text.size() - i + kGrowth + 1);
    char* at = out.data() + end;  // nothing below makes it longer without asking anew
    if (gap) *at = ' ';
    char* const word = at + (gap ? 1 : 0);
    at = word;
    while (i < text.size()) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte >= 0x80 || letters.ascii[byte] == 0) break;
      *at++ = letters.ascii[byte];
      ++i;
    }
    if (at != word) {
      end = static_cast<std::size_t>(at - out.data());
      gap = false;
      continue;
    }
    const auto [c, length] = next_of(text, i);
    const Letter* letter = letter_of(c, letters);
    if (letter != nullptr ? letter->space : is_space(c)) {
      gap = end > begin;
      i += length;
      continue;
    }
    end += gap ? 1 : 0;
    gap = false;
    if (letter != nullptr) {
      // All of it, for its own length is only known when it is read.
      std::memcpy(out.data() + end, letter->fold.data(), kGrowth);
      end += letter->fold_bytes;
    } else {
      const std::string fold = folded_by_library(text.substr(i, length));
      room(fold.size());
      for (const char byte : fold) out[end++] = byte;
    }
    i += length;
  }
  out.resize(end);
}

std::string fold_for_search(std::string_view text) {
  std::string out;
  append_fold(text, out);
  return out;
}

std::string sort_key(std::string_view text) {
  const std::string normal = to_nfc(text);
  std::string out;
  out.reserve(normal.size() + 8);
  for_words(normal, [&out](std::string_view word) { append_word_key(word, out); });
  return out;
}

std::string sort_key_of_person(std::string_view name) {
  const std::string normal = to_nfc(name);
  std::vector<std::string_view> words;
  for_words(normal, [&words](std::string_view word) { words.push_back(word); });
  std::string out;
  if (words.empty()) return out;
  out.reserve(normal.size() + 8);
  append_word_key(words.back(), out);
  words.pop_back();
  for (const std::string_view word : words) append_word_key(word, out);
  return out;
}

}  // namespace lalanh
