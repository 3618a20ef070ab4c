#pragma once

#include <string>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

/// What both sides of an enrolment say of a foreign file.
namespace lalanh {

/// What is wrong inside a file matters less than that it is another one than was meant, perhaps a
/// secret one: no part of it is shown. What is no matter of reading is said as it was found.
Error wrong_file(const Error& found, const std::string& path, const char* expected);
/// input.too_large.
Status expect_small(ByteView file);

}  // namespace lalanh
