#pragma once

#include <cstdint>
#include <functional>

#include "server/app/options.h"
#include "server/http/http_server.h"
#include "server/tree/up_sync.h"
#include "shared/api/backup.h"
#include "shared/api/exit_code.h"
#include "shared/base/ports.h"
#include "shared/platform/stop_signal.h"
#include "sync/tls/tls.h"

namespace lalanh::server {

/// The ports of a program; none is owned.
struct Ports {
  Clock& clock;
  Random& random;
  Files& files;
};

/// What a server serves: a Node seen from outside, so that tests need no database. Thread-safe
/// functions.
struct Served {
  DeviceNo device;
  UnitNo unit;
  HttpHandlers handlers;
  sync::OpenedTls tls;  ///< of the port where children sync
  /// One sync with the parent; empty where there is none (the province).
  UpSync::Run sync_up;
  /// Makes a backup, in the calling thread; empty where none are made.
  std::function<Result<BackupMade>()> backup;
  /// Told which scheduler takes `POST /api/sync`, and nullptr before it ends.
  std::function<void(SyncStarter*)> set_sync_starter;
  /// Told the token of this start, which proofs of commands hold for.
  std::function<void(const std::string&)> set_start_token;
};

/// Runs `lalanhd serve` until `stop` asks for its end: two HTTP servers (for children over TLS, and
/// the API on a loopback port of its own), the nightly scheduler and serve.json. Prints one line
/// when it is ready. Returns when everything has been written and every thread has ended.
Exit serve(const Options& options, const Served& served, const Ports& ports, StopSignal& stop);

}  // namespace lalanh::server
