#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace lalanh {

/// Turns "please stop" (SIGINT, SIGTERM; on Windows Ctrl-C, Ctrl-Break, closing the console,
/// logging off, shutting down) into something that can be asked, waited for or told.
///
/// One at a time in a process (a second one is a CHECK). While it lives the signals no longer end
/// the program; the second SIGINT or SIGTERM does, so that a user is never locked in. Thread-safe.
class StopSignal {
 public:
  StopSignal();
  /// Gives the signals back to whoever had them. Waits for a callback that is running.
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// Has a stop been asked for?
  bool requested() const;
  /// As if a signal had come: a stop asked for by other means.
  void request();
  /// Waits until a stop is asked for; true when it was, false after `timeout_ms`.
  bool wait_for(std::int64_t timeout_ms);
  void wait();
  /// Calls `callback` once when a stop is asked for: in a thread of this object, or in the one that
  /// calls request(); at once where it was already. It must be short and must not throw, and must
  /// not destroy this object.
  void on_stop(std::function<void()> callback);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lalanh
