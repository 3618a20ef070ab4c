#include "sync/link/tcp_socket.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>

namespace lalanh::sync {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// How often a waiting call looks at the clock and asks whether to stop.
constexpr std::int64_t kLookMs = 100;
/// Addresses of one name that are tried: two networks with IPv4 and IPv6.
constexpr std::size_t kAddressesMax = 4;

/// The answer of a name server, shared with the thread that asks it.
struct Lookup {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  boost::system::error_code code;
  std::vector<tcp::endpoint> found;
};

/// The system's resolver cannot be given a deadline, so it runs in a thread that is left behind
/// when it takes too long; it owns all that it touches.
void look_up(const std::shared_ptr<Lookup>& lookup, const std::string& host,
             const std::string& port) {
  asio::io_context context;
  tcp::resolver resolver(context);
  boost::system::error_code code;
  const auto results = resolver.resolve(host, port, code);
  const std::lock_guard<std::mutex> guard(lookup->mutex);
  lookup->code = code;
  if (!code) {
    for (const auto& result : results) {
      if (lookup->found.size() < kAddressesMax) lookup->found.push_back(result.endpoint());
    }
  }
  lookup->done = true;
  lookup->changed.notify_all();
}

}  // namespace

std::string TcpSocket::in_words(const boost::system::error_code& code) {
  if (code == asio::error::connection_refused) return "nothing listens there";
  if (code == asio::error::host_not_found) return "no such name";
  if (code == asio::error::network_unreachable || code == asio::error::host_unreachable) {
    return "no way to that network";
  }
  if (code == asio::error::connection_reset || code == asio::error::broken_pipe ||
      code == asio::error::connection_aborted || code == asio::error::eof) {
    return "closed by the other side";
  }
  if (code.category() == asio::error::get_ssl_category()) return "bytes were changed on the way";
  return code.message();
}

bool TcpSocket::is_end(const boost::system::error_code& code) {
  return code == asio::error::eof || code == asio::ssl::error::stream_truncated;
}

TcpSocket::TcpSocket(HostPort address, Clock& clock, std::function<bool()> stopped)
    : address_(std::move(address)),
      clock_(clock),
      stopped_(std::move(stopped)),
      socket_(context_) {}

Status TcpSocket::connect(std::int64_t until_ms) {
  close();
  Endpoints endpoints;
  TRY(resolve(until_ms, endpoints));
  Status last = unreachable("no such name");
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    // The rest of the time is shared among the addresses that are left.
    const auto left = static_cast<std::int64_t>(endpoints.size() - i);
    const std::int64_t now = clock_.steady_ms();
    last = connect_to(endpoints[i], now + (until_ms - now) / left);
    if (last.ok() || last.error().code == ErrorCode::system_cancelled) return last;
  }
  return last;
}

bool TcpSocket::usable() {
  if (!socket_.is_open()) return false;
  std::uint8_t byte = 0;
  boost::system::error_code code;
  socket_.read_some(asio::buffer(&byte, 1), code);
  return code == asio::error::would_block;
}

void TcpSocket::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

Error TcpSocket::unreachable(std::string why) const {
  return {ErrorCode::sync_unreachable, {{"address", to_text(address_)}, {"why", std::move(why)}}};
}

Status TcpSocket::resolve(std::int64_t until_ms, Endpoints& out) {
  boost::system::error_code code;
  const auto number = asio::ip::make_address(address_.host, code);
  if (!code) {
    out.emplace_back(number, address_.port);
    return {};
  }
  const auto lookup = std::make_shared<Lookup>();
  std::thread(look_up, lookup, address_.host, std::to_string(address_.port)).detach();
  std::unique_lock<std::mutex> guard(lookup->mutex);
  while (!lookup->done) {
    if (stopped()) return Error{ErrorCode::system_cancelled};
    if (clock_.steady_ms() >= until_ms) return unreachable("the name server does not answer");
    lookup->changed.wait_for(guard, std::chrono::milliseconds(kLookMs));
  }
  if (lookup->code) return unreachable(in_words(lookup->code));
  out = lookup->found;
  return {};
}

Status TcpSocket::connect_to(const tcp::endpoint& endpoint, std::int64_t until_ms) {
  std::optional<boost::system::error_code> result;
  socket_.async_connect(endpoint, [&](boost::system::error_code code) { result = code; });
  TRY(run(
      until_ms, [&] { return result.has_value(); }, unreachable("no answer in time")));
  boost::system::error_code code = *result;
  if (!code) socket_.set_option(tcp::no_delay(true), code);
  if (!code) socket_.non_blocking(true, code);
  if (!code) return {};
  close();
  return unreachable(in_words(code));
}

Status TcpSocket::run(std::int64_t until_ms, const std::function<bool()>& done, const Error& late) {
  context_.restart();
  while (!done()) {
    const std::int64_t left = until_ms - clock_.steady_ms();
    const bool stop = stopped();
    if (stop || left <= 0) {
      // What is ready by now still counts.
      context_.poll();
      if (done() && !stop) return {};
      close();
      context_.restart();
      context_.run();
      return stop ? Error{ErrorCode::system_cancelled} : late;
    }
    context_.run_for(std::chrono::milliseconds((std::min)(left, kLookMs)));
  }
  return {};
}

}  // namespace lalanh::sync
