#include "shared/catalogue/check_value.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "shared/base/cbor.h"
#include "shared/catalogue/text.h"

namespace lalanh {
namespace {

/// The values in error messages are cut: they come from outside.
constexpr std::size_t kShownBytesMax = 80;

std::string cut(std::string_view text) {
  if (text.size() <= kShownBytesMax) return std::string(text);
  std::size_t end = kShownBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "…";
}

/// "No value", copied from a constant: GCC 12 with sanitizers takes the move of a fresh null for a
/// read of uninitialised memory.
const FieldValue kNoValue;

/// Makes the errors of one field at one place.
struct Place {
  const Field& field;
  std::string_view where;

  Error error(ErrorCode code, std::string_view value) const {
    return Error(code, {{"field", field.name},
                        {"field_vi", field.label.vi + " (" + field.name + ")"},
                        {"field_en", field.label.en + " (" + field.name + ")"},
                        {"value", cut(value)},
                        {"where", std::string(where)}});
  }
  Error out_of_range(std::string_view value) const {
    Error e = error(ErrorCode::input_out_of_range, value);
    e.context.emplace_back("min", std::to_string(field.min));
    e.context.emplace_back("max", std::to_string(field.max));
    return e;
  }
};

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<FieldValue> in_range(const Place& at, std::int64_t number) {
  if (number < at.field.min || number > at.field.max) {
    return at.out_of_range(std::to_string(number));
  }
  return FieldValue(number);
}

/// Digits with an optional minus; an overflow is out of range, not a wrong kind.
Result<FieldValue> number_of(const Place& at, std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, number);
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (!all_digits(digits)) return at.error(ErrorCode::input_not_a_whole_number, text);
  if (code != std::errc() || stop != end) return at.out_of_range(cut(text));
  return in_range(at, number);
}

/// "1.500.000" or "1,500,000" without its separators; other text as it is.
std::string ungrouped(std::string_view text) {
  const std::size_t first = text.find_first_of(".,");
  if (first == std::string_view::npos || first == 0 || first > 3) return std::string(text);
  const char separator = text[first];
  std::string out(text.substr(0, first));
  std::size_t at = first;
  while (at < text.size()) {
    const std::string_view group = text.substr(at + 1, 3);
    if (text[at] != separator || group.size() != 3 || !all_digits(group)) return std::string(text);
    out += group;
    at += 4;
  }
  return out;
}

/// "9/10/2023", "9-10-2023" or "9.10.2023", day first, as "2023-10-09"; other text as it is.
std::string iso_day(std::string_view text) {
  const std::size_t first = text.find_first_of("/-.");
  const std::size_t second =
      first == std::string_view::npos ? first : text.find(text[first], first + 1);
  if (second == std::string_view::npos) return std::string(text);
  std::string day(text.substr(0, first));
  std::string month(text.substr(first + 1, second - first - 1));
  const std::string_view year = text.substr(second + 1);
  if (day.size() > 2 || month.size() > 2 || year.size() != 4) return std::string(text);
  if (day.size() == 1) day.insert(0, 1, '0');
  if (month.size() == 1) month.insert(0, 1, '0');
  return std::string(year) + "-" + month + "-" + day;
}

}  // namespace

bool day_from_text(std::string_view text, Date& out) {
  return date_from_text(iso_day(tidy_line(text)), out);
}

