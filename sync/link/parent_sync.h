#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "shared/api/node.h"
#include "sync/link/http_link.h"

namespace lalanh::sync {

/// How a node's syncs run; all may be left as they are.
struct ParentSyncOptions {
  std::string program;            ///< version shown to the parent
  std::function<bool()> stopped;  ///< asked while it waits; may be empty
  int tries_max = 4;
  /// Fault, for trials: each link closes for good after so many bytes.
  std::optional<std::uint64_t> cut_after_bytes;
};

/// Does a reply show a parent that can do its work? sync.busy, sync.refused, and what cut it.
Status expect_answer(const LinkReply& reply);
/// Does the parent that the folder's settings name answer, as itself? Asks nothing of it and
/// changes nothing; in the caller's thread, within half a minute. sync.is_top, sync.no_parent,
/// sync.unreachable, system.cancelled, those of expect_answer, make_tls_stream and read_settings.
Status reach_parent(Files& files, const std::string& folder, Clock& clock,
                    std::function<bool()> stopped);

/// The node's way to its parent: one sync at a time, in the caller's thread, the node's lock held
/// during database calls alone. Client and server use the same. Thread-safe.
class ParentSync : public SyncStarter {
 public:
  /// `node` outlives it.
  ParentSync(Node& node, ParentSyncOptions options);
  /// sync.no_parent, sync.running, and those of run_sync. That the parent has revoked this
  /// machine's key is noted for `Node::refused`, and taken back by the next sync that it allows.
  /// What is thrown in it becomes system.internal, and the next sync may begin.
  Result<SyncSummary> sync_now(const std::function<void(const SyncProgress&)>& progress) override;
  std::optional<SyncProgress> running() override;

 private:
  Result<SyncSummary> run(const std::function<void(const SyncProgress&)>& progress);
  Status note(const Result<SyncSummary>& ended);
  Node& node_;
  const ParentSyncOptions options_;
  std::atomic<bool> busy_{false};
  std::mutex mutex_;  ///< guards progress_
  std::optional<SyncProgress> progress_;
};

}  // namespace lalanh::sync
