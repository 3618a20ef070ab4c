#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "sync/link/byte_stream.h"

/// Inside sync/link: what the kinds of ByteStream share.
namespace lalanh::sync {

/// A TCP connection whose every operation ends by itself, at its deadline or after a stop. Not
/// thread-safe; operations run in the caller's thread, one at a time.
class TcpSocket {
 public:
  /// As make_plain_stream.
  TcpSocket(HostPort address, Clock& clock, std::function<bool()> stopped);

  boost::asio::ip::tcp::socket& socket() { return socket_; }
  Status connect(std::int64_t until_ms);
  /// As ByteStream::usable; what it finds unread is lost, and the connection with it.
  bool usable();
  void close();
  /// sync.unreachable with the address.
  Error unreachable(std::string why) const;

  /// Starts an operation, which calls what it is given with its error code and the bytes moved,
  /// and runs it to its end. 0 bytes without an error, or an end (`is_end`): 0. sync.cut with why.
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
    if (is_end(*result)) return std::size_t{0};
    return Error{ErrorCode::sync_cut, {{"why", in_words(*result)}}};
  }

  /// Runs the one operation that was started until `done`. On a stop or when it is late, the
  /// socket is closed and the operation's handler has run when this returns: system.cancelled, or
  /// `late`.
  Status run(std::int64_t until_ms, const std::function<bool()>& done, const Error& late);

  /// Did the other side end the connection in good order, TLS's own end aside?
  static bool is_end(const boost::system::error_code& code);
  static std::string in_words(const boost::system::error_code& code);

 private:
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
  bool stopped() const { return stopped_ && stopped_(); }
  Status resolve(std::int64_t until_ms, Endpoints& out);
  Status connect_to(const boost::asio::ip::tcp::endpoint& endpoint, std::int64_t until_ms);

  const HostPort address_;
  Clock& clock_;
  const std::function<bool()> stopped_;
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::socket socket_;
};

}  // namespace lalanh::sync
