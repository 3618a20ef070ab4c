#pragma once

#include "client/app/options.h"
#include "shared/api/exit_code.h"

namespace lalanh::client {

/// Runs one command: results on standard output, errors and progress on standard error.
Exit run(const Options& options);
/// Prints an error as the options ask; its exit code.
Exit fail(const Error& error, const Options& options);

}  // namespace lalanh::client
