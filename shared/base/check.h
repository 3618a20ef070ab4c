#pragma once

namespace lalanh {

/// Ends the program with file, line and the broken condition on standard error.
/// Called by CHECK only. Never returns.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace lalanh

/// A programming error ends the program at once, in every build: the database is safe, since
/// nothing is confirmed before its transaction. Never used for bad input.
/// Headers write LALANH_CHECK: Catch2 has a CHECK of its own, which wins in tests.
#define LALANH_CHECK(condition)                               \
  do {                                                        \
    if (!(condition)) {                                       \
      ::lalanh::check_failed(#condition, __FILE__, __LINE__); \
    }                                                         \
  } while (false)

#ifndef CATCH_VERSION_MAJOR
#define CHECK(condition) LALANH_CHECK(condition)
#endif
