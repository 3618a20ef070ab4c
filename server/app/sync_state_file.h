#pragma once

#include <string>

#include "server/tree/schedule.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh::server {

/// The scheduler's memory over restarts, `<folder>/sync-up.json`: {"last_success":ms|null,
/// "last_try":ms|null,"failures":n,"retry_after":s}. Not part of the database: losing it costs one
/// sync too many.
Status write_sync_state(Files& files, const std::string& folder, const UpSyncState& state);
/// An empty state where there is no file, or one that cannot be read.
UpSyncState read_sync_state(Files& files, const std::string& folder);

}  // namespace lalanh::server
