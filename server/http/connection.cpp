#include "server/http/connection.h"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include "shared/base/limits.h"

namespace lalanh::server {
namespace {

/// After a refusal: so long and so much of the rest of a request is taken, so that the client can
/// read why. A whole push fits.
constexpr std::int64_t kLingerMs = 1'000;
constexpr std::size_t kLingerBytesMax = 2 * limits::kSyncBodyBytesMax;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kPush = "/s/push";

bool loopback_peer(const Poco::Net::StreamSocket& socket) {
  try {
    return socket.peerAddress().host().isLoopback();
  } catch (const Poco::Exception&) {
    return false;  // gone already
  }
}

}  // namespace

Connection::Connection(Shared& shared, Poco::Net::StreamSocket& socket)
    : shared_(shared),
      io_(socket, shared.clock, shared.stop),
      peer_is_loopback_(loopback_peer(socket)) {}

/// False where the connection is at its end.
bool Connection::shake_hands() {
  const auto& tls = shared_.options.tls;
  if (!tls) return true;
  const HttpOptions& options = shared_.options;
  const std::int64_t now = io_.now_ms();
  Handshake how = Handshake::kTimeout;
  // Who has said nothing yet is let go long before one whose link is slow.
  switch (io_.wait_readable(now + std::min(options.first_byte_ms, options.handshake_deadline_ms),
                            true)) {
    case Io::kTimeout: break;
    case Io::kStopped: how = Handshake::kStopped; break;
    default: how = io_.shake_hands(*tls, now + options.handshake_deadline_ms);
  }
  shared_.metrics.count_handshake(how);
  return how == Handshake::kDone;
}

void Connection::serve() {
  if (!shake_hands()) return;
  for (int left = shared_.options.keep_alive_requests_max; left > 0; --left) {
    const bool first = left == shared_.options.keep_alive_requests_max;
    std::int64_t deadline_ms = 0;
    if (!wait_for_request(first, deadline_ms) || !one_request(deadline_ms, left == 1)) return;
  }
}

bool Connection::wait_for_request(bool first, std::int64_t& deadline_ms) {
  const HttpOptions& options = shared_.options;
  const int silent_ms = options.tls ? options.head_deadline_ms : options.first_byte_ms;
  const std::int64_t wait_ms =
      first ? std::min(options.head_deadline_ms, silent_ms) : options.keep_alive_ms;
  const std::int64_t now = io_.now_ms();
  deadline_ms = now + options.head_deadline_ms;
  if (!ahead_.empty()) return true;
  if (io_.wait_readable(now + wait_ms, true) != Io::kDone) return false;
  if (!first) deadline_ms = io_.now_ms() + options.head_deadline_ms;
  return true;
}

std::optional<Bytes> Connection::read_head(Turn& turn, std::int64_t deadline_ms) {
  const auto refuse = [&](const Error& error, int status) {
    turn.bytes_in = ahead_.size();
    turn.rest = kLingerBytesMax;
    (void)send(turn, api_error(error, status));
  };
  std::size_t looked = 0;
  while (true) {
    const std::size_t end = as_text(ahead_).find(kHeadEnd, looked);
    if (end != std::string_view::npos && end <= limits::kHttpHeaderBytesMax) {
      const auto stop = ahead_.begin() + static_cast<std::ptrdiff_t>(end + kHeadEnd.size());
      Bytes head(ahead_.begin(), stop);
      ahead_.erase(ahead_.begin(), stop);
      return head;
    }
    if (ahead_.size() > limits::kHttpHeaderBytesMax) {
      refuse(
          Error(ErrorCode::http_too_large, {{"max", std::to_string(limits::kHttpHeaderBytesMax)}}),
          431);
      return std::nullopt;
    }
    looked = ahead_.size() < kHeadEnd.size() ? 0 : ahead_.size() - (kHeadEnd.size() - 1);
    const Io io = io_.read_some(ahead_, limits::kHttpHeaderBytesMax, deadline_ms);
    if (io == Io::kDone) continue;
    if (io == Io::kTimeout && !ahead_.empty()) refuse(Error(ErrorCode::http_timeout), 408);
    return std::nullopt;  // gone, silent, or the server ends
  }
}

bool Connection::one_request(std::int64_t head_deadline_ms, bool last) {
  Turn turn;
  turn.started_ms = io_.now_ms();
  const std::optional<Bytes> bytes = read_head(turn, head_deadline_ms);
  if (!bytes) return false;
  turn.started_ms = io_.now_ms();
  turn.bytes_in = bytes->size();
  Result<RequestHead> head = parse_request_head(as_text(*bytes));
  if (!head.ok()) return refuse(turn, api_error(head.error(), 400));
  turn.head = std::move(head).value();
  turn.route = route_of(turn.head);
  turn.close = last || !turn.head.keep_alive();

  std::size_t length = 0;
  if (auto reply = refusal(shared_, turn.route, turn.head, peer_is_loopback_, length)) {
    return refuse(turn, *reply);
  }
  if (turn.route.kind != RouteKind::kSync || sync_may_begin(shared_)) {
    return serve_body(turn, length);
  }
  shared_.metrics.count_busy();
  return refuse(turn, sync_error(busy_error(shared_), 503));
}

bool Connection::refuse(Turn& turn, const Reply& reply) {
  const auto length = content_length(turn.head);
  const bool bodyless = turn.head.method == "GET" || turn.head.method == "HEAD";
  const bool known =
      length.ok() && (length->has_value() || (bodyless && !turn.head.has("transfer-encoding")));
  const std::uint64_t announced = known ? length->value_or(0) : kLingerBytesMax;
  const std::uint64_t rest = announced - std::min<std::uint64_t>(announced, ahead_.size());
  turn.rest = static_cast<std::size_t>(std::min<std::uint64_t>(rest, kLingerBytesMax));
  if (!known || announced > 0) turn.close = true;
  return send(turn, reply);
}

Io Connection::read_body(Turn& turn, std::size_t length, Bytes& body) {
  const bool sync = turn.route.kind == RouteKind::kSync;
  const HttpOptions& options = shared_.options;
  Patience patience(io_.now_ms(),
                    sync ? options.sync_body_deadline_ms : options.api_body_deadline_ms,
                    options.bytes_per_s_min);
  const auto here = static_cast<std::ptrdiff_t>(std::min(length, ahead_.size()));
  body.assign(ahead_.begin(), ahead_.begin() + here);
  ahead_.erase(ahead_.begin(), ahead_.begin() + here);
  Io io = Io::kDone;
  if (body.size() < length && turn.head.field("expect") == "100-continue") {
    io = io_.write_all("HTTP/1.1 100 Continue\r\n\r\n", patience);
  }
  while (io == Io::kDone && body.size() < length) {
    const std::size_t before = body.size();
    io = io_.read_some(body, length - before, patience.deadline_ms());
    patience.earned(io_.now_ms(), body.size() - before);
  }
  turn.bytes_in += body.size();
  turn.rest = length - body.size();
  return io;
}

bool Connection::serve_body(Turn& turn, std::size_t length) {
  Bytes body;
  const Io io = read_body(turn, length, body);
  if (io != Io::kDone) return serve_cut(turn, io, body);
  return send(turn, answer_body(turn, body));
}

Reply Connection::answer_body(const Turn& turn, ByteView body) {
  if (turn.route.kind != RouteKind::kSync) {
    return answer(shared_, turn.route, turn.head, body, true);
  }
  const SyncPlace place(shared_);
  if (place.granted()) return answer(shared_, turn.route, turn.head, body, true);
  shared_.metrics.count_busy();
  return sync_error(busy_error(shared_), 503);
}

bool Connection::serve_cut(Turn& turn, Io how, ByteView body) {
  if (how == Io::kStopped) shared_.cut_off.store(true);
  // What arrived of a push is kept by the handler; its reply is of no use to anyone, the client
  // learns what was kept when it opens again. Where all places are taken, nothing is.
  if (turn.route.path == kPush && !body.empty()) {
    const SyncPlace place(shared_);
    if (place.granted()) (void)answer(shared_, turn.route, turn.head, body, false);
  }
  const bool slow = how == Io::kTimeout;
  const Error error = slow ? Error(ErrorCode::http_timeout)
                           : Error(ErrorCode::http_malformed, {{"why", "the body is cut short"}});
  turn.close = true;
  return send(turn, error_of(turn.route, error, slow ? 408 : 400));
}

/// False where the connection is at its end.
bool Connection::send(const Turn& turn, const Reply& reply) {
  const bool close = turn.close || shared_.stop.stopping();
  const std::string bytes = render(reply, close, turn.head.method != "HEAD");
  const Patience patience(io_.now_ms(), shared_.options.reply_deadline_ms,
                          shared_.options.bytes_per_s_min);
  const Io io = io_.write_all(bytes, patience);
  if (io == Io::kStopped) shared_.cut_off.store(true);
  const bool sent = io == Io::kDone;
  note(turn, sent ? reply.status : 0, sent ? bytes.size() : 0);
  if (sent && close && turn.rest > 0) io_.linger(kLingerMs, turn.rest);
  return sent && !close;
}

void Connection::note(const Turn& turn, int status, std::size_t bytes_out) {
  RequestNote note;
  note.route = turn.route.label;
  note.status = status;
  note.bytes_in = turn.bytes_in;
  note.bytes_out = bytes_out;
  note.ms = io_.now_ms() - turn.started_ms;
  shared_.metrics.count(note);
  if (turn.route.kind == RouteKind::kHealth || turn.route.kind == RouteKind::kMetrics) return;
  shared_.log.write(status == 0 || status >= 500 ? LogLevel::kWarning : LogLevel::kInfo, "request",
                    {{"path", std::string_view(turn.route.path)},
                     {"status", std::int64_t{status}},
                     {"ms", note.ms},
                     {"bytes_in", static_cast<std::int64_t>(note.bytes_in)},
                     {"bytes_out", static_cast<std::int64_t>(note.bytes_out)}});
}

}  // namespace lalanh::server
