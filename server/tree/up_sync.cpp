#include "server/tree/up_sync.h"

#include <charconv>
#include <chrono>
#include <exception>
#include <utility>

namespace lalanh::server {
namespace {

/// Wall and steady clock may part by so much (steering by NTP) before the plan is made anew.
constexpr std::int64_t kJumpMs = 60'000;

int retry_after_of(const Error& error) {
  const std::string_view text = error.value("seconds");
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

}  // namespace

UpSync::UpSync(const UpSyncSettings& settings, DeviceNo device, Clock& clock, Run run, Ended ended,
               const UpSyncState& state, std::int64_t look_every_ms)
    : settings_(settings),
      device_(device),
      clock_(clock),
      run_(std::move(run)),
      ended_(std::move(ended)),
      look_every_ms_(look_every_ms),
      state_(state) {}

UpSync::~UpSync() { stop(); }

void UpSync::start() {
  const std::lock_guard lock(mutex_);
  CHECK(!thread_.joinable() && !stopping_);
  plan();
  thread_ = std::thread([this] { loop(); });
}

void UpSync::stop() {
  std::thread ending;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !in_work_; });
    ending = std::move(thread_);
  }
  if (ending.joinable()) ending.join();
}

void UpSync::request() {
  const std::lock_guard lock(mutex_);
  requested_ = true;
  changed_.notify_all();
}

UpSyncState UpSync::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool UpSync::in_work() const {
  const std::lock_guard lock(mutex_);
  return in_work_;
}

std::optional<SyncProgress> UpSync::running() {
  const std::lock_guard lock(mutex_);
  return in_work_ ? std::optional<SyncProgress>(progress_) : std::nullopt;
}

std::optional<TimeMs> UpSync::next() const {
  const std::lock_guard lock(mutex_);
  return next_;
}

/// Under the lock.
void UpSync::plan() {
  const TimeMs now = clock_.now();
  next_ = next_run(now, settings_, device_, state_);
  if (next_) next_steady_ms_ = clock_.steady_ms() + (next_->value - now.value);
}

/// Under the lock: is it time? Waits a while where it is not.
bool UpSync::due(std::unique_lock<std::mutex>& lock) {
  if (requested_ && !in_work_) return true;
  if (next_ && !in_work_) {
    const std::int64_t left_steady = next_steady_ms_ - clock_.steady_ms();
    if (left_steady <= 0) return true;
    const std::int64_t parted = (next_->value - clock_.now().value) - left_steady;
    if (parted > kJumpMs || parted < -kJumpMs) plan();  // the wall clock was put right
  }
  changed_.wait_for(lock, std::chrono::milliseconds(look_every_ms_));
  return false;
}

void UpSync::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    bool well = false;
    try {
      if (!due(lock)) continue;
      requested_ = false;
      lock.unlock();
      well = sync_now({}).ok();  // the result went to `ended_`
    } catch (const std::exception&) {
      // Memory ran out, say: nobody is there to be told. The thread goes on.
    }
    if (!lock.owns_lock()) lock.lock();
    if (well) continue;
    // Where it failed before it could plan anew, it would be due again at once.
    changed_.wait_for(lock, std::chrono::milliseconds(look_every_ms_),
                      [this] { return stopping_ || requested_; });
  }
}

Result<SyncSummary> UpSync::run(const Progress& progress) {
  try {
    return run_([&](const SyncProgress& now) {
      {
        const std::lock_guard lock(mutex_);
        progress_ = now;
      }
      if (progress) progress(now);
    });
  } catch (const std::exception&) {
    return Error(ErrorCode::system_internal, {{"why", "exception"}});
  }
}

Result<SyncSummary> UpSync::sync_now(const Progress& progress) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Error(ErrorCode::system_cancelled);
    if (in_work_) return Error(ErrorCode::sync_running);
    in_work_ = true;
    progress_ = {};
  }
  /// Whichever way this sync ends, the next one may begin, and stop() waits no longer.
  struct Ending {
    explicit Ending(UpSync& s) : sync(s) {}
    ~Ending() {
      const std::lock_guard lock(sync.mutex_);
      sync.in_work_ = false;
      sync.changed_.notify_all();
    }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    UpSync& sync;
  };
  const Ending ending(*this);
  try {
    return run_and_tell(progress);
  } catch (const std::exception&) {
    return Error(ErrorCode::system_internal, {{"why", "exception"}});
  }
}

Result<SyncSummary> UpSync::run_and_tell(const Progress& progress) {
  Result<SyncSummary> result = run(progress);
  UpSyncState state;
  {
    const std::lock_guard lock(mutex_);
    state_ = result.ok() ? after_success(clock_.now())
                         : after_failure(state_, clock_.now(), retry_after_of(result.error()));
    plan();
    state = state_;
  }
  if (ended_) ended_(state, result);
  return result;
}

}  // namespace lalanh::server
