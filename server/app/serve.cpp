#include "server/app/serve.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "server/app/sync_state_file.h"
#include "server/app/version.h"
#include "server/http/json_log.h"
#include "shared/catalogue/json_writer.h"
#include "shared/console/serve_file.h"
#include "shared/console/show.h"
#include "shared/platform/platform.h"

namespace lalanh::server {
namespace {

/// Threads of the API's own port: the commands of one machine.
constexpr int kLocalThreads = 4;
/// Of the threads, so many stay free of sync requests: for handshakes, health and metrics.
constexpr int kThreadsKept = 4;
/// How often it is looked whether a backup is due.
constexpr std::int64_t kLookEveryMs = 5'000;

/// The parts of a running server, ended in the reverse of their order.
class Service {
 public:
  Service(const Options& options, const Served& served, const Ports& ports)
      : options_(options), served_(served), ports_(ports) {}
  ~Service() { end(); }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  Status begin();
  void end();
  void announce() const;
  /// Until it is to stop; makes the daily backups meanwhile.
  void run(StopSignal& stop);

 private:
  void begin_sync_up();
  Status begin_http(const std::string& token);
  std::vector<Gauge> gauges() const;
  void sync_ended(const UpSyncState& state, const Result<SyncSummary>& result);

  const Options& options_;
  const Served& served_;
  const Ports& ports_;
  std::unique_ptr<JsonLog> log_;
  std::unique_ptr<UpSync> up_;
  std::unique_ptr<HttpServer> http_;   ///< of children
  std::unique_ptr<HttpServer> local_;  ///< of the API
  std::atomic<std::int64_t> last_backup_ms_{0};
  bool written_ = false;  ///< serve.json
  bool started_ = false;  ///< and the log says so
};

Status Service::begin() {
  TRY_ASSIGN(log_, JsonLog::open(options_.log_file, ports_.clock));
  log_->always("device", served_.device.value);
  log_->always("unit", served_.unit.value);
  if (served_.sync_up) begin_sync_up();
  const std::string token = make_token(ports_.random);
  if (served_.set_start_token) served_.set_start_token(token);
  TRY(begin_http(token));
  TRY(write_serve_file(ports_.files, options_.folder, {local_->port(), token, process_id()}));
  written_ = true;
  if (served_.tls.made) log_->write(LogLevel::kInfo, "tls_key_made", {});
  log_->write(LogLevel::kInfo, "started",
              {{"version", kVersion},
               {"port", std::int64_t{http_->port()}},
               {"lan", options_.lan},
               {"nightly", up_ != nullptr && options_.sync_up.nightly}});
  started_ = true;
  if (up_) up_->start();
  return {};
}

void Service::begin_sync_up() {
  up_ = std::make_unique<UpSync>(
      options_.sync_up, served_.device, ports_.clock, served_.sync_up,
      [this](const UpSyncState& state, const Result<SyncSummary>& result) {
        sync_ended(state, result);
      },
      read_sync_state(ports_.files, options_.folder));
  if (served_.set_sync_starter) served_.set_sync_starter(up_.get());
}

Status Service::begin_http(const std::string& token) {
  HttpOptions http;
  http.host = options_.host;
  http.port = options_.port;
  http.version = kVersion;
  http.threads = options_.threads;
  http.sync_in_work_max = std::max(1, options_.threads - kThreadsKept);
  http.tls = served_.tls.context;
  HttpHandlers children;
  children.sync = served_.handlers.sync;
  children.gauges = [this] { return gauges(); };
  TRY_ASSIGN(http_, HttpServer::start(http, children, ports_.clock, ports_.random, *log_));
  HttpOptions local;
  local.version = kVersion;
  local.token = token;
  local.threads = kLocalThreads;
  HttpHandlers commands;
  commands.api = served_.handlers.api;
  TRY_ASSIGN(local_, HttpServer::start(local, commands, ports_.clock, ports_.random, *log_));
  return {};
}

std::vector<Gauge> Service::gauges() const {
  std::vector<Gauge> all;
  if (served_.handlers.gauges) all = served_.handlers.gauges();
  all.push_back({"lalanhd_backup_last_success_seconds",
                 "Last automatic backup, in seconds since 1970; 0: none yet.",
                 static_cast<double>(last_backup_ms_) / 1'000.0});
  if (!up_) return all;
  const auto seconds = [](const std::optional<TimeMs>& time) {
    return time ? static_cast<double>(time->value) / 1'000.0 : 0.0;
  };
  const UpSyncState state = up_->state();
  all.push_back({"lalanhd_sync_up_last_success_seconds",
                 "Last sync with the parent, in seconds since 1970; 0: none yet.",
                 seconds(state.last_success)});
  all.push_back(
      {"lalanhd_sync_up_next_seconds", "The next one by itself; 0: none.", seconds(up_->next())});
  all.push_back({"lalanhd_sync_up_failures", "Failures since the last success.",
                 static_cast<double>(state.failures)});
  return all;
}

void Service::sync_ended(const UpSyncState& state, const Result<SyncSummary>& result) {
  if (!result.ok()) {
    const std::string name = result.error().name();
    log_->write(LogLevel::kWarning, "sync_up_failed",
                {{"error", std::string_view(name)}, {"failures", std::int64_t{state.failures}}});
  } else {
    const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    log_->write(LogLevel::kInfo, "sync_up",
                {{"events_sent", count(result->events_sent)},
                 {"events_received", count(result->events_received)},
                 {"bytes_sent", count(result->bytes_sent)},
                 {"bytes_received", count(result->bytes_received)},
                 {"refused", count(result->refused)},
                 {"waiting", count(result->waiting)}});
  }
  const Status kept = write_sync_state(ports_.files, options_.folder, state);
  if (!kept.ok()) {
    const std::string name = kept.error().name();
    log_->write(LogLevel::kWarning, "sync_state_not_kept", {{"error", std::string_view(name)}});
  }
}

void Service::announce() const {
  const std::string address = options_.host + ":" + std::to_string(http_->port());
  std::string json;
  JsonWriter(json)
      .begin_object()
      .text("listening", address)
      .integer("port", http_->port())
      .boolean("lan", options_.lan)
      .end_object();
  if (options_.lan) {
    say(options_.manner, "lalanhd đang chạy ở " + address + ", đường truyền được mã hoá.",
        "lalanhd is running on " + address + ", the link is encrypted.", json);
  } else {
    say(options_.manner, "lalanhd đang chạy ở " + address + ", chỉ cho máy này.",
        "lalanhd is running on " + address + ", for this machine alone.", json);
  }
}

void Service::run(StopSignal& stop) {
  BackupClock backups(ports_.clock, ports_.files, options_.folder);
  const auto newest = newest_backup(ports_.files, options_.folder);
  if (newest.ok() && *newest) last_backup_ms_ = (*newest)->front.time.value;
  while (!stop.wait_for(kLookEveryMs)) {
    if (!served_.backup || !backups.due()) continue;
    const std::int64_t begun = ports_.clock.steady_ms();
    const Result<BackupMade> made = served_.backup();
    backups.tried(made.ok());
    const std::int64_t ms = ports_.clock.steady_ms() - begun;
    if (made.ok()) {
      last_backup_ms_ = made->front.time.value;
      log_->write(LogLevel::kInfo, "backup",
                  {{"bytes", static_cast<std::int64_t>(made->bytes)}, {"ms", ms}});
    } else {
      const std::string name = made.error().name();
      log_->write(LogLevel::kWarning, "backup_failed",
                  {{"error", std::string_view(name)}, {"ms", ms}});
    }
  }
}

void Service::end() {
  if (!log_) return;
  bool drained = true;
  if (written_) (void)remove_serve_file(ports_.files, options_.folder);
  written_ = false;
  if (local_) drained = local_->stop() && drained;
  if (http_) drained = http_->stop() && drained;
  if (up_) up_->stop();
  if (served_.set_sync_starter) served_.set_sync_starter(nullptr);
  if (started_) log_->write(LogLevel::kInfo, "stopped", {{"drained", drained}});
  local_.reset();
  http_.reset();
  up_.reset();
  log_.reset();
}

}  // namespace

Exit serve(const Options& options, const Served& served, const Ports& ports, StopSignal& stop) {
  Service service(options, served, ports);
  const Status begun = service.begin();
  if (!begun.ok()) return show(begun.error(), options.manner);
  service.announce();
  service.run(stop);
  service.end();
  return Exit::kDone;
}

}  // namespace lalanh::server
