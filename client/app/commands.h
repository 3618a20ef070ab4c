#pragma once

#include "client/app/options.h"
#include "shared/api/exit_code.h"

namespace lalanh::client {

/// Runs one command: results on standard output, errors and progress on standard error.
Exit run(const Options& options);

}  // namespace lalanh::client
