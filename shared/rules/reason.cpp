#include "shared/catalogue/names.h"
#include "shared/rules/classify.h"

namespace lalanh {
namespace {

constexpr Names<Rule, 9> kRules{{{Rule::kNotEnough, "not_enough"},
                                 {Rule::kPointsPoor, "points_poor"},
                                 {Rule::kPointsNearPoor, "points_near_poor"},
                                 {Rule::kPointsAbove, "points_above"},
                                 {Rule::kPointsAverageFarm, "points_average_farm"},
                                 {Rule::kIncomePoor, "income_poor"},
                                 {Rule::kIncomeNearPoor, "income_near_poor"},
                                 {Rule::kIncomeAbove, "income_above"},
                                 {Rule::kIncomeAverageFarm, "income_average_farm"}}};
constexpr Names<Finding, 5> kFindings{{{kClassDiffers, "class_differs"},
                                       {kScoreDiffers, "score_differs"},
                                       {kIncomeDisagrees, "income_disagrees"},
                                       {kNoPointLine, "no_point_line"},
                                       {kNoAverageLine, "no_average_line"}}};

bool by_points(Rule rule) {
  return rule == Rule::kPointsPoor || rule == Rule::kPointsNearPoor || rule == Rule::kPointsAbove ||
         rule == Rule::kPointsAverageFarm;
}
bool is_above(Rule rule) {
  return rule == Rule::kPointsAbove || rule == Rule::kPointsAverageFarm ||
         rule == Rule::kIncomeAbove || rule == Rule::kIncomeAverageFarm;
}

/// Writes the sentences of one reason in one language.
class Words {
 public:
  Words(const RulePack& pack, const Classification& c, Language language)
      : pack_(pack), c_(c), language_(language) {}

  std::string reason() {
    if (c_.rule == Rule::kNotEnough) {
      not_enough();
    } else {
      compared_with_line();
      if (!is_above(c_.rule)) compared_deprivations();
      if (is_above(c_.rule)) average_living();
    }
    deprived_list();
    end();
    return std::move(out_);
  }

  std::string money(std::int64_t value) const {
    return grouped(value, language_) + say(" đồng", " dong");
  }
  std::string say(std::string_view vi, std::string_view en) const {
    return std::string(language_ == Language::kVietnamese ? vi : en);
  }
  std::string class_name(PovertyClass value) const {
    return pack_.classes[static_cast<std::size_t>(value)].in(language_);
  }
  std::string area_name() const {
    if (c_.either_area) return say("khu vực nào cũng vậy", "in either area");
    return pack_.areas[static_cast<std::size_t>(c_.area)].in(language_);
  }

 private:
  void sentence(std::string text) {
    if (!out_.empty()) out_ += ' ';
    out_ += text + ".";
  }

  void compared_with_line() {
    const bool over = is_above(c_.rule);
    std::string text;
    if (by_points(c_.rule)) {
      text = say("Điểm B1 ", "B1 points ") + std::to_string(c_.score_income) +
             (over ? say(", vượt ngưỡng ", ", above the line of ")
                   : say(", không vượt ngưỡng ", ", not above the line of ")) +
             std::to_string(c_.line);
    } else {
      text = say("Thu nhập ", "Income ") + money(c_.income) +
             say("/người/tháng", " a person a month") +
             (over ? say(", trên mức ", ", above the line of ")
                   : say(", không quá mức ", ", not above the line of ")) +
             money(c_.line);
    }
    sentence(text + " (" + area_name() + ")");
  }

  void compared_deprivations() {
    const bool poor = c_.value == PovertyClass::kPoor;
    const std::string mark = by_points(c_.rule) || counted_alone_undecided() ? points_sentence(poor)
                                                                             : count_sentence(poor);
    sentence(mark + ": " + class_name(c_.value));
  }

  /// By income, with indicators open and B2's total in their place?
  bool counted_alone_undecided() const {
    return c_.score_deprivation_entered && c_.deprived_count < pack_.poor_from.value &&
           c_.deprived_count + c_.unanswered_count >= pack_.poor_from.value;
  }

  std::string points_sentence(bool poor) const {
    std::string from = c_.score_deprivation_entered
                           ? say(" (ghi trên phiếu)", " (as entered)")
                           : say(" (tính từ các chỉ số)", " (from the indicators)");
    const std::string limit = std::to_string(pack_.poor_points());
    return say("Điểm B2 ", "B2 points ") + std::to_string(c_.score_deprivation) + from +
           (poor ? say(", từ " + limit + " trở lên", ", " + limit + " or more")
                 : say(", dưới " + limit, ", below " + limit));
  }

