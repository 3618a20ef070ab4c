#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/catalogue/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  int number = 0;
  for (const char* text : {"1.500.000", "9/10/2023", "2023-10", "x", "Có", "Nam", "0912 345 678",
                           "001085012345", "chủ hộ", " a  b ", "-1", "1850", "ĐN 052", "không",
                           "illness;no_land", "2023", "31/12/1999", "+84 912 345 678"}) {
    corpus.file("text-" + std::to_string(++number), std::string_view(text));
    corpus.word(std::string_view(text));
  }
  for (const Bytes& word :
       {Bytes{0x00}, Bytes{0xff}, Bytes{0xcc, 0xa3}, Bytes{0xc2, 0xa0}, Bytes{0xe2, 0x80, 0xae}}) {
    corpus.word(word);
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_field_text({data, size});
  return 0;
}
