#include "shared/base/calendar.h"

#include <chrono>

namespace lalanh {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kVietnamMs = 7 * 3'600'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// Milliseconds of Vietnam's wall clock; clamped so that the sum never overflows.
std::int64_t vietnam_ms(TimeMs time) {
  return time.value > INT64_MAX - kVietnamMs ? INT64_MAX : time.value + kVietnamMs;
}

std::string padded(std::int64_t value, std::size_t width) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return value < 0 ? "-" + digits : digits;
}

}  // namespace

// Howard Hinnant's civil-day algorithms ("chrono-Compatible Low-Level Date Algorithms"): 64-bit,
// where std::chrono::year ends at 32767.
std::int64_t days_of(const Date& date) {
  const std::int64_t y = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_div(y, 400);
  const std::int64_t yoe = y - era * 400;
  const std::int64_t doy = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  return era * 146'097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719'468;
}

Date date_of_days(std::int64_t days) {
  const std::int64_t z = days + 719'468;
  const std::int64_t era = floor_div(z, 146'097);
  const std::int64_t doe = z - era * 146'097;
  const std::int64_t yoe = (doe - doe / 1'460 + doe / 36'524 - doe / 146'096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  Date out;
  out.day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  out.month = static_cast<int>(mp + (mp < 10 ? 3 : -9));
  out.year = static_cast<int>(yoe + era * 400 + (out.month <= 2 ? 1 : 0));
  return out;
}

bool date_from_text(std::string_view text, Date& out) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int parts[3] = {0, 0, 0};
  int part = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) {
      ++part;
    } else if (text[i] >= '0' && text[i] <= '9') {
      parts[part] = parts[part] * 10 + (text[i] - '0');
    } else {
      return false;
    }
  }
  out = {parts[0], parts[1], parts[2]};
  const std::chrono::year_month_day day{std::chrono::year{out.year},
                                        std::chrono::month{static_cast<unsigned>(out.month)},
                                        std::chrono::day{static_cast<unsigned>(out.day)}};
  return out.year >= 1000 && day.ok();
}

std::string to_text(const Date& date) {
  return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2);
}

Date vietnam_date(TimeMs time) { return date_of_days(floor_div(vietnam_ms(time), kDayMs)); }

std::string vietnam_time_text(TimeMs time) {
  const std::int64_t local = vietnam_ms(time);
  const std::int64_t seconds = floor_div(local, 1'000) - floor_div(local, kDayMs) * 86'400;
  return to_text(vietnam_date(time)) + "T" + padded(seconds / 3'600, 2) + ":" +
         padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2) + "+07:00";
}

}  // namespace lalanh
