#include "shared/units/units_csv.h"

#include <charconv>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "shared/base/cbor.h"
#include "shared/base/limits.h"
#include "shared/catalogue/csv.h"
#include "shared/catalogue/text.h"

namespace lalanh {
namespace {

constexpr std::uint32_t kNumbersOfProvince = 100'000;
constexpr std::uint32_t kProvinceCodeMax = 999;
constexpr std::size_t kCodeBytesMax = 32;
constexpr std::size_t kNameBytesMax = 400;

/// A whole number of digits alone, at most `max`.
std::optional<std::uint32_t> number_of(std::string_view text, std::uint32_t max) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, number);
  if (text.empty() || code != std::errc() || stop != end || number > max) return std::nullopt;
  return number;
}

/// Reads one file; a value of one call.
class Table {
 public:
  Table(CsvReader& csv, const Date& first_day) : csv_(csv), first_day_(first_day) {}

  Status read_row() {
    TRY(csv_.expect_width());
    UnitFact fact;
    TRY_ASSIGN(fact.code, text("code", kCodeBytesMax));
    TRY_ASSIGN(fact.name, text("name", kNameBytesMax));
    TRY_ASSIGN(fact.kind, text("kind", kCodeBytesMax));
    TRY(read_level(fact));
    TRY(read_days(fact));
    const std::string parent = tidy_line(csv_.cell(csv_.column("parent_code")));
    std::uint32_t province = 0;
    if (parent.empty()) {
      TRY_ASSIGN(province, province_code(fact));
    } else {
      const auto found = by_code_.find(parent);
      if (found == by_code_.end()) {
        return Error(ErrorCode::register_unknown_unit,
                     {{"unit", parent}, {"where", where("parent_code")}});
      }
      fact.parent = found->second;
      province = fact.parent.value / kNumbersOfProvince;
    }
    TRY(give_number(fact, province));
    by_code_.insert_or_assign(fact.code, fact.unit);
    facts_.push_back(std::move(fact));
    return {};
  }

  std::vector<UnitFact> take() { return std::move(facts_); }

 private:
  std::string where(std::string_view column) const { return csv_.where(csv_.column(column)); }

  Result<std::string> text(std::string_view column, std::size_t bytes_max) const {
    std::string held = tidy_line(csv_.cell(csv_.column(column)));
    if (held.empty()) {
      return Error(ErrorCode::input_missing,
                   {{"field", std::string(column)}, {"where", where(column)}});
    }
    if (has_control(held, false)) {
      return Error(ErrorCode::input_bad_character,
                   {{"field", std::string(column)}, {"where", where(column)}});
    }
    if (held.size() > bytes_max) {
      return Error(
          ErrorCode::input_too_long,
          {{"field", where(column)}, {"max", std::to_string(bytes_max)}, {"where", where(column)}});
    }
    return held;
  }

  Status read_level(UnitFact& fact) const {
    const std::string word = tidy_line(csv_.cell(csv_.column("level")));
    if (level_from_text(word, fact.level)) return {};
    return Error(ErrorCode::input_not_a_choice,
                 {{"field", where("level")},
                  {"value", word},
                  {"choices", "province, district, commune, village"},
                  {"where", where("level")}});
  }

  Status read_day(std::string_view column, std::optional<Date>& out) const {
    const std::string word = tidy_line(csv_.cell(csv_.column(column)));
    if (word.empty()) return {};
    Date day;
    if (!date_from_text(word, day)) {
      return Error(ErrorCode::input_not_a_date,
                   {{"field", where(column)}, {"value", word}, {"where", where(column)}});
    }
    out = day;
    return {};
  }

  Status read_days(UnitFact& fact) const {
    std::optional<Date> from = first_day_;
    TRY(read_day("valid_from", from));
    fact.valid_from = *from;
    TRY(read_day("valid_to", fact.valid_to));
    if (fact.valid_to.has_value() && days_of(*fact.valid_to) < days_of(fact.valid_from)) {
      return Error(ErrorCode::input_out_of_range, {{"field", where("valid_to")},
                                                   {"value", to_text(*fact.valid_to)},
                                                   {"min", to_text(fact.valid_from)},
                                                   {"max", "9999-12-31"},
                                                   {"where", where("valid_to")}});
    }
    return {};
  }

  Error out_of_range(std::string_view column, std::string value, std::uint32_t min,
                     std::uint32_t max) const {
    return Error(ErrorCode::input_out_of_range, {{"field", where(column)},
                                                 {"value", std::move(value)},
                                                 {"min", std::to_string(min)},
                                                 {"max", std::to_string(max)},
                                                 {"where", where(column)}});
  }

  /// A row without parent is a province, and its code numbers all below it.
  Result<std::uint32_t> province_code(const UnitFact& fact) const {
    if (fact.level != UnitLevel::kProvince) {
      return Error(ErrorCode::input_missing,
                   {{"field", "parent_code"}, {"where", where("parent_code")}});
    }
    const std::optional<std::uint32_t> code = number_of(fact.code, kProvinceCodeMax);
    if (!code.has_value() || *code == 0)
      return out_of_range("code", fact.code, 1, kProvinceCodeMax);
    return *code;
  }

  Status give_number(UnitFact& fact, std::uint32_t province) {
    const std::uint32_t base = province * kNumbersOfProvince;
    const std::string given = tidy_line(csv_.cell(csv_.column("unit_no")));
    if (!given.empty()) {
      const std::uint32_t last = base + kNumbersOfProvince - 1;
      const std::optional<std::uint32_t> number = number_of(given, last);
      if (!number.has_value() || *number <= base) {
        return out_of_range("unit_no", given, base + 1, last);
      }
      fact.unit = UnitNo(*number);
      given_.insert(*number);
      return {};
    }
    if (by_code_.contains(fact.code)) {
      return Error(ErrorCode::register_duplicate, {{"what", fact.code}, {"where", where("code")}});
    }
    std::uint32_t& running = running_[province];
    do {
      ++running;
    } while (given_.contains(base + running));
    if (running >= kNumbersOfProvince) {
      return out_of_range("code", fact.code, 1, kNumbersOfProvince - 1);
    }
    fact.unit = UnitNo(base + running);
    return {};
  }

  CsvReader& csv_;
  Date first_day_;
  std::vector<UnitFact> facts_;
  std::unordered_map<std::string, UnitNo> by_code_;
  std::unordered_map<std::uint32_t, std::uint32_t> running_;
  std::unordered_set<std::uint32_t> given_;
};

}  // namespace

Result<std::vector<UnitFact>> read_units_csv(std::string_view bytes, std::string_view file,
                                             const Date& first_day) {
  TRY_ASSIGN(CsvReader csv, CsvReader::open(bytes, file));
  TRY(csv.expect_columns({"code", "name", "level", "parent_code", "kind"},
                         {"valid_from", "valid_to", "unit_no", "invented"}));
  Table table(csv, first_day);
  for (;;) {
    TRY_ASSIGN(const bool more, csv.next());
    if (!more) break;
    TRY(table.read_row());
  }
  return table.take();
}

}  // namespace lalanh
