#include "shared/rules/classify.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace lalanh {
namespace {

const RulePack& now() { return *RulePacks::builtin().find("nd-07-2021"); }
const RulePack& next() { return *RulePacks::builtin().find("nd-351-2025"); }

/// All 12 indicators answered, the first `deprived` with yes.
Answers answered(Area area, int deprived) {
  Answers a;
  a.area = area;
  for (int i = 0; i < 12; ++i) a.indicators[static_cast<std::size_t>(i)] = i < deprived;
  return a;
}

PovertyClass by_points(Area area, std::int64_t b1, int deprived) {
  Answers a = answered(area, deprived);
  a.score_income = b1;
  return classify(now(), a).value;
}

PovertyClass by_income(Area area, std::int64_t income, int deprived) {
  Answers a = answered(area, deprived);
  a.income = income;
  return classify(now(), a).value;
}

TEST_CASE("B1 of 140 in the country and 175 in town is within the line, one more is not") {
  CHECK(by_points(Area::kRural, 140, 3) == PovertyClass::kPoor);
  CHECK(by_points(Area::kRural, 140, 2) == PovertyClass::kNearPoor);
  CHECK(by_points(Area::kRural, 141, 3) == PovertyClass::kNotPoor);
  CHECK(by_points(Area::kUrban, 175, 3) == PovertyClass::kPoor);
  CHECK(by_points(Area::kUrban, 175, 2) == PovertyClass::kNearPoor);
  CHECK(by_points(Area::kUrban, 176, 12) == PovertyClass::kNotPoor);
  CHECK(by_points(Area::kUrban, 141, 3) == PovertyClass::kPoor);
  CHECK(by_points(Area::kRural, 0, 0) == PovertyClass::kNearPoor);
}

TEST_CASE("B2 of 30 is poor and 20 is near-poor, and B1 is never added to it") {
  Answers a;
  a.area = Area::kRural;
  a.score_income = 140;
  a.score_deprivation = 30;
  CHECK(classify(now(), a).value == PovertyClass::kPoor);
  a.score_deprivation = 20;
  CHECK(classify(now(), a).value == PovertyClass::kNearPoor);
  a.score_income = 5;
  CHECK(classify(now(), a).value == PovertyClass::kNearPoor);
}

TEST_CASE("Income at the line is within it, one dong more is not") {
  CHECK(by_income(Area::kRural, 1'500'000, 3) == PovertyClass::kPoor);
  CHECK(by_income(Area::kRural, 1'500'000, 2) == PovertyClass::kNearPoor);
  CHECK(by_income(Area::kRural, 1'500'001, 3) == PovertyClass::kNotPoor);
  CHECK(by_income(Area::kUrban, 2'000'000, 3) == PovertyClass::kPoor);
  CHECK(by_income(Area::kUrban, 2'000'001, 3) == PovertyClass::kNotPoor);
  CHECK(by_income(Area::kUrban, 0, 0) == PovertyClass::kNearPoor);
}

TEST_CASE("Points decide before income where both were entered") {
  Answers a = answered(Area::kRural, 3);
  a.score_income = 120;
  a.income = 9'000'000;
  const Classification c = classify(now(), a);
  CHECK(c.value == PovertyClass::kPoor);
  CHECK(c.rule == Rule::kPointsPoor);
  CHECK(c.findings == kIncomeDisagrees);
  a.income = 1'400'000;
  CHECK(classify(now(), a).findings == 0);
}

TEST_CASE("Average living needs farm work and an income within the band") {
  Answers a = answered(Area::kRural, 0);
  a.farm_work = true;
  a.income = 2'250'000;
  Classification c = classify(now(), a);
  CHECK(c.value == PovertyClass::kAverageFarm);
  CHECK(c.rule == Rule::kIncomeAverageFarm);
  CHECK(c.unconfirmed);
  a.income = 2'250'001;
  c = classify(now(), a);
  CHECK(c.value == PovertyClass::kNotPoor);
  CHECK(c.unconfirmed);
  a.income = 1'500'000;
  CHECK(classify(now(), a).value == PovertyClass::kNearPoor);
  CHECK_FALSE(classify(now(), a).unconfirmed);
  a.income = 2'000'000;
  a.farm_work = false;
  CHECK(classify(now(), a).value == PovertyClass::kNotPoor);
  CHECK_FALSE(classify(now(), a).unconfirmed);
  a.farm_work.reset();  // not asked for
  CHECK(classify(now(), a).value == PovertyClass::kNotPoor);
  a.area = Area::kUrban;
  a.farm_work = true;
  a.income = 3'000'000;
  CHECK(classify(now(), a).value == PovertyClass::kAverageFarm);
  a.income = 3'000'001;
  CHECK(classify(now(), a).value == PovertyClass::kNotPoor);
}

TEST_CASE("Above the line of points, average living needs the income as well") {
  Answers a = answered(Area::kRural, 0);
  a.farm_work = true;
  a.score_income = 150;
  CHECK(classify(now(), a).value == PovertyClass::kNotPoor);
  a.income = 2'000'000;
  CHECK(classify(now(), a).value == PovertyClass::kAverageFarm);
  CHECK(classify(now(), a).rule == Rule::kPointsAverageFarm);
  a.income = 1'500'000;  // outside the band, and it disagrees
  CHECK(classify(now(), a).value == PovertyClass::kNotPoor);
  CHECK(classify(now(), a).findings == kIncomeDisagrees);
}

TEST_CASE("Missing answers leave the class open, unless they cannot matter") {
  Answers a;
  Classification c = classify(now(), a);
  CHECK(c.value == PovertyClass::kUnknown);
  CHECK(c.missing == (kMissingIncome | kMissingIndicators));
  a.area = Area::kRural;
  a.income = 1'600'000;  // over the line: no indicator matters
  CHECK(classify(now(), a).value == PovertyClass::kNotPoor);
  a.income = 1'000'000;
  c = classify(now(), a);
  CHECK(c.value == PovertyClass::kUnknown);
  CHECK(c.missing == kMissingIndicators);
  CHECK(c.unanswered_count == 12);
  for (std::size_t i = 0; i < 3; ++i) a.indicators[i] = true;
  CHECK(classify(now(), a).value == PovertyClass::kPoor);
  a.indicators[2] = false;
  CHECK(classify(now(), a).value == PovertyClass::kUnknown);
  for (std::size_t i = 3; i < 12; ++i) a.indicators[i] = false;
  a.indicators[11].reset();  // two and one open: may still be three
  CHECK(classify(now(), a).value == PovertyClass::kUnknown);
  a.indicators[1] = false;  // one and one open: near-poor either way
  CHECK(classify(now(), a).value == PovertyClass::kNearPoor);
}

TEST_CASE("A missing area matters only between the two lines") {
  Answers a = answered(Area::kRural, 3);
  a.area.reset();
  a.score_income = 140;
  CHECK(classify(now(), a).value == PovertyClass::kPoor);
  CHECK(classify(now(), a).either_area);
  a.score_income = 150;
  CHECK(classify(now(), a).value == PovertyClass::kUnknown);
  CHECK(classify(now(), a).missing == kMissingArea);
  a.score_income = 176;
  CHECK(classify(now(), a).value == PovertyClass::kNotPoor);
  a.score_income.reset();
  a.income = 1'500'000;
  CHECK(classify(now(), a).value == PovertyClass::kPoor);
  a.income = 1'800'000;
  CHECK(classify(now(), a).missing == kMissingArea);
  a.income = 2'000'001;
  CHECK(classify(now(), a).value == PovertyClass::kNotPoor);
}

TEST_CASE("By income, B2's total stands for indicators that are not answered") {
  Answers a;
  a.area = Area::kRural;
  a.income = 1'000'000;
  a.score_deprivation = 30;
  CHECK(classify(now(), a).value == PovertyClass::kPoor);
  a.score_deprivation = 20;
  CHECK(classify(now(), a).value == PovertyClass::kNearPoor);
  a = answered(Area::kRural, 3);
  a.income = 1'000'000;
  a.score_deprivation = 20;  // the indicators are complete: they count, and it is a finding
  CHECK(classify(now(), a).value == PovertyClass::kPoor);
  CHECK(classify(now(), a).findings == kScoreDiffers);
}

TEST_CASE("What was entered and differs from what is computed is a finding") {
  Answers a = answered(Area::kRural, 3);
  a.score_income = 100;
  a.score_deprivation = 30;
  a.class_entered = PovertyClass::kPoor;
  CHECK(classify(now(), a).findings == 0);
  a.class_entered = PovertyClass::kNearPoor;
  CHECK(classify(now(), a).findings == kClassDiffers);
  a.score_deprivation = 40;
  CHECK(classify(now(), a).findings == (kClassDiffers | kScoreDiffers));
  a.indicators[11].reset();  // one open: 40 is possible
  CHECK(classify(now(), a).findings == kClassDiffers);
  a.score_deprivation = 35;
  CHECK(classify(now(), a).findings == (kClassDiffers | kScoreDiffers));
  Answers open;
  open.class_entered = PovertyClass::kPoor;
  CHECK(classify(now(), open).findings == 0);
}

TEST_CASE("The standard of 2027 has no line of points: income decides, and it says so") {
  Answers a = answered(Area::kRural, 3);
  a.score_income = 100;
  a.income = 2'200'000;
  Classification c = classify(next(), a);
  CHECK(c.value == PovertyClass::kPoor);
  CHECK(c.rule == Rule::kIncomePoor);
  CHECK(c.findings == kNoPointLine);
  CHECK_FALSE(c.unconfirmed);
  a.score_income.reset();
  a.farm_work = true;
  a.income = 2'200'001;
  c = classify(next(), a);
  CHECK(c.value == PovertyClass::kNotPoor);
  CHECK(c.findings == kNoAverageLine);
  CHECK(c.unconfirmed);
}

TEST_CASE("More answers never turn a decided class into another") {
  // Each answer is left open or given a value; a class decided with some open must stay when
  // they are filled in, for all values.
  const std::vector<std::int64_t> incomes = {-1, 1'500'000, 1'800'000, 2'250'000, 2'500'000};
  const std::vector<std::int64_t> points = {-1, 140, 160, 176};
  for (const std::int64_t b1 : points) {
    for (const std::int64_t income : incomes) {
      for (int yes = 0; yes <= 3; ++yes) {
        for (int open = 0; open <= 2; ++open) {
          Answers a;
          for (int i = 0; i < 12; ++i) {
            if (i < yes) a.indicators[static_cast<std::size_t>(i)] = true;
            if (i >= yes + open) a.indicators[static_cast<std::size_t>(i)] = false;
          }
          if (b1 >= 0) a.score_income = b1;
          if (income >= 0) a.income = income;
          const PovertyClass before = classify(now(), a).value;
          for (const Area area : {Area::kRural, Area::kUrban}) {
            for (int filled = 0; filled <= open; ++filled) {
              Answers full = a;
              full.area = area;
              for (int i = 0; i < open; ++i) {
                full.indicators[static_cast<std::size_t>(yes + i)] = i < filled;
              }
              const PovertyClass after = classify(now(), full).value;
              INFO("B1 " << b1 << " income " << income << " yes " << yes << " open " << open);
              CHECK((before == PovertyClass::kUnknown || before == after));
            }
          }
        }
      }
    }
  }
}

TEST_CASE("Answers come from the fields of the assessment") {
  Answers a;
  CHECK(set_answer(now(), "area", std::string("U"), a));
  CHECK(set_answer(now(), "income", std::int64_t{5}, a));
  CHECK(set_answer(now(), "info_means", true, a));
  CHECK(set_answer(now(), "class_entered", std::string("near_poor"), a));
  CHECK(set_answer(now(), "score_income", std::int64_t{1}, a));
  CHECK(set_answer(now(), "score_deprivation", std::int64_t{2}, a));
  CHECK(set_answer(now(), "farm_work", false, a));
  CHECK(a.area == Area::kUrban);
  CHECK(a.income == 5);
  CHECK(a.indicators[11] == true);
  CHECK(a.class_entered == PovertyClass::kNearPoor);
  CHECK_FALSE(set_answer(now(), "area", std::string("X"), a));
  CHECK(a.area == Area::kUrban);
  CHECK_FALSE(set_answer(now(), "income", std::string("5"), a));
  CHECK_FALSE(set_answer(now(), "wishes", std::string("5"), a));
  CHECK(set_answer(now(), "area", FieldValue(), a));
  CHECK_FALSE(a.area.has_value());
  CHECK(set_answer(now(), "info_means", FieldValue(), a));
  CHECK_FALSE(a.indicators[11].has_value());
}

std::string reason(const RulePack& pack, const Answers& a, Language language) {
  return reason_text(pack, classify(pack, a), language);
}

TEST_CASE("The reason names the rule, the numbers, the indicators and the source") {
  Answers a = answered(Area::kRural, 3);
  a.score_income = 132;
  CHECK(reason(now(), a, Language::kVietnamese) ==
        "Điểm B1 132, không vượt ngưỡng 140 (nông thôn). Điểm B2 30 (tính từ các chỉ số), từ 30 "
        "trở lên: Hộ nghèo. Chỉ số thiếu hụt: 1 Việc làm; 2 Người phụ thuộc trong hộ gia đình; 3 "
        "Dinh dưỡng. Theo: Chuẩn nghèo đa chiều 2022-2025, kéo dài đến hết 2026 (NĐ "
        "07/2021/NĐ-CP).");
  a = answered(Area::kUrban, 1);
  a.income = 1'900'000;
  CHECK(reason(now(), a, Language::kEnglish) ==
        "Income 1,900,000 dong a person a month, not above the line of 2,000,000 dong (urban). "
        "Deprived in 1 of 12 indicators, below 3: Near-poor. Deprived in: 1 Employment. By: "
        "Multidimensional poverty standard 2022-2025, prolonged through 2026 (Decree "
        "07/2021/NĐ-CP).");
  a.farm_work = true;
  a.income = 2'500'000;
  const std::string average = reason(now(), a, Language::kVietnamese);
  CHECK(average.find("Thu nhập 2.500.000 đồng/người/tháng, trên mức 2.000.000 đồng (thành thị).") ==
        0);
  CHECK(average.find("không quá mức sống trung bình 3.000.000 đồng.") != std::string::npos);
  CHECK(average.find("chưa được kiểm chứng") != std::string::npos);
  Answers open;
  open.area = Area::kRural;
  open.income = 1'000'000;
  CHECK(
      reason(now(), open, Language::kEnglish)
          .find("Not enough answers. Missing: indicators 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12.") ==
      0);
}

TEST_CASE("Every finding and rule has words") {
  Answers a = answered(Area::kRural, 3);
  a.score_income = 100;
  a.class_entered = PovertyClass::kNotPoor;
  const Classification c = classify(now(), a);
  CHECK(finding_text(now(), c, kClassDiffers, a.class_entered, Language::kVietnamese) ==
        "Phiếu ghi Hộ không nghèo, chương trình tính ra Hộ nghèo.");
  for (const Finding finding :
       {kClassDiffers, kScoreDiffers, kIncomeDisagrees, kNoPointLine, kNoAverageLine}) {
    CHECK_FALSE(to_text(finding).empty());
    CHECK_FALSE(finding_text(now(), c, finding, std::nullopt, Language::kEnglish).empty());
    CHECK_FALSE(finding_text(now(), c, finding, std::nullopt, Language::kVietnamese).empty());
  }
  CHECK(to_text(Rule::kPointsAbove) == "points_above");
  CHECK(to_text(PovertyClass::kAverageFarm) == "average_farm");
}

}  // namespace
}  // namespace lalanh
