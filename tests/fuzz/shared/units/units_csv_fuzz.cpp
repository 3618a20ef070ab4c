#include "tests/fuzz/main/words.h"
#include "tests/fuzz/shared/units/targets.h"

void lalanh::fuzz::make_corpus(Corpus& corpus) {
  corpus.file("four-tiers",
              "code,name,level,parent_code,kind\n"
              "37,Tỉnh Thử,province,,tỉnh\n"
              "372,Huyện Thử,district,37,huyện\n"
              "14401,Xã Thử,commune,372,xã\n"
              "1440101,Thôn Một,village,14401,thôn\n"
              "1440102,\"Thôn \"\"Hai\"\", Đông\",village,14401,thôn\n");
  corpus.file("facts",
              "\xEF\xBB\xBF"
              "code;name;level;parent_code;kind;valid_from;valid_to;unit_no;invented\r\n"
              "37;Tỉnh Thử;province;;tỉnh;2021-01-01;;1;yes\r\n"
              "144;Xã Thử;commune;37;xã;01/07/2025;;2;yes\r\n"
              "145;Xã Cũ;commune;37;xã;2021-01-01;2025-06-30;3;yes\r\n"
              "144;Xã Thử Mới;commune;37;xã;2025-07-01;;3;yes\r\n"
              "14401;Bản Na;village;144;bản;;;4;yes\r\n");
  csv_words(corpus);
  for (const char* word : {"province", "district", "commune", "village", "unit_no", "valid_from",
                           "valid_to", "parent_code", "999", "1000", "99999", "100000"}) {
    corpus.word(std::string_view(word));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lalanh::fuzz::any_units_csv({data, size});
  return 0;
}
