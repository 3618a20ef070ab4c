#pragma once

#include <string>
#include <string_view>

#include "shared/base/ids.h"

namespace lalanh {

/// A day of the Gregorian calendar. Own code: GCC 12 and mingw have no portable parsing.
struct Date {
  int year = 0;
  int month = 0;
  int day = 0;
  friend bool operator==(const Date&, const Date&) = default;
};

/// "YYYY-MM-DD" of a day that exists, years 1000 to 9999; false otherwise.
bool date_from_text(std::string_view text, Date& out);
std::string to_text(const Date& date);
/// The day in Vietnam (fixed UTC+7) of a moment.
Date vietnam_date(TimeMs time);
/// "YYYY-MM-DDTHH:MM:SS+07:00" for any 64-bit moment; years outside 0..9999 are written in full.
std::string vietnam_time_text(TimeMs time);
/// Days since 1970-01-01, and back.
std::int64_t days_of(const Date& date);
Date date_of_days(std::int64_t days);

}  // namespace lalanh
