#include "server/http/timed_socket.h"

#include <algorithm>
#include <array>
#include <sys/socket.h>

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>

#include "server/http/tls_session.h"

namespace lalanh::server {
namespace {

using Poco::Net::Socket;

/// A stop is noticed within this time by whoever waits.
constexpr std::int64_t kSliceMs = 100;
constexpr std::size_t kReadBytes = 16 * 1'024;
constexpr std::size_t kWriteBytes = 64 * 1'024;

}  // namespace

TimedSocket::TimedSocket(Poco::Net::StreamSocket& socket, Clock& clock, const StopState& stop)
    : socket_(socket), clock_(clock), stop_(stop) {
  socket_.setBlocking(false);
}

TimedSocket::~TimedSocket() = default;

Io TimedSocket::wait(int mode, std::int64_t deadline_ms, bool idle) {
  while (true) {
    const bool stopping = stop_.stopping();
    const std::int64_t now = now_ms();
    const std::int64_t until = stopping ? std::min(deadline_ms, stop_.until_ms()) : deadline_ms;
    if (stopping && now >= stop_.until_ms()) return Io::kStopped;
    if (now >= until) return Io::kTimeout;
    // What is there already is taken even from an idle client: it gets its 503.
    const std::int64_t slice = stopping && idle ? 0 : std::min(until - now, kSliceMs);
    if (socket_.poll(Poco::Timespan(slice * Poco::Timespan::MILLISECONDS), mode)) return Io::kDone;
    if (stopping && idle) return Io::kStopped;
  }
}

Handshake TimedSocket::shake_hands(ssl_ctx_st& context, std::int64_t deadline_ms) {
  tls_ = std::make_unique<TlsSession>(context);
  Patience patience = fixed(deadline_ms);
  bool heard = false;
  while (true) {
    const TlsSession::Step step = tls_->shake_hands();
    const Io sent = send_waiting(patience);
    if (step == TlsSession::Step::kDone && sent == Io::kDone) return Handshake::kDone;
    if (step == TlsSession::Step::kBroken || step == TlsSession::Step::kClosed) {
      return tls_->not_tls() ? Handshake::kNotTls : Handshake::kRefused;
    }
    Bytes wire;
    const Io got = sent == Io::kDone ? receive(wire, kReadBytes, deadline_ms, true) : sent;
    if (got == Io::kTimeout) return Handshake::kTimeout;
    if (got == Io::kStopped) return Handshake::kStopped;
    if (got == Io::kClosed) return heard ? Handshake::kClosed : Handshake::kSilent;
    heard = true;
    tls_->take_in(wire);
  }
}

Io TimedSocket::wait_readable(std::int64_t deadline_ms, bool idle) {
  if (tls_ && tls_->holds_more()) return Io::kDone;
  try {
    return wait(Socket::SELECT_READ, deadline_ms, idle);
  } catch (const Poco::Exception&) {
    return Io::kClosed;
  }
}

/// Bytes as they are on the wire.
Io TimedSocket::receive(Bytes& into, std::size_t max, std::int64_t deadline_ms, bool idle) {
  std::array<std::uint8_t, kReadBytes> chunk{};
  const auto wanted = static_cast<int>(std::min(max, chunk.size()));
  try {
    while (true) {
      const Io ready = wait(Socket::SELECT_READ, deadline_ms, idle);
      if (ready != Io::kDone) return ready;
      const int got = socket_.receiveBytes(chunk.data(), wanted);
      if (got == 0) return Io::kClosed;
      if (got < 0) continue;  // not there after all
      append(into, ByteView(chunk.data(), static_cast<std::size_t>(got)));
      return Io::kDone;
    }
  } catch (const Poco::Exception&) {
    return Io::kClosed;  // reset by the peer
  }
}

Io TimedSocket::read_some(Bytes& into, std::size_t max, std::int64_t deadline_ms) {
  if (!tls_) return receive(into, max, deadline_ms, false);
  while (true) {
    const TlsSession::Step step = tls_->read(into, max);
    // An answer to what is no data: a peer that asks for new keys, an alert.
    Patience patience = fixed(deadline_ms);
    const Io said = send_waiting(patience);
    if (step == TlsSession::Step::kDone) return Io::kDone;
    if (said != Io::kDone) return said;
    if (step != TlsSession::Step::kMore) return Io::kClosed;
    Bytes wire;
    const Io got = receive(wire, kReadBytes, deadline_ms, false);
    if (got != Io::kDone) return got;
    tls_->take_in(wire);
  }
}

Io TimedSocket::send(std::string_view bytes, Patience& patience) {
  try {
    while (!bytes.empty()) {
      const Io ready = wait(Socket::SELECT_WRITE, patience.deadline_ms(), false);
      if (ready != Io::kDone) return ready;
      const auto offered = static_cast<int>(std::min(bytes.size(), kWriteBytes));
      const int taken = socket_.sendBytes(bytes.data(), offered, MSG_NOSIGNAL);
      if (taken <= 0) continue;  // not free after all
      bytes.remove_prefix(static_cast<std::size_t>(taken));
      patience.earned(now_ms(), static_cast<std::size_t>(taken));
    }
    return Io::kDone;
  } catch (const Poco::Exception&) {
    return Io::kClosed;
  }
}

/// Until the deadline and no longer: bytes earn nothing.
Patience TimedSocket::fixed(std::int64_t deadline_ms) {
  const std::int64_t now = now_ms();
  return {now, deadline_ms - now, std::numeric_limits<std::int64_t>::max()};
}

/// What TLS has to say.
Io TimedSocket::send_waiting(Patience& patience) {
  const Bytes wire = tls_->take_out();
  return send(as_text(wire), patience);
}

Io TimedSocket::write_all(std::string_view bytes, Patience patience) {
  if (!tls_) return send(bytes, patience);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kWriteBytes);
    bytes.remove_prefix(piece.size());
    if (tls_->write(piece) != TlsSession::Step::kDone) return Io::kClosed;
    const Io sent = send_waiting(patience);
    if (sent != Io::kDone) return sent;
  }
  return Io::kDone;
}

void TimedSocket::linger(std::int64_t for_ms, std::size_t bytes_max) {
  try {
    if (tls_) {
      tls_->end();
      Patience at_once(now_ms(), kSliceMs, 1);
      (void)send_waiting(at_once);
    }
    socket_.shutdownSend();
  } catch (const Poco::Exception&) {
    return;  // the peer is gone already
  }
  const std::int64_t deadline = now_ms() + for_ms;
  std::size_t dropped = 0;
  Bytes waste;
  while (dropped < bytes_max && !stop_.stopping()) {
    waste.clear();
    if (receive(waste, bytes_max - dropped, deadline, false) != Io::kDone) return;
    dropped += waste.size();
  }
}

}  // namespace lalanh::server
