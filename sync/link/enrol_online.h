#pragma once

#include <functional>

#include "shared/base/ports.h"
#include "shared/trust/ticket.h"

namespace lalanh::sync {

/// Brings a device's request to the parent that the ticket names, over TLS with that parent's key
/// and no other, at the first of its addresses that answers. The answer's bytes, not looked at. In
/// the caller's thread; `stopped` may be empty. Errors: what the parent says by name (trust.*,
/// sync.not_compared), those of make_tls_stream, sync.unreachable, sync.cut, sync.busy.
Result<Bytes> enrol_online(const Ticket& ticket, ByteView request, Clock& clock,
                           const std::function<bool()>& stopped);

}  // namespace lalanh::sync
