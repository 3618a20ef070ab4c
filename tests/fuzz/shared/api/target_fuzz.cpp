#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/api/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  corpus.file("plain", "/api/status");
  corpus.file("query", "/api/households?unit=%2314&q=B%C3%B9i+V%C4%83n&limit=20&removed");
  corpus.file("escaped", "/api/x%20y/-._~?a=b+c%26&d&e=%C4%91&=&&");
  for (const char* word :
       {"%00", "%2", "%zz", "%ff", "%C3%A9", "%25", "+", "&", "=", "?", "//", "#", "/api/"}) {
    corpus.word(std::string_view(word));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_target({data, size});
  return 0;
}
