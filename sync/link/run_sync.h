#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "sync/link/http_link.h"
#include "sync/session/client_session.h"

namespace lalanh::sync {

/// What a sync needs around its session and its link. What is named empty may be left out.
struct SyncRun {
  /// A new session; called under the lock, once for each try.
  std::function<std::unique_ptr<ClientSession>()> make_session;
  /// The node's lock: held during each call of the session, never while the link waits.
  std::function<std::unique_lock<std::recursive_mutex>()> lock;
  /// Told after each exchange, without the lock. May be empty.
  std::function<void(const SyncProgress&)> progress;
  /// Asked between exchanges and while waiting; the link has its own. May be empty.
  std::function<bool()> stopped;
  /// Port: waits so many milliseconds, or less once `stopped` says true. See sleep_by.
  std::function<void(std::int64_t)> sleep;
  Random* random = nullptr;  ///< for the jitter of waiting

  /// One exchange in all: 128 KiB, the first message, at 250 bytes a second.
  std::int64_t exchange_ms = 10 * 60'000;
  /// Sessions in all, where the parent is busy.
  int tries_max = 4;
  /// The longest single wait for a busy parent; one that asks for more is left for later.
  std::int64_t wait_ms_max = 5 * 60'000;
};

/// One sync with the parent over `link`, in the caller's thread: runs a session to its end. Retry
/// lies here, outside the session: a busy parent is asked again after the time that it names and
/// up to half as much again, by chance, so that those who were refused together do not come back
/// together; an idle connection that the parent had let go costs a second try at once. The summary
/// adds up all tries. Errors: those of the session and of the link (sync.*, store.*, format.*);
/// system.cancelled after a stop. What was taken in before an error stays.
Result<SyncSummary> run_sync(SyncLink& link, const SyncRun& run);

/// A sleep for SyncRun in the real world: by the steady clock, looking at `stopped` ten times a
/// second. `stopped` may be empty.
std::function<void(std::int64_t)> sleep_by(Clock& clock, std::function<bool()> stopped);

}  // namespace lalanh::sync
