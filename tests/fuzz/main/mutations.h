#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/bytes.h"

namespace lalanh::fuzz {

/// A dictionary of libFuzzer: `name="text"` a line, with \\, \" and \xNN; `#` begins a comment.
/// Nothing where it is malformed.
std::optional<std::vector<Bytes>> read_dictionary(std::string_view text);
/// The lines of one.
std::string write_dictionary(const std::vector<Bytes>& words);

/// Alters valid inputs: bytes set and flipped, runs taken out, doubled or moved, tokens put in,
/// numbers a little more or less, two inputs spliced, ends cut. Pure: a number gives the same input
/// everywhere, for the same corpus and words.
class Mutations {
 public:
  /// The corpus may be empty: then inputs begin with nothing.
  Mutations(std::vector<Bytes> corpus, std::vector<Bytes> words)
      : corpus_(std::move(corpus)), words_(std::move(words)) {}
  Bytes make(std::uint64_t number) const;

 private:
  std::vector<Bytes> corpus_;
  std::vector<Bytes> words_;
};

}  // namespace lalanh::fuzz
