#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/rules/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  for (const char* name : {"nd-07-2021", "nd-351-2025"}) {
    const std::string text = text_of_file("shared/rules/data/" + std::string(name) + ".json");
    corpus.file(name, text);
    words_of_json(corpus, text, 80);
  }
  json_words(corpus);
  for (const char* word : {"\"2022-01-01\"", "\"9999-12-31\"", "\"2021-02-30\"", "100000000000"}) {
    corpus.word(std::string_view(word));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_rule_pack({data, size});
  return 0;
}
