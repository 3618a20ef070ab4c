#include "shared/base/printable.h"

#include <catch2/catch.hpp>

#include "shared/base/error.h"

using namespace lalanh;

TEST_CASE("what steers a terminal or the direction of text is shown as a mark") {
  CHECK(printable("Đinh\x1B[2J\x1B]0;x\x07", false) == "Đinh�[2J�]0;x�");
  CHECK(printable("a\xC2\x9B"
                  "2Jb\x7F",
                  false) == "a�2Jb�");  // the same in Latin-1's controls
  CHECK(printable("a\xE2\x80\xAE"
                  "b\xE2\x81\xA6"
                  "c",
                  false) == "a�b�c");
  CHECK(printable(std::string_view("a\0b", 3), false) == "a�b");
  CHECK(printable("a\xC2\xA0–“Đỗ Thị Ưởng”, 12 m², 😀", false) ==
        "a\xC2\xA0–“Đỗ Thị Ưởng”, 12 m², 😀");
  CHECK(printable("", true) == "");
}

TEST_CASE("line feeds stay in what has lines, and in no value within a line") {
  CHECK(printable("a\n\tb\r\n", true) == "a\n\tb�\n");
  CHECK(printable("a\nb", false) == "a�b");
}

TEST_CASE("bytes that are not UTF-8 are marks, one by one, and what follows is read") {
  CHECK(printable("a\x9B\x31\xFF", false) == "a�1�");
  CHECK(printable("\xE1\xBB", false) == "��");
  CHECK(printable("\xE1\xBB"
                  "a",
                  false) == "��a");
}

TEST_CASE("an error's sentence shows no control character of the value that it names") {
  const Error error(ErrorCode::bundle_none, {{"path", "/media/a\x1B[2J\nb"}});
  CHECK(error.message(Language::kEnglish).find("/media/a�[2J�b") != std::string::npos);
  CHECK(error.message(Language::kVietnamese).find("/media/a�[2J�b") != std::string::npos);
}
