#include "shared/base/calendar.h"

#include <limits>

#include <catch2/catch.hpp>

using namespace lalanh;

TEST_CASE("only days that exist are dates") {
  Date date;
  for (const char* good : {"1970-01-01", "2000-02-29", "2024-02-29", "1000-01-01", "9999-12-31"}) {
    INFO(good);
    REQUIRE(date_from_text(good, date));
    CHECK(to_text(date) == good);
  }
  for (const char* bad : {"2023-02-29", "1900-02-29", "2023-00-10", "2023-13-01", "2023-04-31",
                          "2023-01-00", "0999-12-31", "23-01-01", "2023-1-01", "2023/01/01",
                          "2023-01-01 ", "2023-01-0a", "", "-023-01-01", "２０２３-01-01"}) {
    INFO(bad);
    CHECK_FALSE(date_from_text(bad, date));
  }
}

TEST_CASE("a moment is told in the time of Vietnam, in any year that a broken clock believes in") {
  const auto text = [](std::int64_t ms) { return vietnam_time_text(TimeMs(ms)); };
  CHECK(text(0) == "1970-01-01T07:00:00+07:00");
  CHECK(text(-1) == "1970-01-01T06:59:59+07:00");
  CHECK(text(-25'200'000) == "1970-01-01T00:00:00+07:00");
  CHECK(text(-25'200'001) == "1969-12-31T23:59:59+07:00");
  CHECK(text(946'659'600'000) == "2000-01-01T00:00:00+07:00");
  CHECK(text(2'147'483'647'000) == "2038-01-19T10:14:07+07:00");
  CHECK(text(2'147'483'648'000) == "2038-01-19T10:14:08+07:00");
  CHECK(text(4'102'419'599'000) == "2099-12-31T23:59:59+07:00");
  CHECK(vietnam_date(TimeMs(1'735'664'399'999)) == Date{2024, 12, 31});
  CHECK(vietnam_date(TimeMs(1'735'664'400'000)) == Date{2025, 1, 1});
}

TEST_CASE("the ends of 64 bits have a text and do not overflow") {
  const auto least = vietnam_time_text(TimeMs(std::numeric_limits<std::int64_t>::min()));
  const auto most = vietnam_time_text(TimeMs(std::numeric_limits<std::int64_t>::max()));
  CHECK(least.rfind("-292275055-", 0) == 0);
  CHECK(most.rfind("292278994-", 0) == 0);
}

TEST_CASE("days and dates are the same calendar in both directions, before 1970 too") {
  CHECK(days_of({1970, 1, 1}) == 0);
  CHECK(days_of({1969, 12, 31}) == -1);
  CHECK(days_of({2000, 3, 1}) == 11'017);
  CHECK(days_of({1582, 10, 15}) == -141'427);
  Date before = date_of_days(-800'001);
  for (std::int64_t day = -800'000; day < 1'000'000; day += 13) {
    const Date date = date_of_days(day);
    REQUIRE(days_of(date) == day);
    REQUIRE(to_text(before) != to_text(date));
    before = date;
  }
}
