#include "sync/link/run_sync.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace lalanh::sync {
namespace {

constexpr int kOk = 200;
constexpr std::int64_t kLookMs = 100;
constexpr std::int64_t kRetryDefaultMs = 2'000;

bool is_stopped(const SyncRun& run) { return run.stopped && run.stopped(); }

/// Gives the session what came of a reply. The error with which the try has ended, if it has.
std::optional<Error> hand_over(ClientSession& session, const Result<LinkReply>& reply) {
  Status status;
  std::optional<Error> cut;
  if (!reply.ok()) {
    cut = reply.error();
  } else if (!reply->complete) {
    cut = reply->cut;
  }
  if (!cut && reply->status == kOk) {
    status = session.on_reply(reply->body, reply->elapsed_ms);
  } else if (!cut) {
    // A name is missing where something else answers at that address.
    const std::string name = reply->error_name.empty()
                                 ? "HTTP status " + std::to_string(reply->status)
                                 : reply->error_name;
    status = session.on_error_reply(name, reply->retry_after_s);
  } else {
    // Of a cut error page nothing is of use.
    const bool useful = reply.ok() && reply->status == kOk;
    status = session.on_cut(useful ? ByteView(reply->body) : ByteView(), cut->value("why"));
    // A fault of this database is worse news than the cut.
    const bool fault = !status.ok() && status.error().domain() != "sync";
    return fault ? status.error() : *cut;
  }
  if (!status.ok()) return status.error();
  return std::nullopt;
}

/// One session from its beginning to its end, well or not.
Result<SyncSummary> run_session(ClientSession& session, SyncLink& link, const SyncRun& run) {
  while (true) {
    if (is_stopped(run)) return Error{ErrorCode::system_cancelled};
    std::optional<SyncRequest> request;
    {
      const auto guard = run.lock();
      TRY_ASSIGN(request, session.next());
      if (!request) return session.result();
    }
    const Result<LinkReply> reply = link.post(request->path, request->body, run.exchange_ms);
    SyncProgress progress;
    {
      const auto guard = run.lock();
      if (auto error = hand_over(session, reply)) return *std::move(error);
      progress = session.progress();
    }
    if (run.progress) run.progress(progress);
  }
}

/// Adds a try to those before it.
void add_up(SyncSummary& total, const SyncSummary& more, bool first) {
  total.equal_at_start = more.equal_at_start && (first || total.segments_received == 0) &&
                         (first || total.segments_sent == 0);
  total.taken_back = total.taken_back || more.taken_back;
  total.segments_received += more.segments_received;
  total.segments_sent += more.segments_sent;
  total.events_received += more.events_received;
  total.events_sent += more.events_sent;
  total.bytes_received += more.bytes_received;
  total.bytes_sent += more.bytes_sent;
  total.round_trips += more.round_trips;
  // These are of the last try: a segment refused twice is one segment.
  total.refused = more.refused;
  total.refusals = more.refusals;
  total.waiting = more.waiting;
  total.parent_time = more.parent_time;
}

/// How long to wait before the next try after `error`; nothing where there is to be none.
std::optional<std::int64_t> wait_before_retry(const Error& error, bool lost_kept,
                                              const SyncRun& run) {
  if (error.code == ErrorCode::sync_cut && lost_kept) return 0;
  if (error.code != ErrorCode::sync_busy) return std::nullopt;
  const std::string_view text = error.value("seconds");
  std::int64_t wait_ms = kRetryDefaultMs;
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec == std::errc() && seconds > 0) wait_ms = seconds * 1'000;
  if (wait_ms > run.wait_ms_max) return std::nullopt;
  const auto half = static_cast<std::uint64_t>(wait_ms / 2) + 1;
  return wait_ms + static_cast<std::int64_t>(run.random->next_u64() % half);
}

}  // namespace

Result<SyncSummary> run_sync(SyncLink& link, const SyncRun& run) {
  CHECK(run.make_session && run.lock && run.sleep && run.random != nullptr);
  SyncSummary total;
  bool lost_once = false;
  for (int attempt = 1;; ++attempt) {
    std::unique_ptr<ClientSession> session;
    {
      const auto guard = run.lock();
      session = run.make_session();
    }
    const Result<SyncSummary> ended = run_session(*session, link, run);
    {
      const auto guard = run.lock();
      add_up(total, session->summary(), attempt == 1);
      session.reset();
    }
    if (ended.ok()) return total;
    const bool lost_kept = link.lost_kept_connection() && !lost_once;
    lost_once = lost_once || lost_kept;
    const auto wait_ms = wait_before_retry(ended.error(), lost_kept, run);
    if (!wait_ms || attempt >= run.tries_max) return ended.error();
    if (*wait_ms > 0) run.sleep(*wait_ms);
    if (is_stopped(run)) return Error{ErrorCode::system_cancelled};
  }
}

std::function<void(std::int64_t)> sleep_by(Clock& clock, std::function<bool()> stopped) {
  return [&clock, stopped = std::move(stopped)](std::int64_t wait_ms) {
    const std::int64_t until = clock.steady_ms() + wait_ms;
    while (!(stopped && stopped())) {
      const std::int64_t left = until - clock.steady_ms();
      if (left <= 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds((std::min)(left, kLookMs)));
    }
  };
}

}  // namespace lalanh::sync
