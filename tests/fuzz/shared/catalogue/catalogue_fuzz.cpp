#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/catalogue/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  for (const char* name : {"household", "assessment", "reference"}) {
    const std::string text = text_of_file("shared/catalogue/data/" + std::string(name) + ".json");
    corpus.file(name, text);
    words_of_json(corpus, text, 60);
  }
  corpus.file("small",
              R"({"format":1,"types":[{"name":"visit","label":{"vi":"Lần thăm","en":"Visit"},
"channel":"records","fields":[{"name":"on","kind":"date","op":"set","sensitivity":"none",
"label":{"vi":"Ngày","en":"Day"},"required":true}]}]})");
  json_words(corpus);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_catalogue({data, size});
  return 0;
}
