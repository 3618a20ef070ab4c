#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "sync/link/byte_stream.h"

namespace lalanh::sync {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

/// How often a waiting call looks at the clock and asks whether to stop.
constexpr std::int64_t kLookMs = 100;
/// Addresses of one name that are tried: two networks with IPv4 and IPv6.
constexpr std::size_t kAddressesMax = 4;

std::string in_words(const boost::system::error_code& code) {
  if (code == asio::error::connection_refused) return "nothing listens there";
  if (code == asio::error::host_not_found) return "no such name";
  if (code == asio::error::network_unreachable || code == asio::error::host_unreachable) {
    return "no way to that network";
  }
  if (code == asio::error::connection_reset || code == asio::error::broken_pipe ||
      code == asio::error::connection_aborted || code == asio::error::eof) {
    return "closed by the other side";
  }
  return code.message();
}

/// The answer of a name server, shared with the thread that asks it.
struct Lookup {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  boost::system::error_code code;
  Endpoints found;
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

class PlainStream final : public ByteStream {
 public:
  PlainStream(HostPort address, Clock& clock, std::function<bool()> stopped)
      : address_(std::move(address)),
        clock_(clock),
        stopped_(std::move(stopped)),
        socket_(context_) {}

  Status connect(std::int64_t until_ms) override {
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

  bool usable() override {
    if (!socket_.is_open()) return false;
    std::uint8_t byte = 0;
    boost::system::error_code code;
    socket_.read_some(asio::buffer(&byte, 1), code);
    return code == asio::error::would_block;
  }

  Result<std::size_t> write_some(ByteView bytes, std::int64_t until_ms) override {
    return transfer(until_ms, [&](auto done) {
      socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()), std::move(done));
    });
  }

  Result<std::size_t> read_some(std::span<std::uint8_t> out, std::int64_t until_ms) override {
    return transfer(until_ms, [&](auto done) {
      socket_.async_read_some(asio::buffer(out.data(), out.size()), std::move(done));
    });
  }

  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  Error unreachable(std::string why) const {
    return {ErrorCode::sync_unreachable, {{"address", to_text(address_)}, {"why", std::move(why)}}};
  }
  bool stopped() const { return stopped_ && stopped_(); }

  Status resolve(std::int64_t until_ms, Endpoints& out) {
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

  Status connect_to(const tcp::endpoint& endpoint, std::int64_t until_ms) {
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

  template <class Start>
  Result<std::size_t> transfer(std::int64_t until_ms, Start start) {
    std::optional<boost::system::error_code> result;
    std::size_t moved = 0;
    start([&](boost::system::error_code code, std::size_t n) {
      result = code;
      moved = n;
    });
    TRY(run(
        until_ms, [&] { return result.has_value(); },
        Error{ErrorCode::sync_cut, {{"why", "no answer in time"}}}));
    if (!*result || moved > 0) return moved;
    close();
    if (*result == asio::error::eof) return std::size_t{0};
    return Error{ErrorCode::sync_cut, {{"why", in_words(*result)}}};
  }

  /// Runs the one operation that was started until `done`. On a stop or when it is late, the
  /// socket is closed and the operation's handler has run when this returns.
  template <class Done>
  Status run(std::int64_t until_ms, Done done, const Error& late) {
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

  const HostPort address_;
  Clock& clock_;
  const std::function<bool()> stopped_;
  asio::io_context context_{1};
  tcp::socket socket_;
};

}  // namespace

std::unique_ptr<ByteStream> make_plain_stream(HostPort address, Clock& clock,
                                              std::function<bool()> stopped) {
  return std::make_unique<PlainStream>(std::move(address), clock, std::move(stopped));
}

}  // namespace lalanh::sync
