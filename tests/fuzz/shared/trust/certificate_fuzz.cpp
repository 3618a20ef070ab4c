#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/trust/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  corpus.file("four-tiers", four_tiers().bytes);
  cbor_words(corpus);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_certificate({data, size});
  return 0;
}
