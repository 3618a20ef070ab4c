#pragma once

#include <string>
#include <string_view>

namespace lalanh {

/// All functions take well-formed UTF-8 (`cbor::valid_utf8`); bytes that are not are passed over.
/// No locale, no state: the same answer on every system. Safe from any thread.

/// Is the text in Unicode normal form C? One pass without memory for Vietnamese.
bool is_nfc(std::string_view text);
/// The text in normal form C. Windows and macOS keyboards send letters and marks apart.
std::string to_nfc(std::string_view text);

/// One line as typed: NFC, spaces of all kinds collapsed to one, none at the ends. What is left
/// of line ends are spaces too.
std::string tidy_line(std::string_view text);
/// Several lines as typed: NFC, line ends as '\n', no space at the two ends of the whole.
std::string tidy_lines(std::string_view text);
/// Has the text a character that `is_control` (a line feed or tab apart, where `lines`)?
bool has_control(std::string_view text, bool lines);
/// Characters (code points) of the text: what a limit means to a person.
std::size_t character_count(std::string_view text);

/// What search compares: lower case, without diacritics, đ as d, spaces collapsed.
/// "  Nguyễn  Văn ĐỨC" gives "nguyen van duc".
std::string fold_for_search(std::string_view text);
/// The same at the end of `out`.
void append_fold(std::string_view text, std::string& out);

/// Bytes that sort as Vietnamese dictionaries do, word by word: letters a ă â b c d đ e ê g h i k
/// l m n o ô ơ p q r s t u ư v x y (f, j, w, z at their Latin places) first, then the tone: ngang,
/// huyền, hỏi, ngã, sắc, nặng. Case does not count, nor where in a syllable the tone is placed
/// (hòa, hoà). Numbers sort by value ("Thôn 2" before "Thôn 10"). Compare with memcmp, the shorter
/// first where one begins the other; no byte is NUL.
std::string sort_key(std::string_view text);
/// The same for a person's name: the given name, which comes last, then the rest from the start.
std::string sort_key_of_person(std::string_view name);

}  // namespace lalanh
