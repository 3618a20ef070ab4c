#include "tests/fuzz/main/mutations.h"

#include <algorithm>

#include "tests/support/simple_ports.h"

namespace lalanh::fuzz {
namespace {

using testing::SeededRandom;

/// What an input may grow to: a segment or a request is smaller.
constexpr std::size_t kInputBytesMax = 128 * 1'024;

constexpr std::uint8_t kOddBytes[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '"', ',', '{', '\n', '-', '9'};

using Place = std::ptrdiff_t;

void insert(Bytes& into, std::size_t at, ByteView what) {
  into.insert(into.begin() + static_cast<Place>(at), what.begin(), what.end());
}

/// A big-endian number of 1, 2 or 4 bytes, a little more or less: lengths, counts, versions.
void nudge(Bytes& bytes, std::size_t at, SeededRandom& random) {
  const std::size_t width = (std::min)(std::size_t{1} << random.below(3), bytes.size() - at);
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < width; ++i) number = (number << 8U) | bytes[at + i];
  const auto by = static_cast<std::uint32_t>(1 + random.below(16));
  number = random.below(2) == 0 ? number + by : number - by;
  for (std::size_t i = width; i > 0; --i, number >>= 8U) {
    bytes[at + i - 1] = static_cast<std::uint8_t>(number);
  }
}

Bytes run_of(const Bytes& bytes, std::size_t at, SeededRandom& random) {
  const std::size_t most = bytes.size() - at;
  const std::size_t n = 1 + random.below((std::min)(most, std::size_t{1} << random.below(9)));
  const auto from = bytes.begin() + static_cast<Place>(at);
  return {from, from + static_cast<Place>(n)};
}

/// One mutation of an input that is not empty.
void mutate(Bytes& bytes, const std::vector<Bytes>& words, const Bytes& other,
            SeededRandom& random) {
  const std::size_t at = random.below(bytes.size());
  switch (random.below(10)) {
    case 0: bytes[at] = static_cast<std::uint8_t>(random.next()); break;
    case 1: bytes[at] = kOddBytes[random.below(std::size(kOddBytes))]; break;
    case 2: bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U << random.below(8))); break;
    case 3: nudge(bytes, at, random); break;
    case 4: {
      const std::size_t n = run_of(bytes, at, random).size();
      bytes.erase(bytes.begin() + static_cast<Place>(at),
                  bytes.begin() + static_cast<Place>(at + n));
      break;
    }
    case 5: {
      const Bytes run = run_of(bytes, at, random);
      for (std::uint64_t i = 1 + random.below(8); i > 0; --i) insert(bytes, at, run);
      break;
    }
    case 6: {
      const Bytes run = run_of(bytes, at, random);
      insert(bytes, random.below(bytes.size() + 1), run);
      break;
    }
    case 7: {
      if (words.empty()) break;
      const Bytes& word = words[random.below(words.size())];
      const std::size_t over =
          random.below(2) == 0 ? 0 : (std::min)(word.size(), bytes.size() - at);
      bytes.erase(bytes.begin() + static_cast<Place>(at),
                  bytes.begin() + static_cast<Place>(at + over));
      insert(bytes, at, word);
      break;
    }
    case 8: {
      const std::size_t from = random.below(other.size() + 1);
      bytes.resize(at);
      append(bytes, ByteView(other).subspan(from));
      break;
    }
    default: bytes.resize(at); break;
  }
}

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

/// What stands between the quotes of a line; nothing where it is malformed.
std::optional<Bytes> read_word(std::string_view line) {
  const std::size_t first = line.find('"');
  if (first == std::string_view::npos || line.size() < first + 2 || line.back() != '"') {
    return std::nullopt;
  }
  line = line.substr(first + 1, line.size() - first - 2);
  Bytes out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\') {
      out.push_back(static_cast<std::uint8_t>(line[i]));
      continue;
    }
    if (++i == line.size()) return std::nullopt;
    if (line[i] != 'x') {
      out.push_back(static_cast<std::uint8_t>(line[i]));
      continue;
    }
    if (i + 2 >= line.size()) return std::nullopt;
    const auto high = hex_digit(line[i + 1]);
    const auto low = hex_digit(line[i + 2]);
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(*high * 16 + *low));
    i += 2;
  }
  return out;
}

}  // namespace

std::optional<std::vector<Bytes>> read_dictionary(std::string_view text) {
  std::vector<Bytes> out;
  while (!text.empty()) {
    const std::size_t end = (std::min)(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix((std::min)(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    std::optional<Bytes> word = read_word(line);
    if (!word || word->empty()) return std::nullopt;
    out.push_back(std::move(*word));
  }
  return out;
}

std::string write_dictionary(const std::vector<Bytes>& words) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const Bytes& word : words) {
    out += '"';
    for (const std::uint8_t byte : word) {
      if (byte == '"' || byte == '\\') out += '\\';
      if (byte >= 0x20 && byte < 0x7f) {
        out += static_cast<char>(byte);
      } else {
        out += {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
      }
    }
    out += "\"\n";
  }
  return out;
}

Bytes Mutations::make(std::uint64_t number) const {
  SeededRandom random(number);
  static const Bytes kNothing;
  const auto one = [&]() -> const Bytes& {
    return corpus_.empty() ? kNothing : corpus_[random.below(corpus_.size())];
  };
  Bytes out = one();
  for (std::uint64_t i = 1 + random.below(5); i > 0; --i) {
    if (out.empty()) out.push_back(static_cast<std::uint8_t>(random.next()));
    mutate(out, words_, one(), random);
  }
  if (out.size() > kInputBytesMax) out.resize(kInputBytesMax);
  return out;
}

}  // namespace lalanh::fuzz
