#include "shared/base/error.h"

#include <set>

#include <catch2/catch.hpp>

#include "shared/base/cbor.h"
#include "shared/base/result.h"

using namespace lalanh;

namespace {

std::set<std::string> names_in(std::string_view text) {
  std::set<std::string> out;
  for (std::size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    REQUIRE(close != std::string_view::npos);
    out.insert(std::string(text.substr(open + 1, close - open - 1)));
  }
  return out;
}

}  // namespace

TEST_CASE("every error fills the same names in Vietnamese and in English") {
  for (std::size_t i = 0; i < error_count(); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    const std::string_view vi = error_template(code, Language::kVietnamese);
    const std::string_view en = error_template(code, Language::kEnglish);
    INFO(Error(code).name());
    CHECK_FALSE(vi.empty());
    CHECK_FALSE(en.empty());
    CHECK(vi != en);
    CHECK(names_in(vi) == names_in(en));
    CHECK((vi.find('|') == std::string_view::npos) == (en.find('|') == std::string_view::npos));
    CHECK(cbor::valid_utf8(vi));
    for (const char c : en) CHECK(static_cast<unsigned char>(c) >= 0x20);
  }
}

TEST_CASE("every error has a name of its own, domain before the dot") {
  std::set<std::string> names;
  for (std::size_t i = 0; i < error_count(); ++i) {
    const Error error(static_cast<ErrorCode>(i));
    CHECK(names.insert(error.name()).second);
    CHECK(error.name().rfind(std::string(error.domain()) + ".", 0) == 0);
  }
  CHECK(names.count("format.truncated") == 1);
}

TEST_CASE("a message is filled from the context, and a name without a value stays empty") {
  const Error error(ErrorCode::format_limit, {{"limit", "kOpsMax"}, {"where", "event"}});
  CHECK(error.message(Language::kEnglish) ==
        "The data exceeds the limit kOpsMax at event. That part was refused; everything else is "
        "kept.");
  CHECK(error.value("where") == "event");
  CHECK(error.value("nothing").empty());
  const Error bare(ErrorCode::format_limit);
  CHECK(bare.message(Language::kEnglish).find('{') == std::string::npos);
  // What is filled in is not read as a template again.
  const Error odd(ErrorCode::format_limit, {{"limit", "{where}"}, {"where", "x"}});
  CHECK(odd.message(Language::kEnglish).find("limit {where} at x") != std::string::npos);
}

TEST_CASE("words of the code are said in the language of the message, those of people are kept") {
  const Error error(ErrorCode::system_file,
                    {{"action", "read"}, {"path", "read"}, {"why", "Permission denied"}});
  CHECK(error.message(Language::kEnglish) == "Cannot read the file read: Permission denied.");
  CHECK(error.message(Language::kVietnamese) == "Không đọc được tệp read: không có quyền.");
  const Error strange(ErrorCode::system_file, {{"why", "never heard of"}});
  CHECK(strange.message(Language::kVietnamese).find("never heard of") != std::string::npos);
}

TEST_CASE("a reason leaves out what was kept, a message says it without the mark between") {
  const Error error(ErrorCode::input_not_text, {{"field", "head"}, {"where", "a.csv:3"}});
  CHECK(error.reason(Language::kEnglish) == "'head' must be text (a.csv:3).");
  CHECK(error.message(Language::kEnglish) == "'head' must be text (a.csv:3). Nothing was changed.");
  CHECK(error.reason(Language::kVietnamese) == "'head' phải là chữ (a.csv:3).");
}

TEST_CASE("a result holds a value or an error, and hands either on") {
  const auto half = [](int n) -> Result<int> {
    if (n % 2 != 0) return Error(ErrorCode::input_not_a_whole_number);
    return n / 2;
  };
  const auto quarter = [&](int n) -> Result<int> {
    TRY_ASSIGN(const int once, half(n));
    TRY_ASSIGN(const int twice, half(once));
    return twice;
  };
  const auto whole = [&](int n) -> Status {
    TRY(quarter(n));
    return {};
  };
  CHECK(*quarter(12) == 3);
  CHECK_FALSE(quarter(6).ok());
  CHECK(quarter(6).error().code == ErrorCode::input_not_a_whole_number);
  CHECK(whole(8).ok());
  CHECK_FALSE(whole(7).ok());
  Result<std::string> text(std::string("moved"));
  const std::string taken = std::move(text).value();
  CHECK(taken == "moved");
}
