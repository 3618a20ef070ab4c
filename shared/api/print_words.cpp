#include "shared/api/print_words.h"

#include <algorithm>

namespace lalanh {

std::string Words::time(const std::string& text) const {
  if (text.size() < 16 || text[10] != 'T') return text;
  const std::string clock = text.substr(11, 5);
  if (!vi_) return text.substr(0, 10) + " " + clock;
  return clock + " " + date(text.substr(0, 10));
}

std::string Words::date(const std::string& text) const {
  if (!vi_ || text.size() != 10) return text;
  return text.substr(8, 2) + "/" + text.substr(5, 2) + "/" + text.substr(0, 4);
}

std::string Words::number(const std::string& text) const {
  const std::size_t whole = (std::min)(text.find('.'), text.size());
  std::string out;
  for (std::size_t i = 0; i < whole; ++i) {
    if (i != 0 && (whole - i) % 3 == 0) out.push_back(vi_ ? '.' : ',');
    out.push_back(text[i]);
  }
  if (whole == text.size()) return out;
  return out + (vi_ ? ',' : '.') + text.substr(whole + 1);
}

std::string Words::class_word(const std::string& value) const {
  if (value == "poor") return word("▲ Hộ nghèo", "▲ Poor");
  if (value == "near_poor") return word("◆ Hộ cận nghèo", "◆ Near-poor");
  if (value == "average_farm") return word("● Mức sống trung bình (NLNN)", "● Average farm");
  if (value == "not_poor") return word("● Không nghèo", "● Not poor");
  if (value == "unknown") return word("○ Chưa đủ thông tin", "○ Not enough answers");
  return word("○ Chưa rà soát", "○ Not reviewed");
}

std::string Words::finding_word(const std::string& kind) const {
  if (kind == "two_heads") return word("Hai chủ hộ trong một hộ", "Two heads of household");
  if (kind == "assessed_twice") return word("Rà soát hai lần một kỳ", "Assessed twice");
  if (kind == "citizen_twice")
    return word("Một số định danh ở hai hộ", "One citizen id, two households");
  if (kind == "class_differs")
    return word("Kết quả ghi khác kết quả tính", "Entered class differs");
  if (kind == "score_differs")
    return word("Điểm B2 khác số chỉ tiêu", "B2 differs from indicators");
  if (kind == "income_disagrees")
    return word("Điểm B1 và thu nhập trái nhau", "B1 and income disagree");
  return kind;
}

std::string Words::kind_word(const std::string& kind) const {
  if (kind == "text") return word("chữ", "text");
  if (kind == "integer") return word("số nguyên", "whole number");
  if (kind == "money") return word("số tiền, đồng", "money, dong");
  if (kind == "boolean") return word("có hoặc không", "yes or no");
  if (kind == "date") return word("ngày/tháng/năm", "day/month/year");
  if (kind == "year_or_date") return word("năm, hoặc ngày/tháng/năm", "year, or day/month/year");
  if (kind == "period") return word("năm, hoặc năm-tháng", "year, or year-month");
  return kind;
}

std::string Words::verb_word(const std::string& verb) const {
  if (verb == "record") return word("nhập mới", "entered");
  if (verb == "correct") return word("sửa", "corrected");
  if (verb == "import") return word("nhập từ tệp", "imported");
  if (verb == "remove") return word("đưa ra", "removed");
  if (verb == "keep") return word("khôi phục", "restored");
  if (verb == "settle") return word("ghi nhận số đã chọn", "settled");
  return verb;
}

std::string Words::error_word(const std::string& name, const std::string& where) const {
  for (std::size_t i = 0; i < error_count(); ++i) {
    const Error error(static_cast<ErrorCode>(i), {{"where", where}, {"scope", where}});
    if (error.name() == name) return name + ", " + error.reason(language());
  }
  return name;
}

}  // namespace lalanh
