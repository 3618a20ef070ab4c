#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>

#include "shared/base/check.h"
#include "tests/fuzz/main/corpus.h"

/// Words that several targets share, and files of the repository as inputs.
namespace lalanh::fuzz {

/// Of a corpus that is made in the root of the repository.
inline std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  LALANH_CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void json_words(Corpus& corpus) {
  for (const char* word : {"null",
                           "true",
                           "false",
                           "{}",
                           "[]",
                           "[[[[[[[[[[[[[[[[[",
                           "\":",
                           "\"\"",
                           "\\u0000",
                           "\\ud800",
                           "\\u1ea1",
                           "1e9",
                           "0.5",
                           "-0",
                           "-1",
                           "9223372036854775807",
                           "9223372036854775808",
                           "-9223372036854775809",
                           "4294967296",
                           "\xe1\xba\xa1",
                           "a\xcc\xa3"}) {
    corpus.word(std::string_view(word));
  }
  corpus.word(Bytes{0xff});
  corpus.word(Bytes{0x00});
  corpus.word(Bytes{0xef, 0xbb, 0xbf});
}

/// The keys and plain texts of JSON, in order of first use, at most so many.
inline void words_of_json(Corpus& corpus, std::string_view text, std::size_t most) {
  std::vector<std::string_view> seen;
  for (std::size_t at = text.find('"'); at != std::string_view::npos && seen.size() < most;) {
    const std::size_t end = text.find('"', at + 1);
    if (end == std::string_view::npos) break;
    const std::string_view word = text.substr(at, end + 1 - at);
    if (word.size() <= 24 && std::find(seen.begin(), seen.end(), word) == seen.end()) {
      seen.push_back(word);
      corpus.word(word);
    }
    at = text.find('"', end + 1);
  }
}

inline void cbor_words(Corpus& corpus) {
  for (const Bytes& word : {Bytes{0x80},
                            Bytes{0x84},
                            Bytes{0x87},
                            Bytes{0x88},
                            Bytes{0x9f},
                            Bytes{0xa0},
                            Bytes{0xbf},
                            Bytes{0xff},
                            Bytes{0xf6},
                            Bytes{0xf5},
                            Bytes{0x40},
                            Bytes{0x60},
                            Bytes{0xc6, 0x82},
                            Bytes{0xc7, 0x85},
                            Bytes{0x18, 0xff},
                            Bytes{0x19, 0xff, 0xff},
                            Bytes{0x1a, 0xff, 0xff, 0xff, 0xff},
                            Bytes{0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
                            Bytes{0x1b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
                            Bytes{0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
                            Bytes{0x9a, 0xff, 0xff, 0xff, 0xff},
                            Bytes{0x5a, 0x7f, 0xff, 0xff, 0xff},
                            Bytes{0x58, 0x20},
                            Bytes{0x4c},
                            Bytes{0x48}}) {
    corpus.word(word);
  }
}

inline void csv_words(Corpus& corpus) {
  for (const char* word : {",", ";", "\t", "\"", "\"\"", "\r\n", "\n\n", "\xef\xbb\xbf", "\"\n\"",
                           "31/02/1970", "1.500.000", "9/10/2023", "-1", "4294967296", "1970"}) {
    corpus.word(std::string_view(word));
  }
}

}  // namespace lalanh::fuzz
