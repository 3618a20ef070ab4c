#include "server/http/timed_socket.h"

#include <algorithm>
#include <array>
#include <sys/socket.h>

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>

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

Io TimedSocket::wait_readable(std::int64_t deadline_ms, bool idle) {
  try {
    return wait(Socket::SELECT_READ, deadline_ms, idle);
  } catch (const Poco::Exception&) {
    return Io::kClosed;
  }
}

Io TimedSocket::read_some(Bytes& into, std::size_t max, std::int64_t deadline_ms) {
  std::array<std::uint8_t, kReadBytes> chunk{};
  const auto wanted = static_cast<int>(std::min(max, chunk.size()));
  try {
    while (true) {
      const Io ready = wait(Socket::SELECT_READ, deadline_ms, false);
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

Io TimedSocket::write_all(std::string_view bytes, Patience patience) {
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

void TimedSocket::linger(std::int64_t for_ms, std::size_t bytes_max) {
  try {
    socket_.shutdownSend();
  } catch (const Poco::Exception&) {
    return;  // the peer is gone already
  }
  const std::int64_t deadline = now_ms() + for_ms;
  std::size_t dropped = 0;
  Bytes waste;
  while (dropped < bytes_max && !stop_.stopping()) {
    waste.clear();
    if (read_some(waste, bytes_max - dropped, deadline) != Io::kDone) return;
    dropped += waste.size();
  }
}

}  // namespace lalanh::server
