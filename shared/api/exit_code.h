#pragma once

#include <string_view>

namespace lalanh {

/// What the program's end tells a script (`docs/OPERATING.md`, Exit codes). Stable.
enum class Exit : int {
  kDone = 0,
  kFailed = 1,      ///< refused or failed; the error's name says why
  kUsage = 2,       ///< wrong use or wrong input; nothing was changed
  kTryAgain = 3,    ///< the parent cannot be reached, is busy, or the link was cut
  kStore = 4,       ///< the database is locked, full, damaged or newer
  kTrust = 5,       ///< certificate, key or right
  kDifference = 6,  ///< verify found one
  kStopped = 130    ///< stopped by a signal
};

/// By the stable name of an error, "domain.code"; "" is kDone.
Exit exit_of(std::string_view error_name);

}  // namespace lalanh
