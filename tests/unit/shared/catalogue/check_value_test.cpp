#include "shared/catalogue/check_value.h"

#include <string>

#include <catch2/catch.hpp>

namespace lalanh {
namespace {

const Field& field(const char* type, const char* name) {
  const Field* found = Catalogue::builtin().field(type, name);
  REQUIRE(found != nullptr);
  return *found;
}

/// The value as text, or the error's name.
std::string text(const char* type, const char* name, std::string_view cell) {
  const Result<FieldValue> value = check_text(field(type, name), cell, "f:2");
  return value.ok() ? to_text(*value) : value.error().name();
}

std::string json(const char* type, const char* name, std::string_view bytes) {
  const Result<JsonValue> read = parse_json(bytes, "f");
  REQUIRE(read.ok());
  const Result<FieldValue> value = check_value(field(type, name), *read, "f:2");
  return value.ok() ? to_text(*value) : value.error().name();
}

TEST_CASE("Money is whole dong, however it is grouped") {
  CHECK(text("assessment", "income", "1500000") == "1500000");
  CHECK(text("assessment", "income", " 1.500.000 ") == "1500000");
  CHECK(text("assessment", "income", "1,500,000") == "1500000");
  CHECK(text("assessment", "income", "0") == "0");
  CHECK(text("assessment", "income", "") == "");
  CHECK(text("assessment", "income", "1.5") == "input.not_a_whole_number");
  CHECK(text("assessment", "income", "1.500,000") == "input.not_a_whole_number");
  CHECK(text("assessment", "income", "1.500.00") == "input.not_a_whole_number");
  CHECK(text("assessment", "income", "1500000 đ") == "input.not_a_whole_number");
  CHECK(text("assessment", "income", "-1") == "input.out_of_range");
  CHECK(text("assessment", "income", "99999999999999999999") == "input.out_of_range");
  CHECK(json("assessment", "income", "1500000") == "1500000");
  CHECK(json("assessment", "income", "\"1500000\"") == "input.not_a_whole_number");
  CHECK(json("assessment", "income", "true") == "input.not_a_whole_number");
  CHECK(json("assessment", "income", "-1") == "input.out_of_range");
  CHECK(json("assessment", "income", "null") == "");
}

TEST_CASE("A number out of its range is refused with field, value and range") {
  const Result<FieldValue> value =
      check_text(field("assessment", "score_deprivation"), "121", "f.csv:7:score_deprivation");
  REQUIRE_FALSE(value.ok());
  CHECK(value.error().name() == "input.out_of_range");
  CHECK(value.error().value("field") == "score_deprivation");
  CHECK(value.error().value("value") == "121");
  CHECK(value.error().value("min") == "0");
  CHECK(value.error().value("max") == "120");
  CHECK(value.error().value("where") == "f.csv:7:score_deprivation");
}

TEST_CASE("Days, years and periods are real ones") {
  CHECK(text("assessment", "reviewed_on", "2023-10-09") == "2023-10-09");
  CHECK(text("assessment", "reviewed_on", "9/10/2023") == "2023-10-09");
  CHECK(text("assessment", "reviewed_on", "30/02/2023") == "input.not_a_date");
  CHECK(text("assessment", "reviewed_on", "2023-2-3") == "input.not_a_date");
  CHECK(json("assessment", "reviewed_on", "\"9/10/2023\"") == "input.not_a_date");
  CHECK(json("assessment", "reviewed_on", "20231009") == "input.not_a_date");
  CHECK(text("member", "birth", "1960") == "1960");
  CHECK(text("member", "birth", "01/05/1960") == "1960-05-01");
  CHECK(json("member", "birth", "1960") == "1960");
  CHECK(json("member", "birth", "\"1960\"") == "1960");
  CHECK(std::get<std::int64_t>(*check_text(field("member", "birth"), "1960", "")) == 1960);
  CHECK(text("member", "birth", "1492") == "input.out_of_range");
  CHECK(text("member", "birth", "1492-01-01") == "input.out_of_range");
  CHECK(text("member", "birth", "60") == "input.not_a_date");
  CHECK(text("assessment", "period", "2023") == "2023");
  CHECK(text("assessment", "period", "2023-10") == "2023-10");
  CHECK(text("assessment", "period", "2023-13") == "input.not_a_period");
  CHECK(text("assessment", "period", "23") == "input.not_a_period");
  CHECK(text("assessment", "period", "") == "input.missing");
  CHECK(json("assessment", "period", "2023") == "input.not_a_period");
}

TEST_CASE("Yes and no are read as people write them") {
  for (const char* yes : {"1", "x", "X", "có", "Co", "TRUE", "yes"}) {
    INFO(yes);
    CHECK(text("assessment", "employment", yes) == "1");
  }
  for (const char* no : {"0", "Không", "khong", "false", "No"}) {
    INFO(no);
    CHECK(text("assessment", "employment", no) == "0");
  }
  CHECK(text("assessment", "employment", "") == "");
  CHECK(text("assessment", "employment", "2") == "input.not_yes_no");
  CHECK(json("assessment", "employment", "true") == "1");
  CHECK(json("assessment", "employment", "1") == "input.not_yes_no");
}

TEST_CASE("A choice is its code, or in tables its label") {
  CHECK(text("household", "head_sex", "F") == "F");
  CHECK(text("household", "head_sex", "nữ") == "F");
  CHECK(text("household", "head_sex", "Male") == "M");
  CHECK(text("assessment", "causes", "không có vốn sản xuất, kinh doanh") == "no_capital");
  CHECK(text("assessment", "causes", "bad luck") == "input.not_a_choice");
  CHECK(json("household", "head_sex", "\"nữ\"") == "input.not_a_choice");
  const Result<FieldValue> value = check_text(field("household", "head_sex"), "Q", "");
  CHECK(value.error().value("choices") == "M, F");
}

TEST_CASE("Text is tidied, in normal form, bounded and printable") {
  CHECK(text("household", "head", "  Nguye\xCC\x82\xCC\x83n   Văn An ") == "Nguyễn Văn An");
  CHECK(json("household", "head", "\"Trần\\n Thị  Ổn\"") == "Trần Thị Ổn");
  CHECK(json("assessment", "wishes", "\"a\\r\\nb\"") == "a\nb");
  CHECK(text("household", "head", "") == "input.missing");
  CHECK(json("household", "head", "\"  \"") == "input.missing");
  CHECK(json("household", "head", "null") == "input.missing");
  CHECK(json("household", "head", "7") == "input.not_text");
  CHECK(json("household", "head", "\"a\\u0001\"") == "input.bad_character");
  std::string name;
  for (int i = 0; i < 100; ++i) name += "ễ";
  CHECK(text("household", "head", name) == name);
  CHECK(text("household", "head", name + "x") == "input.too_long");
  CHECK(text("household", "head", "\xC3") == "input.not_utf8");
}

TEST_CASE("Identity numbers have 12 or 9 digits and are not repeated in errors") {
  CHECK(text("household", "citizen_id", "037 163 001234") == "037163001234");
  CHECK(text("household", "citizen_id", "164123456") == "164123456");
  CHECK(text("household", "citizen_id", "03716300123") == "input.not_a_citizen_id");
  CHECK(text("household", "citizen_id", "03716300123x") == "input.not_a_citizen_id");
  CHECK(json("household", "citizen_id", "37163001234") == "input.not_text");
  const Result<FieldValue> value = check_text(field("household", "citizen_id"), "03716300123", "");
  CHECK(value.error().message(Language::kVietnamese).find("0371") == std::string::npos);
  CHECK(text("household", "phone", "0912 345.678") == "0912345678");
  CHECK(text("household", "phone", "+84 912 345 678") == "+84912345678");
  CHECK(text("household", "phone", "nhà bác Tám") == "input.not_a_phone");
}

TEST_CASE("Values are shown as people read them") {
  CHECK(grouped(0, Language::kVietnamese) == "0");
  CHECK(grouped(999, Language::kVietnamese) == "999");
  CHECK(grouped(1500000, Language::kVietnamese) == "1.500.000");
  CHECK(grouped(-1500000, Language::kEnglish) == "-1,500,000");
  const Field& income = field("assessment", "income");
  CHECK(shown(income, std::int64_t{1500000}, Language::kEnglish) == "1,500,000");
  CHECK(shown(field("assessment", "area"), std::string("R"), Language::kVietnamese) == "Nông thôn");
  CHECK(shown(field("member", "birth"), std::string("1960-05-01"), Language::kVietnamese) ==
        "1/5/1960");
  CHECK(shown(field("member", "insured"), true, Language::kVietnamese) == "Có");
  CHECK(shown(income, FieldValue(), Language::kVietnamese) == "");
}

TEST_CASE("Items of a set are separated by semicolons and stand once") {
  CHECK(split_items(" no_land; no_capital ;; no_land;") ==
        std::vector<std::string>{"no_land", "no_capital"});
  CHECK(split_items("").empty());
}

TEST_CASE("The head is known by his relation, however it is written") {
  CHECK(relation_is_head("Chủ hộ"));
  CHECK(relation_is_head(" CHU  HO "));
  CHECK_FALSE(relation_is_head("Vợ chủ hộ"));
  CHECK_FALSE(relation_is_head(""));
}

}  // namespace
}  // namespace lalanh