  std::string count_sentence(bool poor) const {
    const std::string limit = std::to_string(pack_.poor_from.value);
    const std::string deprived = std::to_string(c_.deprived_count);
    const std::string all = std::to_string(pack_.indicators.size());
    return say("Thiếu hụt " + deprived + " trong " + all + " chỉ số",
               "Deprived in " + deprived + " of " + all + " indicators") +
           (poor ? say(", từ " + limit + " trở lên", ", " + limit + " or more")
                 : say(", dưới " + limit, ", below " + limit));
  }

  void average_living() {
    if (c_.average_line != 0) {
      const bool inside = c_.value == PovertyClass::kAverageFarm;
      sentence(say("Làm nông, lâm, ngư, diêm nghiệp; thu nhập ", "Farm work; income ") +
               money(c_.income) +
               (inside ? say(" không quá mức sống trung bình ", " within the average line of ")
                       : say(" trên mức sống trung bình ", " above the average line of ")) +
               money(c_.average_line));
    } else if (c_.farm_work && c_.income < 0) {
      sentence(say("Đề nghị xét mức sống trung bình, nhưng chưa ghi thu nhập",
                   "Asks to be considered average-living, but no income is entered"));
    }
    sentence(say("Kết quả: ", "Result: ") + class_name(c_.value));
  }

  void not_enough() {
    sentence(class_name(PovertyClass::kUnknown));
    std::string list;
    const auto item = [&](std::uint8_t bit, std::string_view vi, std::string_view en) {
      if ((c_.missing & bit) == 0) return;
      list += (list.empty() ? "" : "; ") + say(vi, en);
    };
    item(kMissingArea, "khu vực", "area");
    item(kMissingIncome, "thu nhập hoặc điểm B1", "income or B1 points");
    item(kMissingIndicators, "các chỉ số ", "indicators ");
    if ((c_.missing & kMissingIndicators) != 0) list += numbers(c_.unanswered);
    sentence(say("Còn thiếu: ", "Missing: ") + list);
  }

  std::string numbers(std::uint16_t mask) const {
    std::string out;
    for (std::size_t i = 0; i < pack_.indicators.size(); ++i) {
      if ((mask >> i & 1U) == 0) continue;
      out += (out.empty() ? "" : ", ") + std::to_string(pack_.indicators[i].number);
    }
    return out;
  }

  void deprived_list() {
    if (c_.deprived == 0) return;
    std::string list;
    for (std::size_t i = 0; i < pack_.indicators.size(); ++i) {
      if ((c_.deprived >> i & 1U) == 0) continue;
      const Indicator& held = pack_.indicators[i];
      list +=
          (list.empty() ? "" : "; ") + std::to_string(held.number) + " " + held.label.in(language_);
    }
    sentence(say("Chỉ số thiếu hụt: ", "Deprived in: ") + list);
  }

  void end() {
    sentence(say("Theo: ", "By: ") + pack_.label.in(language_));
    if (!c_.unconfirmed) return;
    sentence(say("Có quy định dùng ở đây chưa được kiểm chứng với văn bản",
                 "A provision used here has not been checked against the official text"));
  }

  const RulePack& pack_;
  const Classification& c_;
  Language language_;
  std::string out_;
};

}  // namespace

std::string_view to_text(Rule rule) { return name_in(kRules, rule); }
std::string_view to_text(Finding finding) { return name_in(kFindings, finding); }

std::string reason_text(const RulePack& pack, const Classification& c, Language language) {
  return Words(pack, c, language).reason();
}

std::string finding_text(const RulePack& pack, const Classification& c, Finding finding,
                         std::optional<PovertyClass> entered, Language language) {
  const Words words(pack, c, language);
  switch (finding) {
    case kClassDiffers:
      return words.say("Phiếu ghi ", "The form says ") +
             words.class_name(entered.value_or(PovertyClass::kUnknown)) +
             words.say(", chương trình tính ra ", ", the program computes ") +
             words.class_name(c.value) + ".";
    case kScoreDiffers: {
      const std::int64_t each = pack.points_per_indicator.value;
      const std::string counted = std::to_string(c.deprived_count * each);
      return words.say("Điểm B2 ghi trên phiếu là ", "B2 on the form is ") +
             std::to_string(c.score_deprivation) +
             words.say(", các chỉ số đã trả lời cho ", ", the answered indicators give ") +
             counted + ".";
    }
    case kIncomeDisagrees:
      return words.say("Thu nhập và điểm B1 ở hai phía của ngưỡng; kết quả theo điểm B1.",
                       "Income and B1 points lie on different sides of their lines; the result "
                       "follows the points.");
    case kNoPointLine:
      return words.say("Chuẩn này chưa có ngưỡng điểm B1; kết quả theo thu nhập.",
                       "This standard has no line of B1 points yet; the result follows income.");
    case kNoAverageLine:
      return words.say("Chuẩn này chưa có mức sống trung bình; chưa xét được.",
                       "This standard has no line of average living yet; it was not considered.");
  }
  return "";
}

}  // namespace lalanh
