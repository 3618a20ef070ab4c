#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/event/samples.h"
#include "tests/fuzz/shared/event/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    corpus.file("columns-" + std::to_string(seed), valid_columns(seed));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_columns({data, size});
  return 0;
}