namespace {

Result<FieldValue> date_of(const Place& at, std::string_view text) {
  Date day;
  if (!date_from_text(text, day)) return at.error(ErrorCode::input_not_a_date, text);
  if (at.field.kind == FieldKind::kYearOrDate &&
      (day.year < at.field.min || day.year > at.field.max)) {
    return at.out_of_range(text);
  }
  return FieldValue(std::string(text));
}

/// The number without its spaces and dots: "0912 345 678", "+84 912…".
Result<FieldValue> phone_of(const Place& at, const std::string& text) {
  std::string digits;
  for (const char c : text) {
    const bool plus = c == '+' && digits.empty();
    if ((c >= '0' && c <= '9') || plus) {
      digits += c;
    } else if (c != ' ' && c != '.' && c != '-') {
      return at.error(ErrorCode::input_not_a_phone, text);
    }
  }
  const std::size_t count = digits.size() - (digits.starts_with('+') ? 1 : 0);
  if (count < 8 || count > 15) return at.error(ErrorCode::input_not_a_phone, text);
  return FieldValue(digits);
}

Result<FieldValue> text_of(const Place& at, std::string_view text) {
  const bool lines = at.field.format == TextFormat::kLines;
  std::string tidy = lines ? tidy_lines(text) : tidy_line(text);
  if (has_control(tidy, lines)) return at.error(ErrorCode::input_bad_character, "");
  if (character_count(tidy) > at.field.max_length || tidy.size() > limits::kTextBytesMax) {
    Error e = at.error(ErrorCode::input_too_long, "");
    e.context.emplace_back("max", std::to_string(at.field.max_length));
    return e;
  }
  if (tidy.empty()) return kNoValue;
  if (at.field.format == TextFormat::kPhone) return phone_of(at, tidy);
  if (at.field.format == TextFormat::kCitizenId) {
    tidy.erase(std::remove(tidy.begin(), tidy.end(), ' '), tidy.end());
    // Not shown again: an identity number does not belong into messages.
    if (!all_digits(tidy) || (tidy.size() != 12 && tidy.size() != 9)) {
      return at.error(ErrorCode::input_not_a_citizen_id, "");
    }
  }
  return FieldValue(std::move(tidy));
}

/// By code; from tables also by label.
Result<FieldValue> choice_of(const Place& at, std::string_view text, bool by_label) {
  if (at.field.choice(text) != nullptr) return FieldValue(std::string(text));
  const std::string wanted = by_label ? fold_for_search(text) : std::string();
  std::string codes;
  std::string vi;
  std::string en;
  for (const Choice& choice : at.field.choices) {
    if (by_label &&
        (fold_for_search(choice.label.vi) == wanted || fold_for_search(choice.label.en) == wanted ||
         fold_for_search(choice.code) == wanted)) {
      return FieldValue(choice.code);
    }
    const char* comma = codes.empty() ? "" : ", ";
    codes += comma + choice.code;
    vi += comma + choice.label.vi + " (" + choice.code + ")";
    en += comma + choice.label.en + " (" + choice.code + ")";
  }
  Error e = at.error(ErrorCode::input_not_a_choice, text);
  e.context.emplace_back("choices", std::move(codes));
  e.context.emplace_back("choices_vi", std::move(vi));
  e.context.emplace_back("choices_en", std::move(en));
  return e;
}

Result<FieldValue> boolean_of(const Place& at, std::string_view text) {
  constexpr std::array<std::string_view, 5> kYes = {"1", "x", "co", "true", "yes"};
  constexpr std::array<std::string_view, 4> kNo = {"0", "khong", "false", "no"};
  const std::string word = fold_for_search(text);
  if (std::find(kYes.begin(), kYes.end(), word) != kYes.end()) return FieldValue(true);
  if (std::find(kNo.begin(), kNo.end(), word) != kNo.end()) return FieldValue(false);
  return at.error(ErrorCode::input_not_yes_no, text);
}

/// A value given as text: strictly where it came in JSON, as people write where `lenient`.
Result<FieldValue> from_text(const Place& at, std::string_view text, bool lenient) {
  const std::string line = lenient ? tidy_line(text) : std::string(text);
  switch (at.field.kind) {
    case FieldKind::kText: return text_of(at, text);
    case FieldKind::kInteger: return number_of(at, line);
    case FieldKind::kMoney: return number_of(at, ungrouped(line));
    case FieldKind::kBoolean: return boolean_of(at, line);
    case FieldKind::kDate: return date_of(at, lenient ? iso_day(line) : line);
    case FieldKind::kYearOrDate:
      if (line.size() == 4 && all_digits(line)) return number_of(at, line);
      return date_of(at, lenient ? iso_day(line) : line);
    case FieldKind::kPeriod:
      if (!is_period(line)) return at.error(ErrorCode::input_not_a_period, line);
      return FieldValue(line);
    case FieldKind::kChoice: return choice_of(at, line, lenient);
    case FieldKind::kLink: break;
  }
  Error e = at.error(ErrorCode::input_wrong_kind, text);
  e.context.emplace_back("expected", at.field.link);
  return e;
}

Result<FieldValue> required_or(const Place& at, Result<FieldValue> value) {
  if (value.ok() && at.field.required && std::holds_alternative<std::monostate>(*value)) {
    return at.error(ErrorCode::input_missing, "");
  }
  return value;
}

ErrorCode wrong_kind_of(FieldKind kind) {
  switch (kind) {
    case FieldKind::kInteger:
    case FieldKind::kMoney: return ErrorCode::input_not_a_whole_number;
    case FieldKind::kBoolean: return ErrorCode::input_not_yes_no;
    case FieldKind::kDate:
    case FieldKind::kYearOrDate: return ErrorCode::input_not_a_date;
    case FieldKind::kPeriod: return ErrorCode::input_not_a_period;
    case FieldKind::kText:
    case FieldKind::kChoice:
    case FieldKind::kLink: break;
  }
  return ErrorCode::input_not_text;
}

bool takes_number(FieldKind kind) {
  return kind == FieldKind::kInteger || kind == FieldKind::kMoney || kind == FieldKind::kYearOrDate;
}

bool takes_text(FieldKind kind) {
  return kind != FieldKind::kInteger && kind != FieldKind::kMoney && kind != FieldKind::kBoolean;
}

}  // namespace

