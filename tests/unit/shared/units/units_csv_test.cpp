#include "shared/units/units_csv.h"

#include <string>

#include <catch2/catch.hpp>

namespace lalanh {
namespace {

const Date kFirst{2021, 1, 1};
const std::string kHeader = "code,name,level,parent_code,kind\n";

std::string failure(const std::string& table) {
  const Result<std::vector<UnitFact>> read = read_units_csv(table, "u.csv", kFirst);
  REQUIRE_FALSE(read.ok());
  return read.error().name() + "|" + std::string(read.error().value("where"));
}

TEST_CASE("A table of units gives numbers in the order of the file") {
  const Result<std::vector<UnitFact>> read =
      read_units_csv(kHeader +
                         "37,Tỉnh Ninh Bình,province,,province\n"
                         "369,Thành phố Ninh Bình,district,37,city\n"
                         "14320,Phường Đông Thành,commune,369,ward\n"
                         "14320-01,Phố 1,village,14320,village\n"
                         "36,Tỉnh Nam Định,province,,province\n"
                         "356,Thành phố Nam Định,district,36,city\n",
                     "u.csv", kFirst);
  REQUIRE(read.ok());
  REQUIRE(read->size() == 6);
  CHECK((*read)[0].unit == UnitNo(3'700'001));
  CHECK((*read)[1].unit == UnitNo(3'700'002));
  CHECK((*read)[1].parent == UnitNo(3'700'001));
  CHECK((*read)[3].unit == UnitNo(3'700'004));
  CHECK((*read)[3].parent == UnitNo(3'700'003));
  CHECK((*read)[3].level == UnitLevel::kVillage);
  CHECK((*read)[4].unit == UnitNo(3'600'001));
  CHECK((*read)[5].unit == UnitNo(3'600'002));
  CHECK((*read)[5].valid_from == kFirst);
  UnitTree tree;
  tree.add(*read);
  CHECK(tree.find_by_code("14320", {2023, 1, 1}) == std::vector<UnitNo>{UnitNo(3'700'003)});
}

TEST_CASE("Rows with one unit number are facts of one unit") {
  const Result<std::vector<UnitFact>> read = read_units_csv(
      "code,name,level,parent_code,kind,valid_from,valid_to,unit_no\n"
      "37,Tỉnh Ninh Bình,province,,province,,,\n"
      "14401,Thị trấn Nho Quan,commune,37,town,2021-01-01,2024-12-31,3700009\n"
      "14428,Thị trấn Nho Quan,commune,37,town,2025-01-01,,3700009\n"
      "14999,Xã khác,commune,37,commune,,,\n",
      "u.csv", kFirst);
  REQUIRE(read.ok());
  UnitTree tree;
  tree.add(*read);
  CHECK(tree.history(UnitNo(3'700'009)).size() == 2);
  CHECK(tree.at(UnitNo(3'700'009), {2025, 1, 1})->code == "14428");
  CHECK((*read)[3].unit == UnitNo(3'700'002));
}

TEST_CASE("A wrong table of units is refused with row and column") {
  const std::string top = kHeader + "37,Tỉnh Ninh Bình,province,,province\n";
  CHECK(failure("code,name\n") == "input.missing_columns|");
  CHECK(failure(top + "369,,district,37,city\n") == "input.missing|u.csv:3:name");
  CHECK(failure(top + "369,X\x1B[2J,district,37,city\n") == "input.bad_character|u.csv:3:name");
  CHECK(failure(top + "369,X,county,37,city\n") == "input.not_a_choice|u.csv:3:level");
  CHECK(failure(top + "369,X,district,38,city\n") == "register.unknown_unit|u.csv:3:parent_code");
  CHECK(failure(top + "369,X,district,,city\n") == "input.missing|u.csv:3:parent_code");
  CHECK(failure(top + "369,X,district,37\n") == "input.row_width|u.csv:3");
  CHECK(failure(top + "37,X,district,37,city\n") == "register.duplicate|u.csv:3:code");
  CHECK(failure(kHeader + "x37,X,province,,province\n") == "input.out_of_range|u.csv:2:code");
  CHECK(failure(kHeader + "0,X,province,,province\n") == "input.out_of_range|u.csv:2:code");
  CHECK(failure(kHeader + "42950,X,province,,province\n") == "input.out_of_range|u.csv:2:code");
  const std::string dated = "code,name,level,parent_code,kind,valid_from,valid_to,unit_no\n";
  CHECK(failure(dated + "37,X,province,,province,2021-02-30,,\n") ==
        "input.not_a_date|u.csv:2:valid_from");
  CHECK(failure(dated + "37,X,province,,province,2021-02-03,2021-02-02,\n") ==
        "input.out_of_range|u.csv:2:valid_to");
  CHECK(failure(dated + "37,X,province,,province,,,3800001\n") ==
        "input.out_of_range|u.csv:2:unit_no");
}

}  // namespace
}  // namespace lalanh
