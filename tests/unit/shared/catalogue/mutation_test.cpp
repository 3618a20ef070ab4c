#include <fstream>
#include <iterator>

// clang-format off
#include "tests/fuzz/shared/catalogue/targets.h"
// After ours: shared/base/check.h has a CHECK too, and tests mean Catch's.
#include <catch2/catch.hpp>
// clang-format on

using namespace lalanh;

namespace {

/// Every text with one byte altered, taken out or doubled, at a few hundred places.
template <class Target>
void altered(std::string_view good, Target target) {
  const std::size_t step = good.size() / 300 + 1;
  for (std::size_t at = 0; at < good.size(); at += step) {
    for (const char byte : {'\0', '"', ',', '{', '9', '\n', '\xff'}) {
      std::string text(good);
      text[at] = byte;
      target(as_bytes(text));
    }
    std::string shorter(good);
    shorter.erase(at, 1);
    target(as_bytes(shorter));
    target(as_bytes(good.substr(0, at)));
  }
  target(as_bytes(good));
}

}  // namespace

TEST_CASE("altered JSON is refused, or read as what can be written and read again") {
  altered(R"({"a":[1,-9007199254740993,true,null,"Đồng Nai \"x\" \u00e9\n"],"b":{"c":{}}})",
          fuzz::any_json);
}

TEST_CASE("altered catalogues are whole or refused") {
  for (const char* name : {"household", "assessment", "reference"}) {
    // Tests run in the root of the repository.
    std::ifstream file("shared/catalogue/data/" + std::string(name) + ".json", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    REQUIRE_FALSE(text.empty());
    altered(text, fuzz::any_catalogue);
  }
}

TEST_CASE("altered tables are read to an end") {
  altered("code,head,note\nĐN-1,\"Bùi, Văn \"\"Hai\"\"\",x\n\nĐN-2;y,z,\"a\nb\"\n", fuzz::any_csv);
}

TEST_CASE("what a field takes from text it takes again from how it writes it") {
  for (const char* text : {"1.500.000", "9/10/2023", "2023-10", "x", "Có", "Nam", "0912 345 678",
                           "001085012345", "chủ hộ", " a  b ", "-1", "1850", "ĐN 052"}) {
    altered(text, fuzz::any_field_text);
  }
}
