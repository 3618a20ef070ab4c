#pragma once

#include "client/app/backend.h"
#include "shared/api/exit_code.h"
#include "shared/platform/stop_signal.h"

namespace lalanh::client {

/// `lalanh serve`: the API on 127.0.0.1 until a stop is asked for; what is being written is
/// written to its end.
Exit serve(Machine& machine, const Options& options, StopSignal& stop);

}  // namespace lalanh::client
