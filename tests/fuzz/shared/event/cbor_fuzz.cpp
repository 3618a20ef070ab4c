#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/event/samples.h"
#include "tests/fuzz/shared/event/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    corpus.file("event-" + std::to_string(seed), valid_event(seed));
    Bytes value;
    cbor::Writer out(value);
    write(out, test::EventMaker(seed).value());
    corpus.file("value-" + std::to_string(seed), value);
  }
  cbor_words(corpus);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_cbor({data, size});
  return 0;
}
