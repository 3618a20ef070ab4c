#pragma once

#include <string>

/// Between the files of this folder for Windows.
namespace lalanh::os {

/// UTF-8 of a text that ends with a zero; "" where it is empty.
std::string narrow(const wchar_t* text);

}  // namespace lalanh::os
