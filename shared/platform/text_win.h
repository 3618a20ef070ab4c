#pragma once

#include <string>

/// Between the files of this folder for Windows.
namespace lalanh::os {

/// UTF-8 of a text that ends with a zero; "" where it is empty.
std::string narrow(const wchar_t* text);
/// UTF-16 of a text that was checked to be UTF-8.
std::wstring wide(const std::string& text);

}  // namespace lalanh::os
