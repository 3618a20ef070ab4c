#include "sync/link/parent_sync.h"

#include <exception>

#include "shared/platform/platform.h"
#include "shared/store/store.h"
#include "sync/link/run_sync.h"
#include "sync/session/client_session.h"
#include "sync/session/frame.h"

namespace lalanh::sync {
namespace {

constexpr std::int64_t kReachMs = 30'000;
constexpr int kServerFails = 500;
constexpr int kBusy = 503;
constexpr int kRetryDefaultS = 2;

Result<HttpLinkOptions> link_to_parent(const NodeSettings& settings, Clock* clock,
                                       const std::function<bool()>& stopped) {
  if (settings.parent_address.empty()) return Error(ErrorCode::sync_no_parent);
  HttpLinkOptions out;
  TRY_ASSIGN(out.parent, host_port_from_text(settings.parent_address, "config parent"));
  out.parent_key = settings.parent_key;
  out.clock = clock;
  out.stopped = stopped;
  return out;
}

}  // namespace

Status expect_answer(const LinkReply& reply) {
  if (!reply.complete) return *reply.cut;
  if (reply.status < kServerFails) return {};
  if (reply.status == kBusy) {
    const int seconds = reply.retry_after_s.value_or(kRetryDefaultS);
    return Error{ErrorCode::sync_busy, {{"seconds", std::to_string(seconds)}}};
  }
  const std::string name =
      reply.error_name.empty() ? "HTTP status " + std::to_string(reply.status) : reply.error_name;
  return Error{ErrorCode::sync_refused, {{"why", name}}};
}

Status reach_parent(Files& files, const std::string& folder, Clock& clock,
                    std::function<bool()> stopped) {
  TRY_ASSIGN(const NodeSettings settings, read_settings(files, folder));
  if (settings.parent_key == Hash{}) return Error(ErrorCode::sync_is_top);
  TRY_ASSIGN(const HttpLinkOptions options, link_to_parent(settings, &clock, stopped));
  HttpLink link(options);
  // A request without a body is refused by any server of ours, and TLS has shown that it is the
  // one.
  TRY_ASSIGN(const LinkReply reply, link.post(kPathOpen, {}, kReachMs));
  return expect_answer(reply);
}

ParentSync::ParentSync(Node& node, ParentSyncOptions options)
    : node_(node), options_(std::move(options)) {}

std::optional<SyncProgress> ParentSync::running() {
  const std::lock_guard<std::mutex> guard(mutex_);
  return progress_;
}

Result<SyncSummary> ParentSync::sync_now(const std::function<void(const SyncProgress&)>& progress) {
  if (busy_.exchange(true)) return Error(ErrorCode::sync_running);
  /// Whichever way this sync ends, the next one may begin.
  struct Ending {
    explicit Ending(ParentSync& s) : sync(s) {}
    ~Ending() {
      {
        const std::lock_guard<std::mutex> guard(sync.mutex_);
        sync.progress_.reset();
      }
      sync.busy_ = false;
    }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    ParentSync& sync;
  };
  const Ending ending(*this);
  try {
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      progress_ = SyncProgress{};
    }
    Result<SyncSummary> out = run(progress);
    if (const Status noted = note(out); !noted.ok() && out.ok()) out = noted.error();
    return out;
  } catch (const std::exception&) {  // descriptors, threads or memory ran out
    return Error(ErrorCode::system_internal, {{"why", "exception"}});
  }
}

Result<SyncSummary> ParentSync::run(const std::function<void(const SyncProgress&)>& progress) {
  NodeSettings settings;
  {
    const auto lock = node_.lock();
    settings = node_.settings();
  }
  TRY_ASSIGN(HttpLinkOptions link_options,
             link_to_parent(settings, node_.options().clock, options_.stopped));
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

Status ParentSync::note(const Result<SyncSummary>& ended) {
  const bool revoked = !ended.ok() && ended.error().code == ErrorCode::trust_revoked;
  if (!ended.ok() && !revoked) return {};
  const auto lock = node_.lock();
  return node_.note_refused(revoked);
}

}  // namespace lalanh::sync
