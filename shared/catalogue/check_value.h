#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/catalogue/catalogue.h"
#include "shared/catalogue/json.h"

namespace lalanh {

/// A value as it goes into an event: null, boolean, integer or NFC text. Two spellings of one
/// value give the same: "1.500.000" and 1500000, "09/10/2023" and "2023-10-09".
using FieldValue = std::variant<std::monostate, bool, std::int64_t, std::string>;

/// Checks a value that came as JSON, strictly: numbers as numbers, booleans as booleans, dates as
/// "2023-10-09". null, and text that is empty, give null: "no value". For a field of op add or
/// append this is one item. `where` is what errors call the place; it may be empty.
/// Errors: input.missing (null for a required field), input.not_text, input.not_yes_no,
/// input.not_a_whole_number, input.out_of_range, input.too_long, input.not_a_date,
/// input.not_a_period, input.not_a_choice, input.not_a_citizen_id, input.not_a_phone,
/// input.bad_character, input.wrong_kind (a link), each with field, value and range.
Result<FieldValue> check_value(const Field& field, const JsonValue& value, std::string_view where);

/// Checks a value that came as text: a cell of a table, an argument of a command. As people write
/// it: "1.500.000" or "1,500,000" for money; 1/0, x, có/không, true/false, yes/no; days as
/// "2023-10-09" or "9/10/2023"; a choice by its code or its label in either language.
/// "" gives null. Errors as above.
Result<FieldValue> check_text(const Field& field, std::string_view text, std::string_view where);

/// A day as people write it: "2023-10-09", "9/10/2023", "9.10.2023"; false where it is none.
bool day_from_text(std::string_view text, Date& out);

/// The items of a cell of a field of op add or append, separated by semicolons; each tidied, empty
/// ones left out, none twice.
std::vector<std::string> split_items(std::string_view text);

/// How a value is written in a table: the reverse of `check_text`; null gives "".
std::string to_text(const FieldValue& value);
/// How a value is shown to a person: choices by their label, money with dots, days as 9/10/2023.
std::string shown(const Field& field, const FieldValue& value, Language language);
/// 1500000 as "1.500.000" (Vietnamese) or "1,500,000" (English).
std::string grouped(std::int64_t number, Language language);

/// "2023" or "2023-10" with a real month, years 1900 to 9999?
bool is_period(std::string_view text);
/// Does a member's relation say that he is the head ("chủ hộ", however it is written)? The head is
/// a row among the members, so that members can be counted; no other field marks him.
bool relation_is_head(std::string_view relation);

}  // namespace lalanh
