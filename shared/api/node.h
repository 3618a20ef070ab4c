#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "shared/api/http.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "shared/store/sync_store.h"

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
