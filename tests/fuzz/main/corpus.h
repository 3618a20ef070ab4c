#pragma once

#include <string>
#include <string_view>

#include "shared/base/bytes.h"

namespace lalanh::fuzz {

/// Takes what the fuzzers of a target start from.
class Corpus {
 public:
  virtual ~Corpus() = default;
  /// A valid input, small.
  virtual void file(const std::string& name, ByteView bytes) = 0;
  void file(const std::string& name, std::string_view text) { file(name, as_bytes(text)); }
  /// Bytes that inputs have in common: a key of JSON, a head of CBOR, a number at a limit.
  virtual void word(ByteView token) = 0;
  void word(std::string_view token) { word(as_bytes(token)); }
};

/// Defined by a target, beside its LLVMFuzzerTestOneInput, where its corpus can be made; what it
/// gives must be the same in every run. `tools/fuzz --make-corpus` calls it.
__attribute__((weak)) void make_corpus(Corpus& corpus);

}  // namespace lalanh::fuzz
