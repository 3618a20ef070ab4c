#include "sync/link/parent_sync.h"

#include "shared/platform/platform.h"
#include "shared/store/store.h"
#include "sync/link/http_link.h"
#include "sync/link/run_sync.h"
#include "sync/session/client_session.h"

namespace lalanh::sync {

ParentSync::ParentSync(Node& node, ParentSyncOptions options)
    : node_(node), options_(std::move(options)) {}

std::optional<SyncProgress> ParentSync::running() {
  const std::lock_guard<std::mutex> guard(mutex_);
  return progress_;
}

Result<SyncSummary> ParentSync::sync_now(const std::function<void(const SyncProgress&)>& progress) {
  if (busy_.exchange(true)) return Error(ErrorCode::sync_running);
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    progress_ = SyncProgress{};
  }
  Result<SyncSummary> out = run(progress);
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    progress_.reset();
  }
  busy_ = false;
  return out;
}

Result<SyncSummary> ParentSync::run(const std::function<void(const SyncProgress&)>& progress) {
  NodeSettings settings;
  {
    const auto lock = node_.lock();
    settings = node_.settings();
  }
  if (settings.parent_address.empty()) return Error(ErrorCode::sync_no_parent);
  HttpLinkOptions link_options;
  TRY_ASSIGN(link_options.parent, host_port_from_text(settings.parent_address, "config parent"));
  link_options.parent_key = settings.parent_key;
  link_options.clock = node_.options().clock;
  link_options.stopped = options_.stopped;
  link_options.cut_after_bytes = options_.cut_after_bytes;
  HttpLink link(link_options);

  SyncRun run;
  run.make_session = [&] {
    ClientOptions options;
    options.parent_key = settings.parent_key;
    options.program = options_.program;
    const Result<std::uint64_t> free = free_bytes(node_.options().folder);
    if (free.ok()) options.free_mib = *free >> 20U;
    return std::make_unique<ClientSession>(node_.store(), node_.key(), *node_.options().random,
                                           options);
  };
  run.lock = [&] { return node_.lock(); };
  run.progress = [&](const SyncProgress& now) {
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      progress_ = now;
    }
    if (progress) progress(now);
  };
  run.stopped = options_.stopped;
  run.sleep = sleep_by(*node_.options().clock, options_.stopped);
  run.random = node_.options().random;
  run.tries_max = options_.tries_max;
  return run_sync(link, run);
}

}  // namespace lalanh::sync
