#pragma once

#include "shared/store/sync_store.h"

namespace lalanh::sync {

/// May the device of this verified certificate ask here, and does what it says count: by the
/// network and by stick alike (`docs/PROTOCOL.md`, Frames, 5 and 6)? Notes it as met where it
/// may. Errors: trust.revoked, trust.bad_certificate, store.*; nothing was changed then.
Status meet(SyncStore& store, const Certificate& certificate);

}  // namespace lalanh::sync
