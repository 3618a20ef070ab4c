#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/ports.h"

namespace Poco::Net {
class StreamSocket;
}
struct ssl_ctx_st;

namespace lalanh::server {

class TlsSession;

/// Told once to a whole server: "finish what you have, until then". Thread-safe.
class StopState {
 public:
  /// `until_ms` on the steady clock: after it nothing is read or written any more.
  void stop(std::int64_t until_ms) {
    until_ms_.store(until_ms);
    stopping_.store(true);
  }
  bool stopping() const { return stopping_.load(); }
  std::int64_t until_ms() const { return until_ms_.load(); }

 private:
  std::atomic<bool> stopping_{false};
  std::atomic<std::int64_t> until_ms_{std::numeric_limits<std::int64_t>::max()};
};

enum class Io : std::uint8_t {
  kDone,
  kClosed,   ///< the peer has ended, or broke, the connection
  kTimeout,  ///< the deadline passed
  kStopped,  ///< the server stops (its drain deadline passed, or the wait was an idle one)
};

/// How long a peer is waited for. It earns time with each byte, at the rate that we ask of it at
/// least, but never has more than the whole patience ahead: so a slow link is served to the end,
/// and neither one byte a second nor a quick beginning before it holds a thread.
class Patience {
 public:
  Patience(std::int64_t now_ms, std::int64_t patience_ms, std::int64_t bytes_per_s_min)
      : deadline_ms_(now_ms + patience_ms), whole_ms_(patience_ms), rate_(bytes_per_s_min) {}

  std::int64_t deadline_ms() const { return deadline_ms_; }
  void earned(std::int64_t now_ms, std::size_t bytes) {
    const std::int64_t more_ms = static_cast<std::int64_t>(bytes) * 1'000 / rate_;
    deadline_ms_ = std::min(deadline_ms_ + more_ms, now_ms + whole_ms_);
  }

 private:
  std::int64_t deadline_ms_;
  std::int64_t whole_ms_;
  std::int64_t rate_;
};

/// How a TLS handshake ended.
enum class Handshake : std::uint8_t {
  kDone,
  kSilent,   ///< the peer ended without a single byte: somebody looked whether we listen
  kTimeout,  ///< not done by its deadline
  kNotTls,   ///< the peer speaks something else, such as plain HTTP
  kRefused,  ///< no version or suite that both speak, or the peer found us to be the wrong server
  kClosed,   ///< the peer ended it in the middle
  kStopped,
};

/// One connection with deadlines for whole operations. Poco's timeouts are for each recv or send,
/// so that a peer with one byte a second may hold a thread for ever; and its streams hide them.
/// Used by one thread. Does not own the socket, which it makes non-blocking.
class TimedSocket {
 public:
  TimedSocket(Poco::Net::StreamSocket& socket, Clock& clock, const StopState& stop);
  ~TimedSocket();
  TimedSocket(const TimedSocket&) = delete;
  TimedSocket& operator=(const TimedSocket&) = delete;

  /// Before anything else, where the connection is to be TLS: the whole handshake, within the
  /// deadline. A stopping server ends it at once. Bytes below are then those within TLS.
  Handshake shake_hands(ssl_ctx_st& context, std::int64_t deadline_ms);
  std::int64_t now_ms() { return clock_.steady_ms(); }

  /// Waits until something can be read. `idle`: a stopping server ends the wait at once.
  Io wait_readable(std::int64_t deadline_ms, bool idle);
  /// Appends what is there, at least one byte and at most `max`, once something is.
  Io read_some(Bytes& into, std::size_t max, std::int64_t deadline_ms);
  /// All of `bytes`, or not kDone.
  Io write_all(std::string_view bytes, Patience patience);
  /// Ends our half, then takes what the peer still sends, within both limits, and drops it: closing
  /// with unread bytes resets the connection, and the peer may lose the reply.
  void linger(std::int64_t for_ms, std::size_t bytes_max);

 private:
  Io wait(int mode, std::int64_t deadline_ms, bool idle);
  Io receive(Bytes& into, std::size_t max, std::int64_t deadline_ms, bool idle);
  Io send(std::string_view bytes, Patience& patience);
  Io send_waiting(Patience& patience);
  Patience fixed(std::int64_t deadline_ms);

  Poco::Net::StreamSocket& socket_;
  Clock& clock_;
  const StopState& stop_;
  std::unique_ptr<TlsSession> tls_;  ///< none: plain
};

}  // namespace lalanh::server
