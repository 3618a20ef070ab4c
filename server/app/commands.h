#pragma once

#include "server/app/options.h"
#include "server/app/serve.h"
#include "shared/api/exit_code.h"

namespace lalanh::server {

/// Does what a command line says, prints the result, and says how the program ends.
/// `lalanhd` commands that read or write the database hand their work to a running `serve`, where
/// one has it.
Exit run_command(const Options& options, const Ports& ports);

}  // namespace lalanh::server
