#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/catalogue/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  corpus.file("commas", "code,head,note\nĐN-1,\"Bùi, Văn \"\"Hai\"\"\",x\n\nĐN-2;y,z,\"a\nb\"\n");
  corpus.file("semicolons",
              "\xEF\xBB\xBF"
              "code;head;income\r\nH1;\"Bùi; An\";1.500.000\r\n;;\r\n");
  corpus.file("tabs", "code\thead\nH1\tA");
  corpus.file("instruction", "sep=;\ncode;head\nH1;A\n");
  csv_words(corpus);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_csv({data, size});
  return 0;
}
