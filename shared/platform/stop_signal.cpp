#include "shared/platform/stop_signal.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "shared/base/check.h"
#include "shared/platform/os.h"

namespace lalanh {
namespace {

std::atomic<bool> g_taken{false};

}  // namespace

struct StopSignal::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool requested = false;
  std::vector<std::function<void()>> callbacks;
};

StopSignal::StopSignal() : state_(std::make_unique<State>()) {
  CHECK(!g_taken.exchange(true));
  CHECK(os::watch_stop([this] { request(); }));
}

StopSignal::~StopSignal() {
  os::unwatch_stop();
  g_taken = false;
}

bool StopSignal::requested() const {
  const std::lock_guard<std::mutex> guard(state_->mutex);
  return state_->requested;
}

void StopSignal::request() {
  std::vector<std::function<void()>> callbacks;
  {
    const std::lock_guard<std::mutex> guard(state_->mutex);
    state_->requested = true;
    callbacks.swap(state_->callbacks);
  }
  state_->changed.notify_all();
  // Outside the lock: a callback may ask requested().
  for (const auto& callback : callbacks) callback();
}

bool StopSignal::wait_for(std::int64_t timeout_ms) {
  std::unique_lock<std::mutex> guard(state_->mutex);
  return state_->changed.wait_for(guard, std::chrono::milliseconds(timeout_ms),
                                  [this] { return state_->requested; });
}

void StopSignal::wait() {
  std::unique_lock<std::mutex> guard(state_->mutex);
  state_->changed.wait(guard, [this] { return state_->requested; });
}

void StopSignal::on_stop(std::function<void()> callback) {
  {
    const std::lock_guard<std::mutex> guard(state_->mutex);
    if (!state_->requested) {
      state_->callbacks.push_back(std::move(callback));
      return;
    }
  }
  callback();
}

}  // namespace lalanh
