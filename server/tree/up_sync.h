#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "server/tree/schedule.h"
#include "shared/api/node.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh::server {

/// Syncs a server with its parent: every night at its own minute, again after a failure, at once
/// on request; never two at once. Has a thread of its own from start() to stop(). Thread-safe.
class UpSync : public SyncStarter {
 public:
  using Progress = std::function<void(const SyncProgress&)>;
  /// One sync, in the calling thread. What it throws becomes system.internal, as what `Ended` and
  /// the clock throw; the thread goes on, and the next sync may begin.
  using Run = std::function<Result<SyncSummary>(const Progress&)>;
  /// Told after each sync, in its thread: the new state (to be kept over restarts) and the result.
  using Ended = std::function<void(const UpSyncState&, const Result<SyncSummary>&)>;

  /// `state` is what was kept of earlier starts. `look_every_ms`: how often the thread looks at
  /// the clock, which may jump. Nothing runs before start().
  UpSync(const UpSyncSettings& settings, DeviceNo device, Clock& clock, Run run, Ended ended,
         const UpSyncState& state = {}, std::int64_t look_every_ms = 5'000);
  /// As stop().
  ~UpSync() override;
  UpSync(const UpSync&) = delete;
  UpSync& operator=(const UpSync&) = delete;

  void start();
  /// Waits for the sync in work, if there is one, and starts none any more.
  void stop();

  /// One sync in the caller's thread, now. sync.running where one is in work, system.cancelled
  /// after stop().
  Result<SyncSummary> sync_now(const Progress& progress) override;
  std::optional<SyncProgress> running() override;
  /// Has the thread sync as soon as it can; does not wait.
  void request();

  UpSyncState state() const;
  bool in_work() const;
  /// When the thread means to sync next, by the wall clock.
  std::optional<TimeMs> next() const;

 private:
  void loop();
  bool due(std::unique_lock<std::mutex>& lock);
  void plan();
  Result<SyncSummary> run(const Progress& progress);
  Result<SyncSummary> run_and_tell(const Progress& progress);

  const UpSyncSettings settings_;
  const DeviceNo device_;
  Clock& clock_;
  const Run run_;
  const Ended ended_;
  const std::int64_t look_every_ms_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  UpSyncState state_;
  bool stopping_ = false;
  bool in_work_ = false;
  bool requested_ = false;
  SyncProgress progress_;            ///< of the sync in work
  std::optional<TimeMs> next_;       ///< by the wall clock
  std::int64_t next_steady_ms_ = 0;  ///< the same moment, by the steady clock
  std::thread thread_;
};

}  // namespace lalanh::server
