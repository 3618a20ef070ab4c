#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/catalogue/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  corpus.file("kinds",
              R"({"a":[1,-9007199254740993,true,null,"Đồng Nai \"x\" \u00e9\n"],"b":{"c":{}}})");
  corpus.file("deep", "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]");
  corpus.file("text", R"("\ud83d\ude00 \t \/ \\ ạ")");
  json_words(corpus);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_json({data, size});
  return 0;
}
