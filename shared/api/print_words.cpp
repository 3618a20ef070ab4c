#include "shared/api/print_words.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace lalanh {
namespace {

/// A name of the JSON API, and what people call it.
struct Named {
  std::string_view name;
  const char* vi;
  const char* en;
};

constexpr Named kClassWords[] = {{"poor", "▲ Hộ nghèo", "▲ Poor"},
                                 {"near_poor", "◆ Hộ cận nghèo", "◆ Near-poor"},
                                 {"average_farm", "● Mức sống trung bình (NLNN)", "● Average farm"},
                                 {"not_poor", "● Không nghèo", "● Not poor"},
                                 {"unknown", "○ Chưa đủ thông tin", "○ Not enough answers"}};

constexpr Named kFindingWords[] = {
    {"two_heads", "Hai chủ hộ trong một hộ", "Two heads of household"},
    {"assessed_twice", "Rà soát hai lần một kỳ", "Assessed twice"},
    {"code_twice", "Hai hộ cùng một mã", "Two households have one code"},
    {"moved_late", "Nhập thêm ở hộ đã chuyển đi", "Entered on a household that had moved"},
    {"moved_twice", "Một hộ chuyển đi hai nơi", "One household, moved to two places"},
    {"citizen_twice", "Một số định danh ở hai hộ", "One citizen id, two households"},
    {"class_differs", "Kết quả ghi khác kết quả tính", "Entered class differs"},
    {"score_differs", "Điểm B2 khác số chỉ tiêu", "B2 differs from indicators"},
    {"income_disagrees", "Điểm B1 và thu nhập trái nhau", "B1 and income disagree"}};

constexpr Named kVerbWords[] = {
    {"record", "nhập mới", "entered"},           {"correct", "sửa", "corrected"},
    {"import", "nhập từ tệp", "imported"},       {"remove", "đưa ra", "removed"},
    {"keep", "khôi phục", "restored"},           {"settle", "ghi nhận số đã chọn", "settled"},
    {"move", "chuyển đơn vị", "moved"},          {"revoke", "thu hồi máy", "revoked"},
    {"enter again", "nhập lại", "entered again"}};

constexpr Named kReasonWords[] = {{"moved", "chuyển sang đơn vị khác", "moved to another unit"}};

constexpr Named kKindWords[] = {
    {"text", "chữ", "text"},
    {"integer", "số nguyên", "whole number"},
    {"money", "số tiền, đồng", "money, dong"},
    {"boolean", "có hoặc không", "yes or no"},
    {"date", "ngày/tháng/năm", "day/month/year"},
    {"year_or_date", "năm, hoặc ngày/tháng/năm", "year, or day/month/year"},
    {"period", "năm, hoặc năm-tháng", "year, or year-month"}};

template <std::size_t N>
const Named* find(const Named (&table)[N], std::string_view name) {
  const Named* at = std::find_if(std::begin(table), std::end(table),
                                 [&](const Named& named) { return named.name == name; });
  return at == std::end(table) ? nullptr : at;
}

}  // namespace

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
  const Named* found = find(kClassWords, value);
  return found != nullptr ? word(found->vi, found->en) : word("○ Chưa rà soát", "○ Not reviewed");
}

std::string Words::finding_word(const std::string& kind) const {
  const Named* found = find(kFindingWords, kind);
  return found != nullptr ? word(found->vi, found->en) : kind;
}

std::string Words::kind_word(const std::string& kind) const {
  const Named* found = find(kKindWords, kind);
  return found != nullptr ? word(found->vi, found->en) : kind;
}

std::string Words::verb_word(const std::string& verb) const {
  const Named* found = find(kVerbWords, verb);
  return found != nullptr ? word(found->vi, found->en) : verb;
}

std::string Words::reason_word(const std::string& reason) const {
  const Named* found = find(kReasonWords, reason);
  return found != nullptr ? word(found->vi, found->en) : reason;
}

std::string Words::error_word(const std::string& name, const std::string& where) const {
  for (std::size_t i = 0; i < error_count(); ++i) {
    const Error error(static_cast<ErrorCode>(i), {{"where", where}, {"scope", where}});
    if (error.name() == name) return name + ", " + error.reason(language());
  }
  return name;
}

}  // namespace lalanh
