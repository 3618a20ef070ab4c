#include "shared/catalogue/text.h"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace lalanh {
namespace {

/// Does the list stand in the order of its keys, all different?
template <class Key>
void check_order(const std::vector<std::string>& list, const Key& key) {
  for (std::size_t i = 1; i < list.size(); ++i) {
    INFO(list[i - 1] << " before " << list[i]);
    CHECK(key(list[i - 1]) < key(list[i]));
  }
}

TEST_CASE("Text typed in pieces becomes the same as text typed whole") {
  const std::string apart = "Nguye\xCC\x82\xCC\x83n";  // e, circumflex, tilde
  CHECK_FALSE(is_nfc(apart));
  CHECK(to_nfc(apart) == "Nguyễn");
  CHECK(is_nfc("Nguyễn Văn Đức, xã Lạc Vân – 12 m²"));
  CHECK(to_nfc("Trần “Tám”") == "Trần “Tám”");
  CHECK(tidy_line("  Nguyễn \t Văn\xC2\xA0 An\r\n") == "Nguyễn Văn An");
  CHECK(tidy_lines("\r\n a\r\nb\rc \n") == "a\nb\nc");
  CHECK(has_control("a\x01", true));
  CHECK(has_control("a\n", false));
  CHECK_FALSE(has_control("a\nb", true));
  CHECK(has_control("a\xE2\x80\xAE", true));  // turns the direction of text
  CHECK(character_count("Đức") == 3);
}

TEST_CASE("Search knows no case, no diacritics, and đ as d") {
  CHECK(fold_for_search("  Nguyễn  Văn ĐỨC ") == "nguyen van duc");
  CHECK(fold_for_search("Ưng Ơn Ăn Âu Êm Ôi ỳ Ỷ ỹ Ý Ỵ") == "ung on an au em oi y y y y y");
  CHECK(fold_for_search("Nguye\xCC\x82\xCC\x83n") == "nguyen");
  CHECK(fold_for_search("hoà HÒA hóa") == "hoa hoa hoa");
  CHECK(fold_for_search("Straße 12/5") == "strasse 12/5");
  CHECK(fold_for_search("ｆｕｌｌ Ω") == "full ω");
  CHECK(fold_for_search("") == "");
  CHECK(fold_for_search(" \t") == "");
}

TEST_CASE("Vietnamese letters and tones sort in their own order") {
  check_order({"a", "ă", "â", "b", "c", "d", "đ", "e", "ê", "f", "g", "h", "i", "j", "k", "l", "m",
               "n", "o", "ô", "ơ", "p", "q", "r", "s", "t", "u", "ư", "v", "w", "x", "y", "z"},
              [](const std::string& s) { return sort_key(s); });
  check_order({"ma", "mà", "mả", "mã", "má", "mạ", "man", "măm", "mâm"},
              [](const std::string& s) { return sort_key(s); });
  check_order({"Ba", "Ba Lo", "Bà Con", "Bả", "Bac"},
              [](const std::string& s) { return sort_key(s); });
  check_order({"Thôn 1", "Thôn 2", "Thôn 02A", "Thôn 10", "Thôn Bắc", "Thôn Đông"},
              [](const std::string& s) { return sort_key(s); });
  CHECK(sort_key("HOÀ") == sort_key("hòa"));
  CHECK(sort_key("ĐẶNG") == sort_key("đặng"));
  CHECK(sort_key("Nguyễn An").find('\0') == std::string::npos);
}

TEST_CASE("Lists of persons sort by given name, then the rest") {
  check_order({"Trần Thị An", "Lê Văn Ân", "Đinh Văn Bình", "Nguyễn Thị Hà", "Nguyễn Văn Hà",
               "Trần Văn Hà", "Lê Văn Hạ", "Phạm Hải", "Bùi Văn Quyết", "Vũ Thị Ý"},
              [](const std::string& s) { return sort_key_of_person(s); });
  check_order({"An", "Lê An", "Lê Văn An", "Lý An"},
              [](const std::string& s) { return sort_key_of_person(s); });
  CHECK(sort_key_of_person("  Lê  Văn An ") == sort_key_of_person("lê văn an"));
  CHECK(sort_key_of_person("") == "");
}

TEST_CASE("Bytes that are not UTF-8 harm no function of text") {
  const std::string bad = "a\xC3\xFF\xE1\xBB";
  CHECK_NOTHROW(to_nfc(bad));
  CHECK_NOTHROW(fold_for_search(bad));
  CHECK_NOTHROW(sort_key(bad));
  CHECK_NOTHROW(sort_key_of_person(bad));
}

}  // namespace
}  // namespace lalanh
