#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "shared/api/http.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh {

class Store;
struct NodeParts;

/// Where a node's files lie: `<folder>/lalanh.db` and its -wal, `lalanh.lock`, `device.key`
/// (secret), `device.cert`, `root.pub`, `settings.json`.
struct NodeOptions {
  std::string folder;        ///< UTF-8
  Clock* clock = nullptr;    ///< outlive the node
  Random* random = nullptr;
  Files* files = nullptr;
  std::string version;       ///< of the program, shown in `open` and status
};

/// How far a sync is; for progress bars. Bytes are of segments.
struct SyncProgress {
  std::uint64_t received_bytes = 0;
  std::uint64_t receive_total_bytes = 0;  ///< 0: not known yet
  std::uint64_t sent_bytes = 0;
  std::uint64_t send_total_bytes = 0;
};

/// What a sync did, for people and logs.
struct SyncSummary {
  std::uint64_t segments_received = 0;
  std::uint64_t segments_sent = 0;
  std::uint64_t events_received = 0;
  std::uint64_t events_sent = 0;
  std::uint64_t bytes_received = 0;  ///< whole bodies
  std::uint64_t bytes_sent = 0;
  std::uint64_t refused = 0;
  std::uint64_t waiting = 0;
  int round_trips = 0;
  bool equal_at_start = false;  ///< nothing was to do
  TimeMs parent_time;
};

/// Port: starts a sync with the parent; filled by client and server (they own sockets).
class SyncStarter {
 public:
  virtual ~SyncStarter() = default;
  /// Runs one sync now, in the caller's thread. sync.* errors.
  virtual Result<SyncSummary> sync_now(const std::function<void(const SyncProgress&)>& progress) = 0;
};

/// One database with its keys, projections and API: the one place that puts them together.
/// Thread-safe: one lock around each call; calls are short and bounded.
class Node {
 public:
  /// Opens an existing node for writing (takes the lock, draws a new epoch).
  /// store.*, trust.*; store.locked where another program has it.
  static Result<std::unique_ptr<Node>> open(const NodeOptions& options);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// The JSON API. Never throws; every failure is a reply with a typed error.
  ApiReply handle(const ApiRequest& request);

  /// One request of a child's sync (`docs/PROTOCOL.md`): `path` such as "/s/open". `complete`:
  /// the whole body arrived; false: the link was cut and this is what came. Returns the reply's
  /// body; an Error is to be answered as its HTTP status with an empty body and the error's name
  /// in the header `Lalanh-Error`.
  Result<Bytes> handle_sync(std::string_view path, ByteView body, bool complete);

  /// Set once before the first request; not owned.
  void set_sync_starter(SyncStarter* starter);

  /// For sync sessions and tools of the same process; guarded by lock().
  Store& store();
  std::unique_lock<std::recursive_mutex> lock();

 private:
  explicit Node(std::unique_ptr<NodeParts> parts);
  std::unique_ptr<NodeParts> parts_;
};

}  // namespace lalanh