Result<FieldValue> check_value(const Field& field, const JsonValue& value, std::string_view where) {
  const Place at{field, where};
  if (value.is_null()) return required_or(at, kNoValue);
  if (const bool* held = value.boolean(); held != nullptr && field.kind == FieldKind::kBoolean) {
    return FieldValue(*held);
  }
  if (const std::int64_t* held = value.integer(); held != nullptr && takes_number(field.kind)) {
    return in_range(at, *held);
  }
  if (const std::string* held = value.text(); held != nullptr && takes_text(field.kind)) {
    if (held->empty()) return required_or(at, kNoValue);
    return required_or(at, from_text(at, *held, false));
  }
  std::string shown_value;
  if (value.integer() != nullptr) shown_value = std::to_string(*value.integer());
  if (value.boolean() != nullptr) shown_value = *value.boolean() ? "true" : "false";
  if (value.text() != nullptr) shown_value = *value.text();
  return at.error(wrong_kind_of(field.kind), shown_value);
}

Result<FieldValue> check_text(const Field& field, std::string_view text, std::string_view where) {
  const Place at{field, where};
  if (!cbor::valid_utf8(text)) {
    return Error(ErrorCode::input_not_utf8, {{"where", std::string(where)}, {"field", field.name}});
  }
  if (tidy_line(text).empty()) return required_or(at, kNoValue);
  return required_or(at, from_text(at, text, true));
}

std::vector<std::string> split_items(std::string_view text) {
  std::vector<std::string> items;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = (std::min)(text.find(';', begin), text.size());
    std::string item = tidy_line(text.substr(begin, end - begin));
    if (!item.empty() && std::find(items.begin(), items.end(), item) == items.end()) {
      items.push_back(std::move(item));
    }
    begin = end + 1;
  }
  return items;
}

std::string to_text(const FieldValue& value) {
  if (const bool* held = std::get_if<bool>(&value)) return *held ? "1" : "0";
  if (const std::int64_t* held = std::get_if<std::int64_t>(&value)) return std::to_string(*held);
  if (const std::string* held = std::get_if<std::string>(&value)) return *held;
  return "";
}

std::string grouped(std::int64_t number, Language language) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  const char separator = language == Language::kVietnamese ? '.' : ',';
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, separator);
  }
  return digits;
}

std::string shown(const Field& field, const FieldValue& value, Language language) {
  if (const bool* held = std::get_if<bool>(&value)) {
    if (language == Language::kVietnamese) return *held ? "Có" : "Không";
    return *held ? "Yes" : "No";
  }
  if (const std::int64_t* held = std::get_if<std::int64_t>(&value)) {
    return field.kind == FieldKind::kMoney ? grouped(*held, language) : std::to_string(*held);
  }
  const std::string* held = std::get_if<std::string>(&value);
  if (held == nullptr) return "";
  if (field.kind == FieldKind::kChoice) {
    const Choice* choice = field.choice(*held);
    return choice == nullptr ? *held : choice->label.in(language);
  }
  Date day;
  const bool dated = field.kind == FieldKind::kDate || field.kind == FieldKind::kYearOrDate;
  if (dated && language == Language::kVietnamese && date_from_text(*held, day)) {
    return std::to_string(day.day) + "/" + std::to_string(day.month) + "/" +
           std::to_string(day.year);
  }
  return *held;
}

bool is_period(std::string_view text) {
  if (text.size() != 4 && text.size() != 7) return false;
  if (!all_digits(text.substr(0, 4)) || text.substr(0, 4) < "1900") return false;
  if (text.size() == 4) return true;
  const std::string_view month = text.substr(5);
  return text[4] == '-' && all_digits(month) && month >= "01" && month <= "12";
}

bool relation_is_head(std::string_view relation) { return fold_for_search(relation) == "chu ho"; }

}  // namespace lalanh
