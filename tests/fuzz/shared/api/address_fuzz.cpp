#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/api/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  corpus.file("name", "district.example:8600");
  corpus.file("v4", "http://192.168.1.10:8600/");
  corpus.file("v6", "https://[fe80::1%eth0]:65535");
  for (const char* word : {"https://", "http://", "[::1]", ":0", ":65536", ":08600", "/", "%25"}) {
    corpus.word(std::string_view(word));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_address({data, size});
  return 0;
}
